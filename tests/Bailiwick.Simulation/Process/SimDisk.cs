using System.Data.Common;
using Bailiwick.Hub.Storage;
using Microsoft.Data.Sqlite;

namespace Bailiwick.Simulation.Process;

/// <summary>The hub's own database on a disk that fails at times, in a process that dies at times.</summary>
internal sealed class SimDisk(SqliteDatabase inner, Incarnation incarnation, Func<bool> isIll, Random random) : Database
{
    public override SqlDialect Dialect => inner.Dialect;

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        incarnation.OnThread();
        if (incarnation.IsDead) return await Incarnation.Never<DbConnection>();
        if (isIll() && random.Happens(0.05)) throw new SqliteException("The simulated disk fails to read.", 10);
        return await inner.OpenAsync(cancellationToken);
    }

    public override async Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        incarnation.OnThread();
        if (incarnation.DiesAt(DeathPoint.BeforeWrite)) return await Incarnation.Never<T>();
        var illness = isIll() && random.Happens(0.15) ? random.Next(1, 4) : 0;
        if (illness == 1) throw new SqliteException("The simulated disk fails to begin.", 10);
        T result;
        try
        {
            result = await inner.WriteAsync(
                async write =>
                {
                    var done = await work(write);
                    if (incarnation.DiesAt(DeathPoint.BeforeCommit)) throw new DiedException();
                    if (illness == 2) throw new SqliteException("The simulated disk is full.", 13);
                    return done;
                },
                cancellationToken);
        }
        catch (DiedException)
        {
            return await Incarnation.Never<T>();
        }

        if (incarnation.DiesAt(DeathPoint.AfterCommit)) return await Incarnation.Never<T>();
        if (illness == 3) throw new SqliteException("The simulated disk does not say whether it committed.", 10);
        return result;
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class DiedException : Exception;
}
