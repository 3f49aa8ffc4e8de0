using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Alerts;

/// <summary>How far each reader has confirmed each tenant's log.</summary>
public sealed class Positions(Database database, TimeProvider time)
{
    /// <summary>What a receiver without acknowledgement may lose with a broken connection: this much is sent again after a crash.</summary>
    public static readonly TimeSpan ResendWindow = TimeSpan.FromSeconds(30);

    /// <summary>A reader's positions by tenant key; a tenant without a row stands at 0.</summary>
    public async Task<Dictionary<long, long>> ReadAsync(string reader, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long TenantKey, long LogNumber)>(
            "SELECT tenant_key, log_number FROM positions WHERE reader = @reader", new { reader });
        return rows.ToDictionary(row => row.TenantKey, row => row.LogNumber);
    }

    /// <summary>
    /// Moves a reader's position, only if it still stands where the reader thinks; a record set aside on the way is written in the same transaction.
    /// </summary>
    /// <exception cref="PositionMovedException">Somebody else moved it: nothing was written.</exception>
    public Task MoveAsync(string reader, long tenantKey, long from, long to, SetAside? setAside, CancellationToken cancellationToken) =>
        database.WriteUnderLeaseAsync(write => MoveAsync(write, reader, tenantKey, from, to, setAside is null ? [] : [setAside]), cancellationToken);

    /// <summary>As the other one, as part of a transaction under the lease; several records may be set aside on the way.</summary>
    /// <exception cref="PositionMovedException">Somebody else moved it: the transaction must be given up.</exception>
    public async Task MoveAsync(WriteTransaction write, string reader, long tenantKey, long from, long to, IReadOnlyList<SetAside> setAside)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(setAside);
        var now = time.GetUtcNow();
        var command = write.Prepare(
            """
            INSERT INTO positions (reader, tenant_key, log_number, moved_at, resend_from, mark_number, mark_at)
            VALUES (@reader, @tenant, @to, @now, @from, @from, @now)
            ON CONFLICT (reader, tenant_key) DO UPDATE SET
                resend_from = CASE WHEN positions.mark_at <= @before THEN positions.mark_number ELSE positions.resend_from END,
                mark_number = CASE WHEN positions.mark_at <= @before THEN positions.log_number ELSE positions.mark_number END,
                mark_at = CASE WHEN positions.mark_at <= @before THEN excluded.mark_at ELSE positions.mark_at END,
                log_number = excluded.log_number,
                moved_at = excluded.moved_at
            WHERE positions.log_number = @from
            """,
            "reader",
            "tenant",
            "to",
            "now",
            "from",
            "before");
        command.Parameters[0].Value = reader;
        command.Parameters[1].Value = tenantKey;
        command.Parameters[2].Value = to;
        command.Parameters[3].Value = now.UtcTicks;
        command.Parameters[4].Value = from;
        command.Parameters[5].Value = (now - ResendWindow).UtcTicks;
        if (await command.ExecuteNonQueryAsync(CancellationToken.None) != 1) throw new PositionMovedException(reader, tenantKey);
        foreach (var record in setAside) await DeadLetters.SetAsideAsync(write, tenantKey, reader, record, now);
    }

    /// <summary>After a crash: sets a reader back by at least <see cref="ResendWindow"/> of its last activity, in every tenant.</summary>
    public Task RewindAsync(string reader, CancellationToken cancellationToken) =>
        database.WriteUnderLeaseAsync(
            write => write.Connection.ExecuteAsync(
                "UPDATE positions SET log_number = resend_from, mark_number = resend_from WHERE reader = @reader", new { reader }, write.Transaction),
            cancellationToken);

    /// <summary>Sets a new reader behind everything that is in the logs now: it reads only what comes later.</summary>
    public static Task StartAtHeadsAsync(WriteTransaction write, string reader, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(write);
        return write.Connection.ExecuteAsync(
            """
            INSERT INTO positions (reader, tenant_key, log_number, moved_at, resend_from, mark_number, mark_at)
            SELECT @reader, tenant_key, log_number, @now, log_number, log_number, @now FROM alert_log_heads
            """,
            new { reader, now = now.UtcTicks },
            write.Transaction);
    }

    /// <summary>Sets a new reader behind everything that was collected before a time: a tenant's numbers grow with the time of collection.</summary>
    public static async Task StartAtTimeAsync(WriteTransaction write, string reader, DateTimeOffset at, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(write);
        foreach (var (tenantKey, head) in (await write.Connection.QueryAsync<(long TenantKey, long Head)>(
            "SELECT tenant_key, log_number FROM alert_log_heads", transaction: write.Transaction)).AsList())
        {
            long before = 0, after = head + 1; // the greatest number known to be older, the smallest known not to be
            while (after - before > 1)
            {
                var middle = before + ((after - before) / 2);
                var collected = await write.Connection.ExecuteScalarAsync<long>(
                    "SELECT collected_at FROM alert_log WHERE tenant_key = @tenantKey AND log_number = @middle", new { tenantKey, middle }, write.Transaction);
                if (collected < at.UtcTicks) before = middle;
                else after = middle;
            }

            if (before > 0) await PlaceAsync(write, reader, tenantKey, before, now);
        }
    }

    /// <summary>Forgets a reader that was removed.</summary>
    public static Task RemoveAsync(WriteTransaction write, string reader)
    {
        ArgumentNullException.ThrowIfNull(write);
        return write.Connection.ExecuteAsync("DELETE FROM positions WHERE reader = @reader", new { reader }, write.Transaction);
    }

    private static Task PlaceAsync(WriteTransaction write, string reader, long tenantKey, long number, DateTimeOffset now) => write.Connection.ExecuteAsync(
        """
        INSERT INTO positions (reader, tenant_key, log_number, moved_at, resend_from, mark_number, mark_at)
        VALUES (@reader, @tenantKey, @number, @now, @number, @number, @now)
        """,
        new { reader, tenantKey, number, now = now.UtcTicks },
        write.Transaction);
}

/// <summary>A reader's position is not where it was expected; the reader reloads and goes on from there.</summary>
public sealed class PositionMovedException(string reader, long tenantKey)
    : Exception($"The position of reader '{reader}' in tenant {tenantKey} was moved by somebody else.");
