using Dapper;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// The right of one process to work on something. Taking it raises the epoch; every write made under it calls <see cref="GuardAsync"/>,
/// so a process that was paused and lost the lease fails instead of writing.
/// </summary>
public sealed class Lease
{
    private Lease(string name, string owner, long epoch)
    {
        Name = name;
        Owner = owner;
        Epoch = epoch;
    }

    /// <summary>What the lease is on, for example <c>hub</c>.</summary>
    public string Name { get; }

    /// <summary>The process that holds it.</summary>
    public string Owner { get; }

    /// <summary>Raised by one with every change of hands; never falls.</summary>
    public long Epoch { get; }

    /// <summary>
    /// Takes the lease when it is free, expired, or when <paramref name="takeOver"/> says that the holder is known to be gone
    /// (for the embedded database the lock on the data directory proves that).
    /// </summary>
    /// <returns>The lease, or null while another process holds it.</returns>
    public static Task<Lease?> TryTakeAsync(
        Database database, string name, string owner, TimeSpan duration, bool takeOver, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        var expires = (now + duration).UtcTicks;
        return database.WriteAsync(
            async write =>
            {
                var epoch = await write.Connection.ExecuteScalarAsync<long?>(
                    """
                    INSERT INTO leases (name, owner, epoch, expires_at) VALUES (@name, @owner, 1, @expires)
                    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = leases.epoch + 1, expires_at = excluded.expires_at
                    WHERE leases.expires_at <= @now OR @takeOver = 1
                    RETURNING epoch
                    """,
                    new { name, owner, expires, now = now.UtcTicks, takeOver = takeOver ? 1 : 0 },
                    write.Transaction);
                return epoch is { } taken ? new Lease(name, owner, taken) : null;
            },
            cancellationToken);
    }

    /// <summary>Extends the lease; false when it is no longer ours.</summary>
    public Task<bool> RenewAsync(Database database, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(time);
        var expires = (time.GetUtcNow() + duration).UtcTicks;
        return database.WriteAsync(
            async write => await write.Connection.ExecuteAsync(
                "UPDATE leases SET expires_at = @expires WHERE name = @Name AND owner = @Owner AND epoch = @Epoch",
                new { expires, Name, Owner, Epoch },
                write.Transaction) == 1,
            cancellationToken);
    }

    /// <summary>Refuses the transaction when the lease has changed hands.</summary>
    /// <exception cref="LeaseLostException">Another process took over; nothing of this transaction is kept.</exception>
    public async Task GuardAsync(WriteTransaction write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var command = write.Prepare(
            write.Dialect == SqlDialect.Postgres ? "SELECT epoch FROM leases WHERE name = @name FOR SHARE" : "SELECT epoch FROM leases WHERE name = @name", "name");
        command.Parameters[0].Value = Name;
        if (await command.ExecuteScalarAsync(CancellationToken.None) is not long epoch || epoch != Epoch) throw new LeaseLostException(Name);
    }
}

/// <summary>This process no longer holds the lease it writes under and must stop working on it.</summary>
public sealed class LeaseLostException(string name) : Exception($"The lease '{name}' is held by another process; this one stops writing.");
