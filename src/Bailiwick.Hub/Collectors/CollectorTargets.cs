using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>What is to be collected now: every connected tenant through the sources of its connection that go into the log.</summary>
public sealed class CollectorTargets(ConnectionStore connections, TenantStore tenants, CustomerPauses pauses, CloudCatalog clouds)
{
    private const int PageSize = 10_000;

    /// <summary>Lists the targets; what cannot or must not be walked now comes with its reason.</summary>
    public async Task<CollectorTargetList> ListAsync(CancellationToken cancellationToken)
    {
        var byId = (await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.Id);
        var paused = await pauses.ListAsync(cancellationToken);
        var targets = new List<CollectorTarget>();
        var holds = new List<CollectorHold>();
        for (TenantId? after = null; ;)
        {
            var page = await connections.ListAsync(after, PageSize, cancellationToken);
            foreach (var connection in page)
            {
                if (!byId.TryGetValue(connection.Tenant, out var tenant)) continue;
                foreach (var source in SourcesOf(connection)) Sort(tenant, source, paused.GetValueOrDefault(tenant.Customer), targets, holds);
            }

            if (page.Count < PageSize) break;
            after = page[^1].Tenant;
        }

        return new CollectorTargetList(targets, holds);
    }

    /// <summary>The sources of a connection whose records go into the log; the primary one first.</summary>
    public static IReadOnlyList<string> SourcesOf(TenantConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return [connection.Source, .. connection.Also.Where(source => Alerts.AlertSources.KindOf(source) == Alerts.RecordKind.Incident)];
    }

    /// <summary>The pairs of sources to be compared now: of connected tenants that are not paused, the primary source with each further one.</summary>
    public async Task<IReadOnlyList<ReconciliationPair>> ListPairsAsync(CancellationToken cancellationToken)
    {
        var byId = (await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.Id);
        var paused = await pauses.ListAsync(cancellationToken);
        var pairs = new List<ReconciliationPair>();
        for (TenantId? after = null; ;)
        {
            var page = await connections.ListAsync(after, PageSize, cancellationToken);
            foreach (var connection in page.Where(connection => connection.Also.Count > 0))
            {
                if (!byId.TryGetValue(connection.Tenant, out var tenant) || paused.ContainsKey(tenant.Customer)) continue;
                if (FindTarget(tenant, connection.Source) is not { } primary) continue;
                pairs.AddRange(connection.Also.Select(source => FindTarget(tenant, source)).OfType<CollectorTarget>().Select(other => new ReconciliationPair(primary, other)));
            }

            if (page.Count < PageSize) return pairs;
            after = page[^1].Tenant;
        }
    }

    private CollectorTarget? FindTarget(TenantRecord tenant, string name)
    {
        var targets = new List<CollectorTarget>();
        Sort(tenant, name, null, targets, []);
        return targets.FirstOrDefault();
    }

    private void Sort(TenantRecord tenant, string name, CustomerPause? pause, List<CollectorTarget> targets, List<CollectorHold> holds)
    {
        if (SourceCatalog.Find(name) is not { } source) return;
        if (!tenant.Intact)
        {
            holds.Add(new CollectorHold(tenant.TenantKey, name, HoldReasons.RowChanged, "The tenant's row was changed outside the hub and is not used: restore it from a backup."));
            return;
        }

        if (clouds.Find(tenant.Cloud) is not { } cloud)
        {
            holds.Add(new CollectorHold(tenant.TenantKey, name, HoldReasons.NoAddress, $"The tenant's cloud '{tenant.Cloud}' is not configured any more."));
            return;
        }

        if (cloud.AddressOf(source.Audience, tenant.Region) is not { } origin)
        {
            holds.Add(new CollectorHold(tenant.TenantKey, name, HoldReasons.NoAddress, ConnectService.NoAddress(cloud.Name, tenant.Region, name)));
            return;
        }

        if (pause is not null) holds.Add(new CollectorHold(tenant.TenantKey, name, HoldReasons.Paused, $"Paused until {pause.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {pause.Reason}", pause.At, pause.Until));
        else targets.Add(new CollectorTarget(tenant.TenantKey, tenant.Id, name, cloud.Name, origin));
    }
}
