using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Alerts;

/// <summary>
/// What was walked, for each (tenant, source, hour of last-update time): the answer to "is there a hole?". Written by <see cref="AlertLog"/> in the
/// transaction of the page or walk it speaks of. An hour is open until the cursor passed it, covered from then on, and proven once a clean walk over all of
/// it, begun after the late horizon, brought nothing new.
/// </summary>
public sealed class CoverageLedger(Database database)
{
    private const string Columns =
        "hour AS Hour, versions AS Versions, last_number AS LastNumber, news_at AS NewsAt, covered_at AS CoveredAt, walked_at AS WalkedAt, proven_at AS ProvenAt";

    /// <summary>The hour an instant lies in: hours since year 1, UTC.</summary>
    public static long HourOf(DateTimeOffset at) => at.UtcTicks / TimeSpan.TicksPerHour;

    /// <summary>The first instant of an hour.</summary>
    public static DateTimeOffset StartOf(long hour) => new(hour * TimeSpan.TicksPerHour, TimeSpan.Zero);

    /// <summary>The hours the ledger knows of one (tenant, source), oldest first; an hour without a row is open and nothing was seen in it.</summary>
    /// <param name="tenantKey">The tenant's small key.</param>
    /// <param name="source">The source.</param>
    /// <param name="first">The first hour.</param>
    /// <param name="last">The last hour, included.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<IReadOnlyList<CoverageHour>> ReadAsync(long tenantKey, string source, long first, long last, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<CoverageHour>(
            $"SELECT {Columns} FROM coverage WHERE tenant_key = @tenantKey AND source = @source AND hour BETWEEN @first AND @last ORDER BY hour",
            new { tenantKey, source, first, last });
        return rows.AsList();
    }

    /// <summary>As the other overload, for many tenants and all their sources.</summary>
    public async Task<ILookup<(long TenantKey, string Source), CoverageHour>> ReadAsync(IReadOnlyCollection<long> tenantKeys, long first, long last, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tenantKeys);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long TenantKey, string Source, long Hour, long Versions, long LastNumber, long? CoveredAt, long? ProvenAt)>(
            $"""
            SELECT tenant_key, source, hour, versions, last_number, covered_at, proven_at FROM coverage
            WHERE tenant_key IN ({SqlList.Of(tenantKeys)}) AND hour BETWEEN @first AND @last ORDER BY tenant_key, source, hour
            """,
            new { first, last });
        return rows.ToLookup(
            row => (row.TenantKey, AlertSources.Shared(row.Source)),
            row => new CoverageHour { Hour = row.Hour, Versions = row.Versions, LastNumber = row.LastNumber, CoveredAt = row.CoveredAt, ProvenAt = row.ProvenAt });
    }

    /// <summary>The hours with at least one version from a given one on, rising, and the oldest covered hour from there on; for many tenants.</summary>
    public async Task<IReadOnlyDictionary<(long TenantKey, string Source), (IReadOnlyList<long> Busy, long? KnownFrom)>> ReadBusyAsync(
        IReadOnlyCollection<long> tenantKeys, long first, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tenantKeys);
        await using var connection = await database.OpenAsync(cancellationToken);
        var where = $"WHERE tenant_key IN ({SqlList.Of(tenantKeys)}) AND hour >= @first";
        var busy = (await connection.QueryAsync<(long TenantKey, string Source, long Hour)>(
            $"SELECT tenant_key, source, hour FROM coverage {where} AND versions > 0 ORDER BY tenant_key, source, hour", new { first }))
            .ToLookup(row => (row.TenantKey, AlertSources.Shared(row.Source)), row => row.Hour);
        var known = await connection.QueryAsync<(long TenantKey, string Source, long? Oldest)>(
            $"SELECT tenant_key, source, MIN(CASE WHEN covered_at IS NOT NULL THEN hour END) FROM coverage {where} GROUP BY tenant_key, source", new { first });
        return known.ToDictionary(row => (row.TenantKey, AlertSources.Shared(row.Source)), row => ((IReadOnlyList<long>)[.. busy[(row.TenantKey, AlertSources.Shared(row.Source))]], row.Oldest));
    }

    /// <summary>The oldest hour of one (tenant, source) with a version behind a reader's position; null when the reader has them all.</summary>
    public async Task<long?> FindOldestUnreadAsync(long tenantKey, string source, long position, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(hour) FROM coverage WHERE tenant_key = @tenantKey AND source = @source AND last_number > @position", new { tenantKey, source, position });
    }

    /// <summary>The oldest hour of one (tenant, source), not before a given one, that is covered and not proven; null when there is none.</summary>
    public async Task<long?> FindOldestUnprovenAsync(long tenantKey, string source, long notBefore, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(hour) FROM coverage WHERE tenant_key = @tenantKey AND source = @source AND hour >= @notBefore AND proven_at IS NULL AND covered_at IS NOT NULL",
            new { tenantKey, source, notBefore });
    }

    /// <summary>Forgets the hours before the source's retention.</summary>
    public Task ForgetBeforeAsync(long tenantKey, string source, long hour, CancellationToken cancellationToken) =>
        database.WriteUnderLeaseAsync(
            write => write.Connection.ExecuteAsync(
                "DELETE FROM coverage WHERE tenant_key = @tenantKey AND source = @source AND hour < @hour", new { tenantKey, source, hour }, write.Transaction),
            cancellationToken);

    /// <summary>Versions of an hour were stored: there is news, so nothing is proven until the hour is walked again.</summary>
    internal static Task<int> NoteVersionsAsync(WriteTransaction write, long tenantKey, string source, in HourNews news, DateTimeOffset now)
    {
        var command = write.Prepare(
            """
            INSERT INTO coverage (tenant_key, source, hour, versions, last_number, news_at) VALUES (@tenant, @source, @hour, @versions, @number, @now)
            ON CONFLICT (tenant_key, source, hour) DO UPDATE SET
                versions = coverage.versions + excluded.versions, last_number = excluded.last_number, news_at = excluded.news_at, proven_at = NULL
            """,
            "tenant",
            "source",
            "hour",
            "versions",
            "number",
            "now");
        command.Parameters[0].Value = tenantKey;
        command.Parameters[1].Value = source;
        command.Parameters[2].Value = news.Hour;
        command.Parameters[3].Value = (long)news.Versions;
        command.Parameters[4].Value = news.LastNumber;
        command.Parameters[5].Value = now.UtcTicks;
        return command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>A walk ended clean: the hours up to its cursor are covered, those it listed whole and late enough without news are proven.</summary>
    internal static async Task NoteWalkAsync(WriteTransaction write, long tenantKey, string source, CleanWalk walk, DateTimeOffset now)
    {
        var first = HourOf(walk.From);
        var last = HourOf(walk.To < walk.Earned.Cursor ? walk.To : walk.Earned.Cursor) - 1;
        if (last < first) return;
        var command = write.Prepare(
            """
            INSERT INTO coverage (tenant_key, source, hour, versions, last_number, covered_at, walked_at, proven_at)
            WITH RECURSIVE hours (hour) AS (SELECT CAST(@first AS BIGINT) UNION ALL SELECT hour + 1 FROM hours WHERE hour < @last)
            SELECT @tenant, @source, hour, 0, 0, @now,
                CASE WHEN hour >= @whole THEN CAST(@now AS BIGINT) END,
                CASE WHEN hour >= @whole AND hour <= @provable THEN CAST(@now AS BIGINT) END
            FROM hours WHERE 1 = 1
            ON CONFLICT (tenant_key, source, hour) DO UPDATE SET
                covered_at = COALESCE(coverage.covered_at, excluded.covered_at),
                walked_at = COALESCE(excluded.walked_at, coverage.walked_at),
                proven_at = CASE
                    WHEN excluded.proven_at IS NULL THEN coverage.proven_at
                    WHEN coverage.covered_at IS NOT NULL AND coverage.news_at >= @started THEN NULL
                    ELSE COALESCE(coverage.proven_at, excluded.proven_at) END
            """,
            "first",
            "last",
            "tenant",
            "source",
            "now",
            "whole",
            "provable",
            "started");
        command.Parameters[0].Value = first;
        command.Parameters[1].Value = last;
        command.Parameters[2].Value = tenantKey;
        command.Parameters[3].Value = source;
        command.Parameters[4].Value = now.UtcTicks;
        command.Parameters[5].Value = StartOf(first) == walk.From ? first : first + 1;
        command.Parameters[6].Value = HourOf(walk.StartedAt - walk.LateHorizon) - 1;
        command.Parameters[7].Value = walk.StartedAt.UtcTicks;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

/// <summary>One hour of the ledger.</summary>
public sealed record CoverageHour
{
    /// <summary>Hours since year 1, UTC; see <see cref="CoverageLedger.StartOf"/>.</summary>
    public required long Hour { get; init; }

    /// <summary>Versions stored whose update time lies in this hour.</summary>
    public required long Versions { get; init; }

    /// <summary>The greatest log number among them; a reader whose position has passed it has delivered the hour. 0 when there are none.</summary>
    public required long LastNumber { get; init; }

    /// <summary>When one of them was last stored, UTC ticks.</summary>
    public long? NewsAt { get; init; }

    /// <summary>When the cursor passed the hour, UTC ticks; null while it is open.</summary>
    public long? CoveredAt { get; init; }

    /// <summary>When it was last walked whole and clean, UTC ticks.</summary>
    public long? WalkedAt { get; init; }

    /// <summary>When it was proven, UTC ticks.</summary>
    public long? ProvenAt { get; init; }
}

/// <summary>Versions of one hour on one page.</summary>
internal record struct HourNews(long Hour, int Versions, long LastNumber);
