using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// Every tenant's alerts and incidents, each the JSON exactly as it was put in, with the columns that the planes filter and sort by.
/// Versions that are not visible yet wait in a table of their own until the virtual clock has passed their time. Thread safe: one
/// writer, many readers.
/// </summary>
internal sealed partial class AlertShelf : IDisposable
{
    private readonly TwinStore _store;
    private readonly TimeProvider _clock;
    private readonly Lock _writing = new();
    private readonly ShelfConnection _writer;
    private readonly ConcurrentBag<ShelfConnection> _readers = [];
    private readonly ConcurrentDictionary<Guid, Slot> _tenants = [];
    private long _nextDue;

    public AlertShelf(TwinStore store, TimeProvider clock)
    {
        (_store, _clock) = (store, clock);
        _writer = new ShelfConnection(store.Open(), writes: true);
        _writer.Command(ShelfSchema.Create).ExecuteNonQuery();
        using var reader = _writer.Command("SELECT id, key, generated FROM shelf_tenants").ExecuteReader();
        while (reader.Read()) _tenants[Guid.Parse(reader.GetString(0))] = new Slot(reader.GetInt64(1)) { Generated = reader.GetInt64(2) };
        reader.Close();
        _nextDue = FindNextDue();
    }

    /// <summary>Puts records on the shelf in one transaction. Records of a future <see cref="ShelfRecord.VisibleAt"/> wait.</summary>
    public void Write(Guid tenant, IEnumerable<ShelfRecord> records)
    {
        lock (_writing)
        {
            using var transaction = _writer.Connection.BeginTransaction();
            var slot = SlotOf(tenant, transaction);
            var now = Now;
            foreach (var record in records) Put(slot, record, now, transaction);
            transaction.Commit();
        }
    }

    /// <summary>Reserves the tenant's next indexes for generated alerts.</summary>
    /// <returns>The first of them; counts from 0.</returns>
    public long TakeIndexes(Guid tenant, int count)
    {
        lock (_writing)
        {
            using var transaction = _writer.Connection.BeginTransaction();
            var slot = SlotOf(tenant, transaction);
            var first = slot.Generated;
            _writer.Command("UPDATE shelf_tenants SET generated = $to WHERE key = $tenant", transaction)
                .With("$to", first + count).With("$tenant", slot.Key).ExecuteNonQuery();
            transaction.Commit();
            slot.Generated = first + count;
            return first;
        }
    }

    /// <summary>How many alerts were ever generated for the tenant; more than 0 means it has devices.</summary>
    public long Generated(Guid tenant) => _tenants.TryGetValue(tenant, out var slot) ? slot.Generated : 0;

    /// <summary>
    /// Changes one record under the writer's lock. With a future <paramref name="visibleAt"/> the change builds on the newest version, seen
    /// or not, and readers keep the old one until then; else versions still waiting are made visible first.
    /// </summary>
    /// <param name="tenant">Whose record.</param>
    /// <param name="id">Its id.</param>
    /// <param name="accept">Picks the record among those of that id.</param>
    /// <param name="change">From the present to the new body; null leaves it.</param>
    /// <param name="visibleAt">UTC ticks; 0 means at once.</param>
    /// <returns>The record after the change, or null when there is none.</returns>
    public StoredRecord? Edit(Guid tenant, string id, Func<StoredRecord, bool> accept, Func<StoredRecord, byte[]?> change, long visibleAt = 0)
    {
        lock (_writing)
        {
            if (!_tenants.TryGetValue(tenant, out var slot)) return null;
            using var transaction = _writer.Connection.BeginTransaction();
            var now = Now;
            if (visibleAt <= now) ReleasePending(slot, id, transaction);
            if (Newest(slot, id, accept, transaction) is not { } record) return null;
            if (change(record) is { } body)
            {
                Put(slot, new ShelfRecord(record.Shape, id, body, visibleAt, record.Investigation), now, transaction);
                var columns = AlertColumns.Read(record.Shape, body);
                record = record with { Body = body, Updated = columns.Updated, Late = columns.Late };
            }

            transaction.Commit();
            return record;
        }
    }

    /// <summary>Takes alerts off every plane, as tuning rules do.</summary>
    /// <returns>How many records went.</returns>
    public int Remove(Guid tenant, string id)
    {
        lock (_writing)
        {
            if (!_tenants.TryGetValue(tenant, out var slot)) return 0;
            using var transaction = _writer.Connection.BeginTransaction();
            var gone = _writer.Command("DELETE FROM shelf_alerts WHERE tenant = $tenant AND id = $id", transaction)
                .With("$tenant", slot.Key).With("$id", id).ExecuteNonQuery();
            gone += _writer.Command("DELETE FROM shelf_pending WHERE tenant = $tenant AND id = $id", transaction)
                .With("$tenant", slot.Key).With("$id", id).ExecuteNonQuery();
            transaction.Commit();
            return gone;
        }
    }

    /// <summary>Erases alerts last updated before a time.</summary>
    public int Purge(Guid tenant, long before)
    {
        lock (_writing)
        {
            if (!_tenants.TryGetValue(tenant, out var slot)) return 0;
            return _writer.Command("DELETE FROM shelf_alerts WHERE tenant = $tenant AND updated < $before")
                .With("$tenant", slot.Key).With("$before", before).ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        while (_readers.TryTake(out var reader)) reader.Dispose();
        lock (_writing) _writer.Dispose();
    }

    private long Now => _clock.GetUtcNow().UtcTicks;

    private Slot SlotOf(Guid tenant, SqliteTransaction transaction)
    {
        if (!_tenants.TryGetValue(tenant, out var slot))
        {
            var key = (long)_writer.Command("INSERT INTO shelf_tenants (id) VALUES ($id) ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING key", transaction)
                .With("$id", tenant.ToString("D")).ExecuteScalar()!;
            slot = _tenants.GetOrAdd(tenant, new Slot(key));
        }

        if (slot.Next < 0)
        {
            var last = _writer.Command("SELECT MAX(key) FROM shelf_alerts WHERE key >= $from AND key < $to", transaction)
                .With("$from", slot.Key << 32).With("$to", (slot.Key + 1) << 32).ExecuteScalar();
            slot.Next = last is long key ? key + 1 : slot.Key << 32;
        }

        return slot;
    }

    private void Put(Slot slot, ShelfRecord record, long now, SqliteTransaction transaction)
    {
        if (record.VisibleAt > now)
        {
            // Versions of one record are seen in their order, whatever lag each of them drew.
            var before = _writer.Command("SELECT MAX(visible) FROM shelf_pending WHERE tenant = $tenant AND id = $id AND shape = $shape", transaction)
                .With("$tenant", slot.Key).With("$id", record.Id).With("$shape", (int)record.Shape).ExecuteScalar();
            if (before is long visible && visible > record.VisibleAt) record = record with { VisibleAt = visible };
            _writer.Command("INSERT INTO shelf_pending (tenant, visible, shape, id, investigation, body) VALUES ($tenant, $visible, $shape, $id, $investigation, $body)", transaction)
                .With("$tenant", slot.Key).With("$visible", record.VisibleAt).With("$shape", (int)record.Shape).With("$id", record.Id)
                .With("$investigation", record.Investigation).With("$body", record.Body).ExecuteNonQuery();
            if (record.VisibleAt < Interlocked.Read(ref _nextDue)) Interlocked.Exchange(ref _nextDue, record.VisibleAt);
            return;
        }

        var columns = AlertColumns.Read(record.Shape, record.Body);
        if (record.Shape is RecordShape.GraphIncident or RecordShape.XdrIncident) PutIncident(slot, record, columns, transaction);
        else PutAlert(slot, record, columns, transaction);
    }

    private void PutAlert(Slot slot, ShelfRecord record, AlertColumns columns, SqliteTransaction transaction) =>
        _writer.Command(ShelfSchema.InsertAlert, transaction)
            .With("$key", slot.Next++).With("$tenant", slot.Key).With("$id", record.Id).With("$shape", (int)record.Shape)
            .With("$planes", (int)columns.PlanesOf(record.Shape)).With("$updated", columns.Updated).With("$created", columns.Created)
            .With("$last_event", columns.LastEvent).With("$severity", columns.Severity).With("$status", columns.Status)
            .With("$classification", columns.Classification).With("$determination", columns.Determination).With("$assigned", columns.AssignedTo)
            .With("$service", columns.Service).With("$detection", columns.Detection).With("$category", columns.Category)
            .With("$incident", columns.Incident).With("$investigation", record.Investigation ?? columns.Investigation)
            .With("$device_group", columns.DeviceGroup).With("$late", columns.Late ? 1 : 0).With("$body", record.Body).ExecuteNonQuery();

    private void PutIncident(Slot slot, ShelfRecord record, AlertColumns columns, SqliteTransaction transaction) =>
        _writer.Command(ShelfSchema.InsertIncident, transaction)
            .With("$tenant", slot.Key).With("$id", record.Id).With("$shape", (int)record.Shape).With("$updated", columns.Updated)
            .With("$created", columns.Created).With("$severity", columns.Severity).With("$status", columns.Status)
            .With("$classification", columns.Classification).With("$determination", columns.Determination).With("$assigned", columns.AssignedTo)
            .With("$late", columns.Late ? 1 : 0).With("$body", record.Body).ExecuteNonQuery();

    private sealed class Slot(long key)
    {
        public long Key { get; } = key;

        public long Next { get; set; } = -1;

        public long Generated { get; set; }
    }
}
