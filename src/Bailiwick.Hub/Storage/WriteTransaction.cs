using System.Data.Common;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// One open write transaction. What is written through it is committed together or not at all.
/// Not thread safe; valid only inside the callback of <see cref="Database.WriteAsync{T}"/>.
/// </summary>
public sealed class WriteTransaction(DbConnection connection, DbTransaction transaction, SqlDialect dialect, Dictionary<string, DbCommand> prepared)
{
    /// <summary>The connection that carries the transaction.</summary>
    public DbConnection Connection { get; } = connection;

    /// <summary>The transaction, for Dapper and for commands.</summary>
    public DbTransaction Transaction { get; } = transaction;

    /// <summary>The engine, for the few statements that differ.</summary>
    public SqlDialect Dialect { get; } = dialect;

    /// <summary>
    /// A prepared command for the hot path, kept with the connection and handed out again for the same text. The caller sets every parameter
    /// before each execution and must not dispose it. Parameters are positional in the order named: <paramref name="parameters"/>[i] is <c>Parameters[i]</c>.
    /// </summary>
    public DbCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        if (prepared.TryGetValue(sql, out var command))
        {
            command.Transaction = Transaction;
            return command;
        }

        command = Connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant of the calling store; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = Transaction;
        foreach (var name in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = Dialect == SqlDialect.Sqlite ? "@" + name : name; // without the prefix this driver searches for it at each execution
            command.Parameters.Add(parameter);
        }

        prepared.Add(sql, command);
        return command;
    }
}
