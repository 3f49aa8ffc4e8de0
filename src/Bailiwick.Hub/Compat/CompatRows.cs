using System.Globalization;
using System.Runtime.CompilerServices;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Compat;

/// <summary>Which row of the log to show.</summary>
/// <param name="TenantKey">The tenant.</param>
/// <param name="LogNumber">The place in its log.</param>
/// <param name="SeenAt">The time of <see cref="CompatMarks"/>, in ticks; 0 where it does not matter.</param>
internal readonly record struct CompatKey(long TenantKey, long LogNumber, long SeenAt);

/// <summary>Finds and reads the records that a caller of the compatible endpoints may see. Never holds more contents than one chunk.</summary>
public sealed class CompatRows(Database database, TenantStore tenants)
{
    /// <summary>Records whose contents are in memory together.</summary>
    internal const int Chunk = 200;

    /// <summary>The tenants a caller may read alerts of, by key.</summary>
    internal async Task<Dictionary<long, TenantRecord>> TenantsAsync(Principal principal, CancellationToken cancellationToken)
    {
        var scope = Authorization.ScopeOf(principal, HubAction.AlertsRead);
        var list = scope.All ? await tenants.ListAllAsync(cancellationToken) : await tenants.ListAsync(scope.Customers, cancellationToken);
        return list.ToDictionary(tenant => tenant.TenantKey);
    }

    /// <summary>SQL that keeps rows of <paramref name="column"/> to these tenants.</summary>
    internal static string Only(string column, IEnumerable<long> tenantKeys) => $"{column} IN ({SqlList.Of(tenantKeys)})";

    /// <summary>Runs a query that answers <c>TenantKey, LogNumber, SeenAt</c>.</summary>
    internal async Task<List<CompatKey>> FindAsync(string sql, DynamicParameters values, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long TenantKey, long LogNumber, long SeenAt)>(new CommandDefinition(sql, values, cancellationToken: cancellationToken));
        return [.. rows.Select(row => new CompatKey(row.TenantKey, row.LogNumber, row.SeenAt))];
    }

    /// <summary>As <see cref="FindAsync"/>, with the columns of a current alert, and one after the other: there may be as many as there are alerts.</summary>
    internal async IAsyncEnumerable<(CompatKey Key, DefenderRow Row)> ListAsync(string sql, DynamicParameters values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await foreach (var row in connection.QueryUnbufferedAsync<Current>(sql, values).WithCancellation(cancellationToken))
            yield return (new CompatKey(row.TenantKey, row.LogNumber, row.SeenAt), new DefenderRow(row.AlertId, row.UpdatedAt, row.CreatedAt, row.Severity, row.Status, row.SeenAt));
    }

    /// <summary>The records of these places, in their order.</summary>
    internal async IAsyncEnumerable<(CompatKey Key, AlertRecord Record)> ReadAsync(
        IReadOnlyList<CompatKey> keys, IReadOnlyDictionary<long, TenantRecord> owners, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in keys.Chunk(Chunk))
        {
            var versions = await ReadChunkAsync(chunk, owners, cancellationToken);
            foreach (var key in chunk)
            {
                var owner = owners[key.TenantKey];
                if (versions.TryGetValue((key.TenantKey, key.LogNumber), out var version)) yield return (key, new AlertRecord(version, owner.Customer, owner.CustomerName));
            }
        }
    }

    private async Task<Dictionary<(long, long), AlertVersion>> ReadChunkAsync(CompatKey[] chunk, IReadOnlyDictionary<long, TenantRecord> owners, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var places = string.Join(',', chunk.Select(key => string.Create(CultureInfo.InvariantCulture, $"({key.TenantKey},{key.LogNumber})")));
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            SELECT tenant_key AS TenantKey, log_number AS LogNumber, source AS Source, alert_id AS AlertId, updated_at AS UpdatedAt, digest AS Digest,
                   collected_at AS CollectedAt, raw AS Raw
            FROM alert_log WHERE (tenant_key, log_number) IN (VALUES {places})
            """,
            cancellationToken: cancellationToken));
        return rows.ToDictionary(row => (row.TenantKey, row.LogNumber), row => row.ToVersion(owners[row.TenantKey].Id));
    }

    private sealed class Current
    {
        public long TenantKey { get; set; }

        public long LogNumber { get; set; }

        public long SeenAt { get; set; }

        public string AlertId { get; set; } = "";

        public long UpdatedAt { get; set; }

        public long CreatedAt { get; set; }

        public long Severity { get; set; }

        public long Status { get; set; }
    }

    private sealed class Row
    {
        public long TenantKey { get; set; }

        public long LogNumber { get; set; }

        public string Source { get; set; } = "";

        public string AlertId { get; set; } = "";

        public long UpdatedAt { get; set; }

        public byte[] Digest { get; set; } = [];

        public long CollectedAt { get; set; }

        public byte[] Raw { get; set; } = [];

        public AlertVersion ToVersion(TenantId tenant) => new()
        {
            Tenant = tenant,
            LogNumber = LogNumber,
            Source = AlertSources.Shared(Source),
            AlertId = AlertId,
            UpdatedAt = new DateTimeOffset(UpdatedAt, TimeSpan.Zero),
            Digest = Digest,
            CollectedAt = new DateTimeOffset(CollectedAt, TimeSpan.Zero),
            Raw = Raw,
        };
    }
}
