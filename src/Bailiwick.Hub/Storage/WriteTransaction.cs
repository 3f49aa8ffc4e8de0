using System.Data.Common;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// One open write transaction. What is written through it is committed together or not at all.
/// Not thread safe; valid only inside the callback of <see cref="Database.WriteAsync{T}"/>.
/// </summary>
public sealed class WriteTransaction(DbConnection connection, DbTransaction transaction, SqlDialect dialect)
{
    /// <summary>The connection that carries the transaction.</summary>
    public DbConnection Connection { get; } = connection;

    /// <summary>The transaction, for Dapper and for commands.</summary>
    public DbTransaction Transaction { get; } = transaction;

    /// <summary>The engine, for the few statements that differ.</summary>
    public SqlDialect Dialect { get; } = dialect;
}
