using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>What is to be collected now: every connected tenant through its connection's primary source.</summary>
public sealed class CollectorTargets(ConnectionStore connections, TenantStore tenants, CloudCatalog clouds)
{
    private const int PageSize = 10_000;

    /// <summary>Lists the targets; a tenant whose cloud is not configured any more, or whose row was changed outside the hub, is left out.</summary>
    public async Task<IReadOnlyList<CollectorTarget>> ListAsync(CancellationToken cancellationToken)
    {
        var byId = (await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.Id);
        var targets = new List<CollectorTarget>();
        for (Api.TenantId? after = null; ;)
        {
            var page = await connections.ListAsync(after, PageSize, cancellationToken);
            foreach (var connection in page)
            {
                if (!byId.TryGetValue(connection.Tenant, out var tenant) || !tenant.Intact || clouds.Find(tenant.Cloud) is not { } cloud) continue;
                if (SourceCatalog.Find(connection.Source) is not { } source) continue;
                var origin = source.Audience switch
                {
                    TokenAudience.Graph => cloud.Graph,
                    TokenAudience.Defender => cloud.DefenderIn(tenant.Region),
                    _ => cloud.ExporterIn(tenant.Region),
                };
                if (origin is null) continue;
                targets.Add(new CollectorTarget(tenant.TenantKey, tenant.Id, connection.Source, cloud.Name, origin));
            }

            if (page.Count < PageSize) break;
            after = page[^1].Tenant;
        }

        return targets;
    }
}
