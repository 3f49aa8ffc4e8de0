using System.Text.Json.Nodes;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>assignments</c>. Source: the API reference page of each call, 2024–25.</summary>
internal sealed class AssignmentRoutes(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/assignments", GovernanceNeeds.ReadAll, "entitlementmanagement-list-assignments 2024", call => call.ListAsync(RequestShape.Assignments, Shapes(All(call))));
        routes.Get("/assignments/filterByCurrentUser(on={on})", GovernanceNeeds.ReadMine, "accesspackageassignment-filterbycurrentuser 2024", ListMineAsync);
        routes.Get("/assignments/additionalAccess(accessPackageId={package},incompatibleAccessPackageId={other})", GovernanceNeeds.ReadAll, "accesspackageassignment-additionalaccess 2024", ListBothAsync);
        routes.Get("/assignments/additionalAccess", GovernanceNeeds.ReadAll, "accesspackageassignment-additionalaccess 2024", ListAnyBothAsync);
        routes.Get("/assignments/{id}", GovernanceNeeds.ReadOwn, "accesspackageassignment-get 2024", GetAsync);
        routes.Post("/assignments/{id}/reprocess", GovernanceNeeds.WriteAll, "accesspackageassignment-reprocess 2024", ReprocessAsync);
    }

    /// <summary>Answers 202: it will be done.</summary>
    public static Task AcceptedAsync(GraphCall call)
    {
        GraphAnswer.Begin(call.Context, StatusCodes.Status202Accepted);
        call.Context.Response.ContentType = null;
        return Task.CompletedTask;
    }

    private IEnumerable<PackageAssignment> All(GraphCall call) => _state.Assignments.Of(call.Tenant.Id).OrderBy(item => item.StartsAt).ThenBy(item => item.Id);

    private IEnumerable<JsonObject> Shapes(IEnumerable<PackageAssignment> assignments) => assignments.Select(assignment => RequestShape.Of(assignment, governance));

    private Task GetAsync(GraphCall call)
    {
        var assignment = _state.Find(_state.Assignments, call.Tenant.Id, call.RouteId(), "assignment");
        if (!GovernanceNeeds.SeesAll(call) && !assignment.Target.Is(governance.People.Of(call.Person!))) throw GraphRefusal.NotFound(call.Route("id"));
        return call.EntityAsync(RequestShape.Assignments, RequestShape.Of(assignment, governance));
    }

    private Task ListMineAsync(GraphCall call)
    {
        var person = governance.People.Of(call.Person!);
        Func<PackageAssignment, bool> mine = GovernanceRoutes.Argument(call, "on") switch
        {
            "target" => assignment => assignment.Target.Is(person),
            "createdBy" => assignment => _state.Requests.Of(call.Tenant.Id).Any(request => request.AssignmentId == assignment.Id && request.RequestType.EndsWith("Add", StringComparison.Ordinal) && request.Requestor.Is(person)),
            _ => throw GraphRefusal.BadRequest("filterByCurrentUser of assignments takes on='target' or on='createdBy'.", "BadRequest"),
        };
        return call.ListAsync(RequestShape.Assignments, Shapes(All(call).Where(mine)));
    }

    /// <summary>Assignments to one package of people who also have another, incompatible one.</summary>
    private Task ListBothAsync(GraphCall call)
    {
        if (!Guid.TryParse(GovernanceRoutes.Argument(call, "package"), out var package) || !Guid.TryParse(GovernanceRoutes.Argument(call, "other"), out var other)) throw GraphRefusal.BadRequest("additionalAccess takes two ids of access packages.", "BadRequest");
        return call.ListAsync(RequestShape.Assignments, Shapes(All(call).Where(held => held.IsHeld && held.PackageId == package && Holds(held, id => id == other))));
    }

    /// <summary>Assignments of people who also have a package that the assigned one excludes.</summary>
    private Task ListAnyBothAsync(GraphCall call) => call.ListAsync(RequestShape.Assignments, Shapes(All(call).Where(held =>
        held.IsHeld && _state.Packages.Find(GovernanceState.Key(held.TenantId, held.PackageId)) is { } package && Holds(held, id => governance.Requests.Rules.IncompatibleWith(package).Any(other => other.Id == id)))));

    private bool Holds(PackageAssignment held, Func<Guid, bool> package) => _state.HeldBy(held.TenantId, held.Target).Any(other => package(other.PackageId));

    private Task ReprocessAsync(GraphCall call)
    {
        governance.Requests.Repair(call.Tenant.Id, call.RouteId(), call.Actor);
        return AcceptedAsync(call);
    }
}
