using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Graph's identity governance: entitlement management and access reviews below <c>/graph/v1.0</c> and <c>/graph/beta</c>; and the mails of each tenant on the control port.</summary>
internal sealed class GovernancePlane(TwinServices services, EntitlementManagement governance) : ITwinPlane
{
    /// <summary>What the plane serves, for the table of routes.</summary>
    public IReadOnlyList<GraphRoute> Table { get; private set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ISnapshotPart> Parts => governance.State.Parts;

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var root in (ReadOnlySpan<string>)["/graph/v1.0", "/graph/beta"])
        {
            var graph = new GraphRoutes(routes, root, services);
            var entitlements = new GovernanceRoutes(graph, "/identityGovernance/entitlementManagement");
            new OrganizationRoutes(governance).Map(entitlements);
            new CatalogRoutes(governance).Map(entitlements);
            new PackageRoutes(governance).Map(entitlements);
            new PolicyRoutes(governance).Map(entitlements);
            new RequestRoutes(governance).Map(entitlements);
            new AssignmentRoutes(governance).Map(entitlements);
            new ApprovalRoutes(governance).Map(entitlements);
            new ReviewRoutes(governance).Map(new GovernanceRoutes(graph, "/identityGovernance/accessReviews"));
            Table = graph.Table;
        }
    }

    /// <inheritdoc/>
    public void MapControl(IEndpointRouteBuilder control) => control.MapGet("/tenants/{tenant}/mails", (HttpContext context, string tenant) =>
    {
        var id = Guid.TryParse(tenant, out var known) ? services.Directory.FindTenant(known)?.Id : services.Directory.FindTenantByDomain(tenant)?.Id;
        if (id is null) throw new TwinDirectoryException($"Tenant '{tenant}' does not exist.");
        return context.Response.WriteAsJsonAsync(governance.State.Mails.Of(id.Value).OrderBy(mail => mail.Sequence).Select(mail => new MailView(mail.Number, mail.To, mail.Subject, mail.Link, mail.SentAt)), ControlJson.Options, context.RequestAborted);
    });
}
