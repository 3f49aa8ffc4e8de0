using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Collectors;

/// <summary>How the comparison of two sources of a tenant stands.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="Source">The source whose records are collected.</param>
/// <param name="Other">What it is compared with.</param>
/// <param name="TriedAt">When it was last tried, UTC.</param>
/// <param name="ComparedAt">When it last succeeded, UTC; null before.</param>
/// <param name="Differences">How many are open.</param>
/// <param name="Reason">Why the last attempt failed, or null.</param>
/// <param name="Detail">One sentence about it, or null.</param>
public sealed record Comparison(
    long TenantKey, string Source, string Other, DateTimeOffset TriedAt, DateTimeOffset? ComparedAt, long Differences, string? Reason, string? Detail);

/// <summary>One open difference as stored.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="Source">The source whose records are collected.</param>
/// <param name="Other">What it was compared with.</param>
/// <param name="What">The difference.</param>
/// <param name="FoundAt">When it was first found, UTC.</param>
public sealed record StoredDifference(long TenantKey, string Source, string Other, Difference What, DateTimeOffset FoundAt);

/// <summary>What comparing sources has found. Thread safe.</summary>
public sealed class Reconciliations(Database database, TimeProvider time)
{
    /// <summary>An open difference that could not be looked at again for this long is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>How the comparisons of some tenants stand; null for all.</summary>
    public async Task<IReadOnlyList<Comparison>> ListAsync(IReadOnlyCollection<long>? tenantKeys, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long TenantKey, string Source, string Other, long TriedAt, long? ComparedAt, long Count, string? Reason, string? Detail)>(
            $"""
            SELECT r.tenant_key, r.source, r.other, r.tried_at, r.compared_at,
                (SELECT COUNT(*) FROM differences d WHERE d.tenant_key = r.tenant_key AND d.source = r.source AND d.other = r.other), r.reason, r.detail
            FROM reconciliations r {(tenantKeys is null ? "" : $"WHERE r.tenant_key IN ({SqlList.Of(tenantKeys)})")} ORDER BY r.tenant_key, r.source, r.other
            """);
        return [.. rows.Select(row => new Comparison(row.TenantKey, row.Source, row.Other, At(row.TriedAt), row.ComparedAt is { } at ? At(at) : null, row.Count, row.Reason, row.Detail))];
    }

    /// <summary>Open differences by tenant, then the order of being stored.</summary>
    /// <param name="tenantKeys">Only these tenants; null for all.</param>
    /// <param name="after">Those after this place, or null to begin.</param>
    /// <param name="count">At most this many.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<IReadOnlyList<StoredDifference>> ListDifferencesAsync(
        IReadOnlyCollection<long>? tenantKeys, (long TenantKey, string Source, string Other, string MissingIn, string RecordId)? after, int count, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var (key, source, other, missing, id) = after ?? (0, "", "", "", "");
        var rows = await connection.QueryAsync<(long TenantKey, string Source, string Other, string MissingIn, string RecordId, long RecordAt, string Likely, long FoundAt)>(
            $"""
            SELECT tenant_key, source, other, missing_in, record_id, record_at, likely, found_at FROM differences
            WHERE (tenant_key, source, other, missing_in, record_id) > (@key, @source, @other, @missing, @id)
                {(tenantKeys is null ? "" : $"AND tenant_key IN ({SqlList.Of(tenantKeys)})")}
            ORDER BY tenant_key, source, other, missing_in, record_id LIMIT @count
            """,
            new { key, source, other, missing, id, count });
        return [.. rows.Select(row => new StoredDifference(row.TenantKey, row.Source, row.Other, new Difference(row.RecordId, row.MissingIn, At(row.RecordAt), row.Likely), At(row.FoundAt)))];
    }

    /// <summary>The time of the oldest open difference of a pair, or null.</summary>
    public async Task<DateTimeOffset?> FindOldestAsync(long tenantKey, string source, string other, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var oldest = await connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(record_at) FROM differences WHERE tenant_key = @tenantKey AND source = @source AND other = @other", new { tenantKey, source, other });
        return oldest is { } at ? At(at) : null;
    }

    /// <summary>A comparison succeeded: what it found stands, what it looked for and did not find any more is cleared.</summary>
    /// <param name="tenantKey">The tenant's small key.</param>
    /// <param name="source">The source whose records are collected.</param>
    /// <param name="other">What it was compared with.</param>
    /// <param name="at">When it began, UTC: it says nothing of what happened since.</param>
    /// <param name="window">What was judged.</param>
    /// <param name="found">Every difference in it.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public Task StoreAsync(
        long tenantKey, string source, string other, DateTimeOffset at, TimeWindow window, IReadOnlyList<Difference> found, CancellationToken cancellationToken) => database.WriteUnderLeaseAsync(
        async write =>
        {
            var now = at.UtcTicks;
            var known = (await write.Connection.QueryAsync<(string MissingIn, string RecordId, long FoundAt, long RecordAt)>(
                "SELECT missing_in, record_id, found_at, record_at FROM differences WHERE tenant_key = @tenantKey AND source = @source AND other = @other",
                new { tenantKey, source, other },
                write.Transaction)).AsList();
            await write.Connection.ExecuteAsync(
                """
                DELETE FROM differences WHERE tenant_key = @tenantKey AND source = @source AND other = @other
                    AND ((record_at >= @from AND record_at < @to) OR found_at < @forgotten)
                """,
                new { tenantKey, source, other, from = window.From.UtcTicks, to = window.To.UtcTicks, forgotten = now - Memory.Ticks },
                write.Transaction);
            foreach (var difference in found)
            {
                var first = known.Find(row => row.MissingIn == difference.MissingIn && row.RecordId == difference.RecordId);
                await write.Connection.ExecuteAsync(
                    """
                    INSERT INTO differences (tenant_key, source, other, missing_in, record_id, record_at, likely, found_at)
                    VALUES (@tenantKey, @source, @other, @MissingIn, @RecordId, @at, @Likely, @foundAt)
                    ON CONFLICT (tenant_key, source, other, missing_in, record_id) DO UPDATE SET record_at = excluded.record_at, likely = excluded.likely
                    """,
                    new { tenantKey, source, other, difference.MissingIn, difference.RecordId, at = difference.RecordAt.UtcTicks, difference.Likely, foundAt = first.RecordId is null ? now : first.FoundAt },
                    write.Transaction);
            }

            await NoteAsync(write, tenantKey, source, other, now, now, null, null);
        },
        cancellationToken);

    /// <summary>A comparison failed: what was found before stands.</summary>
    public Task FailAsync(long tenantKey, string source, string other, string reason, string detail, CancellationToken cancellationToken) =>
        database.WriteUnderLeaseAsync(write => NoteAsync(write, tenantKey, source, other, time.GetUtcNow().UtcTicks, null, reason, detail), cancellationToken);

    /// <summary>Forgets every pair but these.</summary>
    public Task KeepAsync(IReadOnlyCollection<(long TenantKey, string Source, string Other)> pairs, CancellationToken cancellationToken) => database.WriteUnderLeaseAsync(
        async write =>
        {
            var known = await write.Connection.QueryAsync<(long TenantKey, string Source, string Other)>("SELECT tenant_key, source, other FROM reconciliations", transaction: write.Transaction);
            foreach (var (tenantKey, source, other) in known.Except(pairs).ToList())
            {
                await write.Connection.ExecuteAsync(
                    "DELETE FROM differences WHERE tenant_key = @tenantKey AND source = @source AND other = @other", new { tenantKey, source, other }, write.Transaction);
                await write.Connection.ExecuteAsync(
                    "DELETE FROM reconciliations WHERE tenant_key = @tenantKey AND source = @source AND other = @other", new { tenantKey, source, other }, write.Transaction);
            }
        },
        cancellationToken);

    private static Task NoteAsync(WriteTransaction write, long tenantKey, string source, string other, long triedAt, long? comparedAt, string? reason, string? detail) =>
        write.Connection.ExecuteAsync(
            """
            INSERT INTO reconciliations (tenant_key, source, other, tried_at, compared_at, reason, detail) VALUES (@tenantKey, @source, @other, @triedAt, @comparedAt, @reason, @detail)
            ON CONFLICT (tenant_key, source, other) DO UPDATE SET
                tried_at = excluded.tried_at, compared_at = COALESCE(excluded.compared_at, reconciliations.compared_at), reason = excluded.reason, detail = excluded.detail
            """,
            new { tenantKey, source, other, triedAt, comparedAt, reason, detail },
            write.Transaction);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
