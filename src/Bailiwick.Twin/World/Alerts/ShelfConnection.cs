using Microsoft.Data.Sqlite;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>One connection with its prepared statements, used by one thread at a time.</summary>
internal sealed class ShelfConnection : IDisposable
{
    private const int MostStatements = 200;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    public ShelfConnection(SqliteConnection connection, bool writes)
    {
        Connection = connection;
        using var command = connection.CreateCommand();
        command.CommandText = writes
            ? "PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
            : "PRAGMA mmap_size=17179869184; PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY; PRAGMA read_uncommitted=1;";
        command.ExecuteNonQuery();
    }

    public SqliteConnection Connection { get; }

    /// <summary>The prepared statement with these parameter values, given as name and value pairs.</summary>
    public SqliteCommand Command(string sql, SqliteTransaction? transaction = null)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            if (_commands.Count >= MostStatements) Forget();
            command = Connection.CreateCommand();
            command.CommandText = sql;
            _commands.Add(sql, command);
        }

        command.Transaction = transaction;
        return command;
    }

    public void Dispose()
    {
        Forget();
        Connection.Dispose();
    }

    private void Forget()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _commands.Clear();
    }
}

/// <summary>Short words for parameters that keep a prepared statement's binding.</summary>
internal static class ShelfParameters
{
    public static SqliteCommand With(this SqliteCommand command, string name, object? value)
    {
        var at = command.Parameters.IndexOf(name);
        if (at >= 0) command.Parameters[at].Value = value ?? DBNull.Value;
        else command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
