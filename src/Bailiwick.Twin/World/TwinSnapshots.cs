using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Bailiwick.Twin.World;

/// <summary>Something a tenant has, that a snapshot takes along.</summary>
public interface ISnapshotPart
{
    /// <summary>Name in the snapshot; unique.</summary>
    string Name { get; }

    /// <summary>What the tenant has now.</summary>
    JsonNode Export(Guid tenant);

    /// <summary>Replaces what the tenant has.</summary>
    /// <exception cref="FormatException">The content is not of this part; the message says why.</exception>
    void Import(Guid tenant, JsonNode content);
}

/// <summary>
/// Snapshots of one tenant: everything the parts know of it, as one JSON document that can be restored here or in another twin, at any later time.
/// Sign-in's own tokens and sessions are not part of it. Thread safe after start.
/// </summary>
public sealed class TwinSnapshots(TimeProvider clock)
{
    private const int Format = 1;
    private readonly List<ISnapshotPart> _parts = [];
    private readonly List<Action<Guid>> _after = [];
    private readonly Lock _gate = new();

    /// <summary>Adds parts; while the twin starts.</summary>
    public void Add(params IEnumerable<ISnapshotPart> parts) => _parts.AddRange(parts);

    /// <summary>Lets somebody set up anew what they derive from a tenant's parts, in order of registration.</summary>
    public void AfterRestore(Action<Guid> act) => _after.Add(act);

    /// <summary>Takes a snapshot.</summary>
    public JsonObject Take(Guid tenant)
    {
        lock (_gate)
        {
            var parts = new JsonObject();
            foreach (var part in _parts) parts[part.Name] = part.Export(tenant);
            return new JsonObject { ["format"] = Format, ["tenant"] = tenant.ToString("D"), ["takenAt"] = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), ["parts"] = parts };
        }
    }

    /// <summary>Restores a snapshot: the tenant is then as it was, wherever it came from.</summary>
    /// <returns>The tenant.</returns>
    /// <exception cref="FormatException">The document is no snapshot, or one of its parts cannot be read; nothing was changed.</exception>
    public Guid Restore(JsonObject snapshot)
    {
        if (snapshot["format"]?.ToString() != Format.ToString(CultureInfo.InvariantCulture) || !Guid.TryParse(snapshot["tenant"]?.ToString(), out var tenant) || snapshot["parts"] is not JsonObject parts)
            throw new FormatException("This is no snapshot of a tenant: it needs format 1, tenant and parts.");
        if (_parts.Find(part => parts[part.Name] is null) is { } missing) throw new FormatException($"The snapshot lacks the part '{missing.Name}'.");
        lock (_gate)
        {
            var before = _parts.Select(part => (Part: part, Content: part.Export(tenant))).ToList();
            try
            {
                foreach (var part in _parts) part.Import(tenant, parts[part.Name]!);
                foreach (var act in _after) act(tenant);
            }
            catch (Exception fault) when (fault is FormatException or InvalidOperationException or System.Text.Json.JsonException or SqliteException or ArgumentException or OverflowException)
            {
                foreach (var (part, content) in before) part.Import(tenant, content);
                foreach (var act in _after) act(tenant);
                throw new FormatException($"The snapshot cannot be restored: {fault.Message}", fault);
            }
        }

        return tenant;
    }
}

/// <summary>Rows of a table in <c>twin.db</c> that belong to a tenant.</summary>
/// <param name="open">Opens a connection.</param>
/// <param name="name">Of the part.</param>
/// <param name="table">Table name.</param>
/// <param name="keyOf">What stands in the table's <c>tenant</c> column for a tenant, making it where needed.</param>
/// <param name="local">A further column whose values mean something in this file only, beside <c>tenant</c>; null: none.</param>
/// <param name="give">Gives that column its value here, from the one in the snapshot and the tenant's key.</param>
/// <param name="strip">What of that column goes into the snapshot; null: nothing.</param>
internal sealed class TablePart(Func<SqliteConnection> open, string name, string table, Func<Guid, object> keyOf, string? local = null, Func<object?, object, object?>? give = null, Func<long, long>? strip = null) : ISnapshotPart
{
    public string Name => name;

    public JsonNode Export(Guid tenant)
    {
        using var connection = open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {table} WHERE tenant = $tenant ORDER BY 1, 2, 3, 4";
        command.Parameters.AddWithValue("$tenant", keyOf(tenant));
        using var reader = command.ExecuteReader();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
        var rows = new JsonArray();
        while (reader.Read()) rows.Add(new JsonArray([.. columns.Select((column, i) => column == "tenant" ? null : column == local ? strip is null ? null : JsonValue.Create(strip(reader.GetInt64(i))) : Value(reader, i))]));
        return new JsonObject { ["columns"] = new JsonArray([.. columns.Select(column => JsonValue.Create(column))]), ["rows"] = rows };
    }

    public void Import(Guid tenant, JsonNode content)
    {
        var key = keyOf(tenant);
        using var connection = open();
        var known = Columns(connection);
        var columns = content["columns"] is JsonArray names ? names.Select(column => column?.ToString() ?? "").ToArray() : throw new FormatException($"Part '{name}' has no columns.");
        if (!columns.Order().SequenceEqual(known.Order())) throw new FormatException($"Part '{name}' has other columns than this twin: it comes from another version.");
        using var transaction = connection.BeginTransaction();
        using (var delete = connection.CreateCommand())
        {
            delete.CommandText = $"DELETE FROM {table} WHERE tenant = $tenant";
            delete.Parameters.AddWithValue("$tenant", key);
            delete.ExecuteNonQuery();
        }

        using var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"$p{i}"))})";
        foreach (var row in content["rows"] as JsonArray ?? throw new FormatException($"Part '{name}' has no rows."))
        {
            if (row is not JsonArray cells || cells.Count != columns.Length) throw new FormatException($"A row of part '{name}' is not {columns.Length} values.");
            var values = cells.Select(Value).ToArray();
            values[Array.IndexOf(columns, "tenant")] = key;
            if (local is not null && give is not null) values[Array.IndexOf(columns, local)] = give(values[Array.IndexOf(columns, local)], key);
            insert.Parameters.Clear();
            for (var i = 0; i < values.Length; i++) insert.Parameters.AddWithValue($"$p{i}", values[i] ?? DBNull.Value);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private List<string> Columns(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM pragma_table_info('{table}')";
        using var reader = command.ExecuteReader();
        List<string> columns = [];
        while (reader.Read()) columns.Add(reader.GetString(0));
        return columns;
    }

    /// <summary>A cell: numbers and texts as they are, bytes as <c>{"b": base64}</c>.</summary>
    private static JsonNode? Value(SqliteDataReader reader, int column) => reader.GetValue(column) switch
    {
        DBNull => null,
        long number => JsonValue.Create(number),
        byte[] bytes => new JsonObject { ["b"] = Convert.ToBase64String(bytes) },
        var text => JsonValue.Create(text.ToString()),
    };

    private static object? Value(JsonNode? cell) => cell switch
    {
        null => null,
        JsonObject bytes => Convert.FromBase64String(bytes["b"]?.ToString() ?? throw new FormatException("A cell is neither number, text nor bytes.")),
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new FormatException("A cell is neither number, text nor bytes."),
    };
}
