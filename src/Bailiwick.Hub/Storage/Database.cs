using System.Data;
using System.Data.Common;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// Where the hub keeps its record: SQLite in the data directory, or PostgreSQL by connection string.
/// Times are stored as UTC ticks (100 ns since year 1) in integer columns, identifiers as lower-case text, bytes as blobs.
/// Thread safe.
/// </summary>
public abstract class Database : IAsyncDisposable
{
    /// <summary>Which engine answers.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>Opens a connection for reading. The caller disposes it.</summary>
    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs <paramref name="work"/> in one write transaction and commits it durably before returning. An exception rolls everything back.
    /// An exception during the commit itself leaves the outcome unknown: callers repeat, unique keys make that harmless.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var turn = await WaitForTurnAsync(cancellationToken);
        await using var connection = await OpenForWritingAsync(cancellationToken);
        await using var transaction = await BeginAsync(connection, cancellationToken);
        var result = await work(new WriteTransaction(connection, transaction, Dialect));
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<WriteTransaction, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return WriteAsync(
            async write =>
            {
                await work(write);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Waits until this process may write; the engine with one writer queues here instead of failing as busy.</summary>
    protected abstract Task<IDisposable> WaitForTurnAsync(CancellationToken cancellationToken);

    /// <summary>Opens the connection that a write transaction uses.</summary>
    protected virtual Task<DbConnection> OpenForWritingAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    /// <summary>Begins the write transaction.</summary>
    protected virtual async Task<DbTransaction> BeginAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
    }

    /// <summary>Closes pooled connections.</summary>
    public abstract ValueTask DisposeAsync();
}
