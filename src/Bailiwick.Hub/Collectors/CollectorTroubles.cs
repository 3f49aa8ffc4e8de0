using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Collectors;

/// <summary>Why collectors stand still, kept over restarts: a row only while one does, written when that changes. Thread safe.</summary>
public sealed class CollectorTroubles(Database database)
{
    /// <summary>What is known, by (tenant key, source); <see cref="CollectorState.TriedAt"/> is when it began.</summary>
    public async Task<IReadOnlyDictionary<(long TenantKey, string Source), CollectorState>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long TenantKey, string Source, long Since, string Reason, string Detail, long NeedsPerson)>(
            "SELECT tenant_key, source, since, reason, detail, needs_person FROM collector_troubles");
        return rows.ToDictionary(
            row => (row.TenantKey, AlertSources.Shared(row.Source)),
            row => StateOf(new DateTimeOffset(row.Since, TimeSpan.Zero), row.Reason, row.Detail, row.NeedsPerson != 0));
    }

    /// <summary>Writes what a collector's state has become: the trouble, or that there is none.</summary>
    public Task WriteAsync(long tenantKey, string source, CollectorState? state, CancellationToken cancellationToken) => database.WriteUnderLeaseAsync(
        async write =>
        {
            if (state is not { FailingSince: { } since, Reason: { } reason })
            {
                await write.Connection.ExecuteAsync("DELETE FROM collector_troubles WHERE tenant_key = @tenantKey AND source = @source", new { tenantKey, source }, write.Transaction);
                return;
            }

            await write.Connection.ExecuteAsync(
                """
                INSERT INTO collector_troubles (tenant_key, source, since, reason, detail, needs_person) VALUES (@tenantKey, @source, @since, @reason, @detail, @needsPerson)
                ON CONFLICT (tenant_key, source) DO UPDATE SET
                    since = excluded.since, reason = excluded.reason, detail = excluded.detail, needs_person = excluded.needs_person
                """,
                new { tenantKey, source, since = since.UtcTicks, reason, detail = state.Detail ?? "", needsPerson = state.NeedsPerson ? 1L : 0L },
                write.Transaction);
        },
        cancellationToken);

    private static CollectorState StateOf(DateTimeOffset since, string reason, string detail, bool needsPerson) => new(since, since, reason, detail, needsPerson);
}
