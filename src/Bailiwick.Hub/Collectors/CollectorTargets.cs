using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>What is to be collected now: every connected tenant through the sources of its connection that go into the log.</summary>
public sealed class CollectorTargets(ConnectionStore connections, TenantStore tenants, CustomerPauses pauses, CloudCatalog clouds)
{
    /// <summary>Lists the targets; what cannot or must not be walked now comes with its reason.</summary>
    public async Task<CollectorTargetList> ListAsync(CancellationToken cancellationToken)
    {
        var targets = new List<CollectorTarget>();
        var holds = new List<CollectorHold>();
        foreach (var (connection, tenant, pause) in await ReadAsync(cancellationToken))
        {
            if (connection.Purpose != ConnectionPurpose.Collect) continue;
            foreach (var source in SourcesOf(connection))
            {
                var (target, hold) = Resolve(tenant, source, pause);
                if (target is not null) targets.Add(target);
                if (hold is not null) holds.Add(hold);
            }
        }

        return new CollectorTargetList(targets, holds);
    }

    /// <summary>The sources of a connection whose records go into the log; the primary one first.</summary>
    public static IReadOnlyList<string> SourcesOf(TenantConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return [connection.Source, .. connection.Also.Where(source => AlertSources.KindOf(source) == RecordKind.Incident)];
    }

    /// <summary>
    /// The pairs to be compared now: of connected tenants that can be walked, the primary source with each further one, and with itself through the
    /// connection of the other kind.
    /// </summary>
    public async Task<IReadOnlyList<ReconciliationPair>> ListPairsAsync(CancellationToken cancellationToken)
    {
        var pairs = new List<ReconciliationPair>();
        var all = await ReadAsync(cancellationToken);
        var comparing = all.Select(one => one.Connection).Where(connection => connection.Purpose == ConnectionPurpose.Compare).ToDictionary(connection => connection.Tenant);
        foreach (var (connection, tenant, pause) in all)
        {
            if (connection.Purpose != ConnectionPurpose.Collect || Resolve(tenant, connection.Source, pause).Target is not { } primary) continue;
            pairs.AddRange(connection.Also.Select(source => Resolve(tenant, source, pause).Target).OfType<CollectorTarget>().Select(other => new ReconciliationPair(primary, other, other.Source)));
            if (comparing.TryGetValue(tenant.Id, out var second) && second.Flow != connection.Flow)
                pairs.Add(new ReconciliationPair(primary, primary with { Purpose = ConnectionPurpose.Compare }, Reconciliation.NameOf(connection.Source, second.Flow)));
        }

        return pairs;
    }

    private async Task<IReadOnlyList<(TenantConnection Connection, TenantRecord Tenant, CustomerPause? Pause)>> ReadAsync(CancellationToken cancellationToken)
    {
        var byId = (await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.Id);
        var paused = await pauses.ListAsync(cancellationToken);
        return [.. (await connections.ListAllAsync(cancellationToken)).Where(connection => byId.ContainsKey(connection.Tenant))
            .Select(connection => (connection, byId[connection.Tenant], paused.GetValueOrDefault(byId[connection.Tenant].Customer)))];
    }

    /// <summary>One source of a tenant: a target, or else the reason why not.</summary>
    private (CollectorTarget? Target, CollectorHold? Hold) Resolve(TenantRecord tenant, string name, CustomerPause? pause)
    {
        if (SourceCatalog.Find(name) is not { } source) return Hold(HoldReasons.RowChanged, $"The connection names a source '{name}' that this program does not have: connect the tenant again.");
        if (!tenant.Intact) return Hold(HoldReasons.RowChanged, TenantRecord.NotIntact);
        if (clouds.Find(tenant.Cloud) is not { } cloud) return Hold(HoldReasons.NoAddress, $"The tenant's cloud '{tenant.Cloud}' is not configured any more.");
        if (cloud.AddressOf(source.Audience, tenant.Region) is not { } origin) return Hold(HoldReasons.NoAddress, ConnectService.NoAddress(cloud.Name, tenant.Region, name));
        if (pause is not null) return Hold(HoldReasons.Paused, $"Paused until {pause.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {pause.Reason}", pause.At, pause.Until);
        return (new CollectorTarget(tenant.TenantKey, tenant.Id, name, cloud.Name, origin), null);

        (CollectorTarget?, CollectorHold?) Hold(string reason, string detail, DateTimeOffset? since = null, DateTimeOffset? until = null) =>
            (null, new CollectorHold(tenant.TenantKey, name, reason, detail, since, until));
    }
}
