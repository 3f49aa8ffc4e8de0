using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Compat;

/// <summary>
/// The time under which a connector that only remembers a time sees a record: when the hub collected it, but always later than every answer given before
/// the record could be seen. Transactions that end out of order, clocks that go back and hubs whose clocks differ would otherwise put a record behind a
/// connector's cursor for ever. Thread safe.
/// </summary>
public sealed class CompatMarks(Database database, TimeProvider time)
{
    /// <summary>What a connector may add to, or round up of, the last time it saw.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>SQL for the time of a row of <c>alert_log l</c> under its mark <c>k</c>, in ticks.</summary>
    internal const string SeenAt = "CASE WHEN l.collected_at < k.floor_at THEN k.floor_at WHEN l.collected_at > k.ceil_at THEN k.ceil_at ELSE l.collected_at END";

    /// <summary>SQL that joins rows of the log to their marks.</summary>
    internal const string Join = "compat_marks k JOIN alert_log l ON l.tenant_key = k.tenant_key AND l.log_number > k.after_number AND l.log_number <= k.log_number";

    /// <summary>Brings into sight what was committed since the last question.</summary>
    /// <returns>The time of this question in ticks: later than that of any question before. Records with later times must not be shown yet.</returns>
    public Task<long> AdvanceAsync(CancellationToken cancellationToken) => database.WriteUnderLeaseAsync(
        async write =>
        {
            var before = await write.Connection.ExecuteScalarAsync<long>("UPDATE compat_clock SET asked_at = asked_at WHERE clock_id = 1 RETURNING asked_at", transaction: write.Transaction);
            var now = Math.Max(time.GetUtcNow().UtcTicks, before + 1);
            var floor = before == 0 ? 0 : before + Slack.Ticks;
            await write.Connection.ExecuteAsync(
                """
                INSERT INTO compat_marks (tenant_key, log_number, after_number, floor_at, ceil_at)
                SELECT s.tenant_key, s.log_number, s.seen, @floor, @ceil FROM (
                    SELECT h.tenant_key, h.log_number, COALESCE((SELECT MAX(k.log_number) FROM compat_marks k WHERE k.tenant_key = h.tenant_key), 0) AS seen
                    FROM alert_log_heads h) s
                WHERE s.log_number > s.seen
                """,
                new { floor, ceil = Math.Max(now, floor) },
                write.Transaction);
            await write.Connection.ExecuteAsync("UPDATE compat_clock SET asked_at = @now WHERE clock_id = 1", new { now }, write.Transaction);
            return now;
        },
        cancellationToken);
}
