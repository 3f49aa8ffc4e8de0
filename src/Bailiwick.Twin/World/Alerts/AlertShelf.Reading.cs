using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Bailiwick.Twin.World.Alerts;

/// <content>Pages and single records.</content>
internal sealed partial class AlertShelf
{
    private const string AlertSeen = "(device_group IS NULL OR device_group IN ({0}))";

    private const string IncidentSeen =
        """
        EXISTS (SELECT 1 FROM shelf_alerts alert WHERE alert.tenant = $tenant AND alert.incident = CAST(shelf_incidents.id AS INTEGER)
            AND (alert.device_group IS NULL OR alert.device_group IN ({0})))
        """;

    /// <summary>Incidents of the unified API hold their alerts, and those their devices.</summary>
    private const string XdrIncidentSeen =
        """
        EXISTS (SELECT 1 FROM json_each(CAST(body AS TEXT), '$.alerts') alert
            WHERE NOT EXISTS (SELECT 1 FROM json_each(alert.value, '$.devices') device
                WHERE json_extract(device.value, '$.rbacGroupName') IS NOT NULL)
            OR EXISTS (SELECT 1 FROM json_each(alert.value, '$.devices') device WHERE json_extract(device.value, '$.rbacGroupName') IN ({0})))
        """;

    /// <summary>Hands out one page, row by row, in order.</summary>
    /// <returns>How many rows there were.</returns>
    public int Page(ShelfQuery query, ShelfRowHandler handler) =>
        Select(query, "body, shape, late, updated, investigation", "shelf_alerts", handler);

    /// <summary>Hands out one page of incidents.</summary>
    public int IncidentPage(ShelfQuery query, ShelfRowHandler handler) =>
        Select(query, "body, shape, late, updated, NULL", "shelf_incidents", handler);

    /// <summary>How many alerts the query matches, without its page bounds.</summary>
    public long Count(ShelfQuery query) => CountIn(query, "shelf_alerts");

    /// <summary>How many incidents the query matches.</summary>
    public long CountIncidents(ShelfQuery query) => CountIn(query, "shelf_incidents");

    /// <summary>One alert as a plane sees it, or null. Of several shapes with the same id the first one on the plane.</summary>
    public StoredRecord? Find(Guid tenant, string id, AlertPlane plane)
    {
        ReleaseDue();
        if (!_tenants.TryGetValue(tenant, out var slot)) return null;
        var connection = Rent();
        try
        {
            return ReadStored(connection, slot, id, null).FirstOrDefault(record => IsOn(record, plane));
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    /// <summary>One incident, or null.</summary>
    public StoredRecord? FindIncident(Guid tenant, string id, RecordShape shape)
    {
        ReleaseDue();
        if (!_tenants.TryGetValue(tenant, out var slot)) return null;
        var connection = Rent();
        try
        {
            return ReadIncident(connection, slot, id, shape, null);
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    /// <summary>Changes one incident under the writer's lock.</summary>
    /// <returns>The incident after the change, or null when there is none.</returns>
    public StoredRecord? EditIncident(Guid tenant, string id, Func<StoredRecord, byte[]> change)
    {
        lock (_writing)
        {
            if (!_tenants.TryGetValue(tenant, out var slot)) return null;
            using var transaction = _writer.Connection.BeginTransaction();
            if (ReadIncident(_writer, slot, id, RecordShape.GraphIncident, transaction) is not { } record) return null;
            var body = change(record);
            Put(slot, new ShelfRecord(record.Shape, id, body), Now, transaction);
            transaction.Commit();
            var columns = AlertColumns.Read(record.Shape, body);
            return record with { Body = body, Updated = columns.Updated, Late = columns.Late };
        }
    }

    /// <summary>Ids of an incident's alerts, oldest first, those that still wait to be seen behind them.</summary>
    public IReadOnlyList<string> AlertIdsOf(Guid tenant, long incident)
    {
        ReleaseDue();
        if (!_tenants.TryGetValue(tenant, out var slot)) return [];
        var connection = Rent();
        try
        {
            using var reader = connection.Command("SELECT id FROM shelf_alerts WHERE tenant = $tenant AND incident = $incident AND planes & 1 ORDER BY key")
                .With("$tenant", slot.Key).With("$incident", incident).ExecuteReader();
            var ids = new List<string>();
            while (reader.Read()) ids.Add(reader.GetString(0));
            reader.Close();
            var waiting = ReadPending(connection.Command($"SELECT {PendingColumns} FROM shelf_pending WHERE tenant = $tenant ORDER BY number").With("$tenant", slot.Key));
            return
            [
                .. ids.Concat(waiting.Select(entry => entry.Record)
                    .Where(record => record.Shape is RecordShape.World or RecordShape.GraphAlert && AlertColumns.Read(record.Shape, record.Body).Incident == incident)
                    .Select(record => record.Id)).Distinct(),
            ];
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    /// <summary>Whether a record of this shape is seen on the plane.</summary>
    public static bool IsOn(StoredRecord record, AlertPlane plane) => record.Shape switch
    {
        RecordShape.World => plane == AlertPlane.Graph || (AlertColumns.Read(record.Shape, record.Body).PlanesOf(record.Shape) & plane) != AlertPlane.None,
        RecordShape.GraphAlert => plane == AlertPlane.Graph,
        RecordShape.DefenderAlert => plane == AlertPlane.Defender,
        _ => plane == AlertPlane.Exporter,
    };

    private int Select(ShelfQuery query, string columns, string table, ShelfRowHandler handler)
    {
        ReleaseDue();
        if (query.Take == 0 || !_tenants.TryGetValue(query.Tenant, out var slot)) return 0;
        var sql = new StringBuilder("SELECT ").Append(columns);
        Conditions(sql, query, table);
        sql.Append(query.Order switch
        {
            ShelfOrder.UpdatedNewest => " ORDER BY updated DESC, rowid DESC",
            ShelfOrder.UpdatedOldest => " ORDER BY updated, rowid",
            ShelfOrder.CreatedNewest => " ORDER BY created DESC, rowid DESC",
            _ => " ORDER BY created, rowid",
        }).Append(" LIMIT $take OFFSET $skip");
        var connection = Rent();
        try
        {
            var command = Bind(connection.Command(sql.ToString()), query, slot).With("$take", query.Take).With("$skip", query.Skip);
            using var reader = command.ExecuteReader();
            var statement = reader.Handle!;
            var rows = 0;
            while (reader.Read())
            {
                rows++;
                long? investigation = reader.IsDBNull(4) ? null : raw.sqlite3_column_int64(statement, 4);
                handler(new ShelfRow(
                    (RecordShape)raw.sqlite3_column_int(statement, 1),
                    raw.sqlite3_column_blob(statement, 0),
                    raw.sqlite3_column_int(statement, 2) != 0,
                    raw.sqlite3_column_int64(statement, 3),
                    investigation));
            }

            return rows;
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    private long CountIn(ShelfQuery query, string table)
    {
        ReleaseDue();
        if (!_tenants.TryGetValue(query.Tenant, out var slot)) return 0;
        var sql = new StringBuilder("SELECT COUNT(*)");
        Conditions(sql, query, table);
        var connection = Rent();
        try
        {
            return (long)Bind(connection.Command(sql.ToString()), query, slot).ExecuteScalar()!;
        }
        finally
        {
            _readers.Add(connection);
        }
    }

    private static void Conditions(StringBuilder sql, ShelfQuery query, string table)
    {
        sql.Append(" FROM ").Append(table).Append(" WHERE tenant = $tenant");
        if (query.Id is not null) sql.Append(" AND id = $id");
        if (table == "shelf_incidents") sql.Append(" AND shape = ").Append((int)query.IncidentShape);
        else sql.Append(" AND planes & ").Append((int)query.Plane);
        if (query.UpdatedFrom > 0) sql.Append(" AND updated >= $from");
        if (query.Incident is not null) sql.Append(" AND incident = $of");
        if (query.Groups is { } groups)
        {
            var names = string.Join(", ", Enumerable.Range(0, groups.Count).Select(i => $"$g{i}"));
            sql.Append(" AND ").Append(string.Format(CultureInfo.InvariantCulture, table != "shelf_incidents" ? AlertSeen : query.IncidentShape == RecordShape.XdrIncident ? XdrIncidentSeen : IncidentSeen, names));
        }

        if (query.Filter is { } filter) sql.Append(" AND ").Append(filter.Sql);
    }

    private static SqliteCommand Bind(SqliteCommand command, ShelfQuery query, Slot slot)
    {
        command.With("$tenant", slot.Key);
        if (query.Id is not null) command.With("$id", query.Id);
        if (query.UpdatedFrom > 0) command.With("$from", query.UpdatedFrom);
        if (query.Incident is { } incident) command.With("$of", incident);
        for (var i = 0; i < (query.Groups?.Count ?? 0); i++) command.With("$g" + i, query.Groups![i]);
        for (var i = 0; i < (query.Filter?.Values.Count ?? 0); i++) command.With("$f" + i, query.Filter!.Values[i]);
        return command;
    }

    private static List<StoredRecord> ReadStored(ShelfConnection connection, Slot slot, string id, SqliteTransaction? transaction)
    {
        var all = new List<StoredRecord>(1);
        using var reader = connection.Command("SELECT shape, body, late, updated, investigation, device_group FROM shelf_alerts WHERE tenant = $tenant AND id = $id ORDER BY shape", transaction)
            .With("$tenant", slot.Key).With("$id", id).ExecuteReader();
        while (reader.Read())
        {
            all.Add(new StoredRecord((RecordShape)reader.GetInt32(0), id, (byte[])reader.GetValue(1), reader.GetInt32(2) != 0, reader.GetInt64(3), reader.IsDBNull(4) ? null : reader.GetInt64(4), reader.IsDBNull(5) ? null : reader.GetString(5)));
        }

        return all;
    }

    private static StoredRecord? ReadIncident(ShelfConnection connection, Slot slot, string id, RecordShape shape, SqliteTransaction? transaction)
    {
        using var reader = connection.Command("SELECT body, late, updated FROM shelf_incidents WHERE tenant = $tenant AND shape = $shape AND id = $id", transaction)
            .With("$tenant", slot.Key).With("$shape", (int)shape).With("$id", id).ExecuteReader();
        return reader.Read() ? new StoredRecord(shape, id, (byte[])reader.GetValue(0), reader.GetInt32(1) != 0, reader.GetInt64(2), null, null) : null;
    }

    private ShelfConnection Rent() => _readers.TryTake(out var connection) ? connection : new ShelfConnection(_store.Open(), writes: false);
}
