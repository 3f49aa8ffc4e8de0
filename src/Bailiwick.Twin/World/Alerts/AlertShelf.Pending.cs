using Microsoft.Data.Sqlite;

namespace Bailiwick.Twin.World.Alerts;

/// <content>Versions that wait for their time.</content>
internal sealed partial class AlertShelf
{
    private const string PendingColumns = "number, shape, id, investigation, body, visible, tenant";

    private void ReleaseDue()
    {
        if (Now < Interlocked.Read(ref _nextDue)) return;
        lock (_writing)
        {
            var now = Now;
            if (now < Interlocked.Read(ref _nextDue)) return;
            using var transaction = _writer.Connection.BeginTransaction();
            var due = ReadPending(_writer.Command($"SELECT {PendingColumns} FROM shelf_pending WHERE visible <= $now ORDER BY number", transaction).With("$now", now));
            Release(due, transaction);
            transaction.Commit();
            Interlocked.Exchange(ref _nextDue, FindNextDue());
        }
    }

    private void ReleasePending(Slot slot, string id, SqliteTransaction transaction) =>
        Release(
            ReadPending(_writer.Command($"SELECT {PendingColumns} FROM shelf_pending WHERE tenant = $tenant AND id = $id ORDER BY number", transaction)
                .With("$tenant", slot.Key).With("$id", id)),
            transaction);

    private void Release(List<(long Number, long Tenant, ShelfRecord Record)> due, SqliteTransaction transaction)
    {
        foreach (var (number, tenant, record) in due)
        {
            var owner = _tenants.First(entry => entry.Value.Key == tenant);
            Put(SlotOf(owner.Key, transaction), record with { VisibleAt = 0 }, long.MaxValue, transaction);
            _writer.Command("DELETE FROM shelf_pending WHERE number = $number", transaction).With("$number", number).ExecuteNonQuery();
        }
    }

    private StoredRecord? Newest(Slot slot, string id, Func<StoredRecord, bool> accept, SqliteTransaction transaction)
    {
        var waiting = ReadPending(_writer.Command($"SELECT {PendingColumns} FROM shelf_pending WHERE tenant = $tenant AND id = $id ORDER BY number DESC", transaction)
            .With("$tenant", slot.Key).With("$id", id));
        foreach (var (_, _, record) in waiting)
        {
            var columns = AlertColumns.Read(record.Shape, record.Body);
            var stored = new StoredRecord(record.Shape, id, record.Body, columns.Late, columns.Updated, record.Investigation, columns.DeviceGroup);
            if (accept(stored)) return stored;
        }

        return ReadStored(_writer, slot, id, transaction).FirstOrDefault(accept);
    }

    private static List<(long Number, long Tenant, ShelfRecord Record)> ReadPending(SqliteCommand command)
    {
        var all = new List<(long, long, ShelfRecord)>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var record = new ShelfRecord((RecordShape)reader.GetInt32(1), reader.GetString(2), (byte[])reader.GetValue(4), reader.GetInt64(5), reader.IsDBNull(3) ? null : reader.GetInt64(3));
            all.Add((reader.GetInt64(0), reader.GetInt64(6), record));
        }

        return all;
    }

    private long FindNextDue() => _writer.Command("SELECT MIN(visible) FROM shelf_pending").ExecuteScalar() is long due ? due : long.MaxValue;
}
