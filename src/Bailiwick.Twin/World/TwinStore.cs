using Microsoft.Data.Sqlite;

namespace Bailiwick.Twin.World;

/// <summary>
/// The twin's one file on disk, <c>twin.db</c>: small things as named JSON documents, alerts in a table of their own.
/// Durable enough for rehearsal (WAL, <c>synchronous=NORMAL</c>). Thread safe: every call opens a pooled connection.
/// </summary>
public sealed class TwinStore : IDisposable
{
    private readonly string _connectionString;

    /// <summary>Opens or creates <c>twin.db</c> in the directory; null keeps everything in memory for as long as this object lives.</summary>
    public TwinStore(string? directory)
    {
        _connectionString = directory is null
            ? $"Data Source=twin-{Guid.NewGuid():N};Mode=Memory;Cache=Shared"
            : new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "twin.db"), Pooling = true }.ToString();
        Keep = Open();
        using var command = Keep.CreateCommand();
        command.CommandText = """
            PRAGMA journal_mode=WAL;
            CREATE TABLE IF NOT EXISTS documents (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
            """;
        command.ExecuteNonQuery();
    }

    private SqliteConnection Keep { get; }

    /// <summary>Closes what the store holds open; what lived in memory only is gone. Connections of others are theirs to close, before.</summary>
    public void Dispose()
    {
        Keep.Dispose();
        SqliteConnection.ClearPool(Keep);
    }

    /// <summary>A connection for statements of one's own; the caller disposes it.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <summary>All documents of one kind, as (id, JSON) in id order.</summary>
    public IReadOnlyList<(string Id, string Json)> ReadAll(string kind)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, body FROM documents WHERE kind = $kind ORDER BY id";
        command.Parameters.AddWithValue("$kind", kind);
        using var reader = command.ExecuteReader();
        var all = new List<(string, string)>();
        while (reader.Read()) all.Add((reader.GetString(0), reader.GetString(1)));
        return all;
    }

    /// <summary>Writes documents in one transaction; a null body deletes.</summary>
    public void Write(IEnumerable<(string Kind, string Id, string? Json)> documents)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        foreach (var (kind, id, json) in documents)
        {
            using var command = connection.CreateCommand();
            command.CommandText = json is null
                ? "DELETE FROM documents WHERE kind = $kind AND id = $id"
                : "INSERT INTO documents (kind, id, body) VALUES ($kind, $id, $body) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
            command.Parameters.AddWithValue("$kind", kind);
            command.Parameters.AddWithValue("$id", id);
            if (json is not null) command.Parameters.AddWithValue("$body", json);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
