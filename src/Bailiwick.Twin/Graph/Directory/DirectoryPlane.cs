using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Graph's directory: users, invitations, groups, applications, roles, policies, partners and logs, below <c>/graph/v1.0</c> and <c>/graph/beta</c>; and <c>$batch</c> over all of Graph.</summary>
internal sealed class DirectoryPlane(TwinServices services, GraphBatch batch) : ITwinPlane
{
    private static readonly GraphNeed AnyToken = new() { Guests = true };

    /// <summary>What the plane serves, for the table of routes.</summary>
    public IReadOnlyList<GraphRoute> Table { get; private set; } = [];

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var delta = new DeltaRoutes(services);
        foreach (var root in (ReadOnlySpan<string>)["/graph/v1.0", "/graph/beta"])
        {
            var graph = new GraphRoutes(routes, root, services);
            graph.Post("/$batch", AnyToken, "json-batching 2025", batch.AnswerAsync);
            new UserRoutes().Map(graph);
            new InvitationRoutes().Map(graph);
            new GroupRoutes().Map(graph);
            delta.Map(graph);
            new TenantRoutes().Map(graph);
            new ApplicationRoutes().Map(graph);
            new PrincipalRoutes().Map(graph);
            new AppRoleAssignmentRoutes().Map(graph);
            new PermissionGrantRoutes().Map(graph);
            new RoleRoutes().Map(graph);
            new ActiveRoleRoutes().Map(graph);
            new AuthorizationPolicyRoutes().Map(graph, beta: root == "/graph/beta");
            new CrossTenantRoutes().Map(graph);
            new TenantInformationRoutes().Map(graph);
            new RelationshipRoutes().Map(graph);
            new LogRoutes().Map(graph);
            new ObjectRoutes().Map(graph);
            new DeletedRoutes().Map(graph);
            Table = graph.Table;
        }

        // an address below Graph that nothing serves: the service answers 400 and names the segment
        routes.Map("/graph/{version}/{**path}", (HttpContext context, string? path) =>
            GraphAnswer.ErrorAsync(context, services.Clock, StatusCodes.Status400BadRequest, "BadRequest", $"Resource not found for the segment '{path?.Split('/')[0]}'.")).WithOrder(int.MaxValue).From("seen at the service");
    }

    /// <inheritdoc/>
    public void MapControl(IEndpointRouteBuilder control)
    {
    }
}
