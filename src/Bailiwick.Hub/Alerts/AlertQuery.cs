using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Alerts;

/// <summary>What to list.</summary>
/// <param name="TenantKeys">Only these tenants; null for all. Never empty by accident: an empty list lists nothing.</param>
/// <param name="UpdatedFrom">Only alerts last updated at or after; null for no limit.</param>
/// <param name="UpdatedTo">Only alerts last updated before; null for no limit.</param>
/// <param name="Severities">Only these; null for all.</param>
/// <param name="Statuses">Only these; null for all.</param>
/// <param name="Source">Only this source; null for all.</param>
/// <param name="After">Where the last page ended; null to begin.</param>
/// <param name="Count">At most this many.</param>
public sealed record AlertFilter(
    IReadOnlyCollection<long>? TenantKeys = null,
    DateTimeOffset? UpdatedFrom = null,
    DateTimeOffset? UpdatedTo = null,
    IReadOnlyCollection<AlertSeverity>? Severities = null,
    IReadOnlyCollection<AlertStatus>? Statuses = null,
    string? Source = null,
    AlertCursor? After = null,
    int Count = 100);

/// <summary>A place in the list order: newest update first, then tenant, source and id.</summary>
public sealed record AlertCursor(long UpdatedTicks, long TenantKey, string Source, string AlertId);

/// <summary>The current state of one alert.</summary>
public sealed record CurrentAlert
{
    /// <summary>The tenant's small key.</summary>
    public required long TenantKey { get; init; }

    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>The alert id.</summary>
    public required string AlertId { get; init; }

    /// <summary>The log number of the newest version.</summary>
    public required long LogNumber { get; init; }

    /// <summary>The log number of the version stored last: the head of the chain of versions.</summary>
    public required long StoredNumber { get; init; }

    /// <summary>Last update, UTC ticks.</summary>
    public required long UpdatedAt { get; init; }

    /// <summary>Creation, UTC ticks.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Severity as a number, see <see cref="AlertSeverity"/>.</summary>
    public required long Severity { get; init; }

    /// <summary>Status as a number, see <see cref="AlertStatus"/>.</summary>
    public required long Status { get; init; }

    /// <summary>When the newest version was stored, UTC ticks.</summary>
    public required long CollectedAt { get; init; }

    /// <summary>SHA-256 of the newest version's content.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>The newest version's upstream JSON.</summary>
    public required byte[] Raw { get; init; }
}

/// <summary>One stored version without its content.</summary>
public sealed record StoredVersion
{
    /// <summary>Its log number.</summary>
    public required long LogNumber { get; init; }

    /// <summary>Last update, UTC ticks.</summary>
    public required long UpdatedAt { get; init; }

    /// <summary>When it was stored, UTC ticks.</summary>
    public required long CollectedAt { get; init; }

    /// <summary>SHA-256 of its content.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>Length of the upstream JSON.</summary>
    public required long Bytes { get; init; }
}

/// <summary>Questions about current alerts and their versions. Reads only.</summary>
public sealed class AlertQuery(Database database)
{
    private const string Columns =
        """
        a.tenant_key AS TenantKey, a.source AS Source, a.alert_id AS AlertId, a.log_number AS LogNumber, a.stored_number AS StoredNumber,
        a.updated_at AS UpdatedAt, a.created_at AS CreatedAt, a.severity AS Severity, a.status AS Status,
        l.collected_at AS CollectedAt, l.digest AS Digest, l.raw AS Raw
        """;

    private const string From = "FROM alerts a JOIN alert_log l ON l.tenant_key = a.tenant_key AND l.log_number = a.log_number";

    /// <summary>Lists current alerts, newest update first.</summary>
    public async Task<IReadOnlyList<CurrentAlert>> ListAsync(AlertFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var where = new List<string>();
        var values = new DynamicParameters();
        void Add(string clause, string name, object value)
        {
            where.Add(clause);
            values.Add(name, value);
        }

        if (filter.TenantKeys is { } keys) where.Add($"a.tenant_key IN ({SqlList.Of(keys)})");
        if (filter.Severities is { } severities) where.Add($"a.severity IN ({SqlList.Of(severities.Select(severity => (long)severity))})");
        if (filter.Statuses is { } statuses) where.Add($"a.status IN ({SqlList.Of(statuses.Select(status => (long)status))})");
        if (filter.Source is { } source) Add("a.source = @source", "source", source);
        if (filter.UpdatedFrom is { } from) Add("a.updated_at >= @from", "from", from.UtcTicks);
        if (filter.UpdatedTo is { } to) Add("a.updated_at < @to", "to", to.UtcTicks);
        if (filter.After is { } after)
        {
            where.Add("(a.updated_at, a.tenant_key, a.source, a.alert_id) < (@afterTicks, @afterTenant, @afterSource, @afterAlert)");
            values.Add("afterTicks", after.UpdatedTicks);
            values.Add("afterTenant", after.TenantKey);
            values.Add("afterSource", after.Source);
            values.Add("afterAlert", after.AlertId);
        }

        values.Add("count", filter.Count);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<CurrentAlert>(
            $"""
            SELECT {Columns} {From} {(where.Count == 0 ? "" : "WHERE " + string.Join(" AND ", where))}
            ORDER BY a.updated_at DESC, a.tenant_key DESC, a.source DESC, a.alert_id DESC LIMIT @count
            """,
            values);
        return rows.AsList();
    }

    /// <summary>One alert of one tenant, or null.</summary>
    public async Task<CurrentAlert?> FindAsync(long tenantKey, string source, string alertId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<CurrentAlert>(
            $"SELECT {Columns} {From} WHERE a.tenant_key = @tenantKey AND a.source = @source AND a.alert_id = @alertId",
            new { tenantKey, source, alertId });
    }

    /// <summary>An alert's versions by log number: of a longer chain the ones stored last.</summary>
    public async Task<IReadOnlyList<StoredVersion>> ListVersionsAsync(CurrentAlert alert, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<StoredVersion>(
            """
            WITH RECURSIVE chain (log_number, place) AS (
                SELECT CAST(@StoredNumber AS BIGINT), 1
                UNION ALL
                SELECT l.previous, c.place + 1 FROM chain c JOIN alert_log l ON l.tenant_key = @TenantKey AND l.log_number = c.log_number
                WHERE l.previous > 0 AND c.place < @count
            )
            SELECT l.log_number AS LogNumber, l.updated_at AS UpdatedAt, l.collected_at AS CollectedAt, l.digest AS Digest, CAST(length(l.raw) AS BIGINT) AS Bytes
            FROM chain c JOIN alert_log l ON l.tenant_key = @TenantKey AND l.log_number = c.log_number ORDER BY l.log_number
            """,
            new { alert.StoredNumber, alert.TenantKey, count });
        return rows.AsList();
    }
}
