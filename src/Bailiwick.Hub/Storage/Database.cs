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

    /// <summary>Opens a connection for reading only. The caller disposes it.</summary>
    public abstract Task<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs <paramref name="work"/> in one write transaction and commits it durably before returning. An exception rolls everything back.
    /// An exception during the commit itself leaves the outcome unknown: callers repeat, unique keys make that harmless.
    /// <paramref name="work"/> must not start another write of the same database: the engine with one writer would wait for itself.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken);

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

    /// <summary>The lease this process works under; null until it has one (tests).</summary>
    public Lease? Lease { get; set; }

    /// <summary>
    /// As <see cref="WriteAsync{T}"/>, for what only the process that holds the lease may write: collected alerts, positions, and what is noted about either.
    /// </summary>
    /// <exception cref="LeaseLostException">Another process took over; nothing was written.</exception>
    public Task<T> WriteUnderLeaseAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return WriteAsync(
            async write =>
            {
                if (Lease is { } lease) await lease.GuardAsync(write);
                return await work(write);
            },
            cancellationToken);
    }

    /// <inheritdoc cref="WriteUnderLeaseAsync{T}"/>
    public Task WriteUnderLeaseAsync(Func<WriteTransaction, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return WriteUnderLeaseAsync(
            async write =>
            {
                await work(write);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Closes every connection.</summary>
    public abstract ValueTask DisposeAsync();
}
