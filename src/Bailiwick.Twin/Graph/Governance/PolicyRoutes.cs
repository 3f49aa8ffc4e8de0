using System.Text.Json.Nodes;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>assignmentPolicies</c>. PUT replaces the whole: what a body leaves out goes back to its default. Source: the API reference page of each call, 2024–25.</summary>
internal sealed class PolicyRoutes(EntitlementManagement governance)
{
    private static readonly IReadOnlyList<string> OfTheService = ["id", "createdDateTime", "modifiedDateTime"];
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/assignmentPolicies", GovernanceNeeds.ReadAll, "entitlementmanagement-list-assignmentpolicies 2024", call => call.ListAsync(PolicyShape.Related(call, governance), All(call)));
        routes.Post("/assignmentPolicies", GovernanceNeeds.WriteAll, "entitlementmanagement-post-assignmentpolicies 2025", CreateAsync);
        routes.Get("/assignmentPolicies/{id}", GovernanceNeeds.ReadAll, "accesspackageassignmentpolicy-get 2024", call => call.EntityAsync(PolicyShape.Related(call, governance), PolicyShape.Of(Find(call), governance)));
        routes.Put("/assignmentPolicies/{id}", GovernanceNeeds.WriteAll, "accesspackageassignmentpolicy-update 2025", ReplaceAsync);
        routes.Patch("/assignmentPolicies/{id}", GovernanceNeeds.WriteAll, "accesspackageassignmentpolicy-update 2025", _ => throw new GraphRefusal(StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", "PATCH is not supported for assignment policies: PUT the whole object."));
        routes.Delete("/assignmentPolicies/{id}", GovernanceNeeds.WriteAll, "accesspackageassignmentpolicy-delete 2024", DeleteAsync);
    }

    private AssignmentPolicy Find(GraphCall call) => _state.Find(_state.Policies, call.Tenant.Id, call.RouteId(), "assignment policy");

    private IEnumerable<JsonObject> All(GraphCall call) => _state.Policies.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(item => PolicyShape.Of(item, governance));

    private async Task CreateAsync(GraphCall call)
    {
        var body = PolicyShape.Set.Type.ReadNew(await call.ReadAsync());
        var package = PackageOf(call, body);
        var written = Read(body);
        var policy = governance.Catalogs.Put(new AssignmentPolicy(_state.NewId(_state.Policies, call.Tenant.Id, "policy", $"{package.Id}/{written.DisplayName}"), call.Tenant.Id, package.Id, written, call.Now, call.Now));
        _state.Audit(call.Tenant.Id, call.Actor, "Create access package assignment policy", "Create", [GovernanceAudit.Of(policy), GovernanceAudit.Of(package)]);
        await call.CreatedAsync(PolicyShape.Set, PolicyShape.Of(policy, governance));
    }

    private async Task ReplaceAsync(GraphCall call)
    {
        var old = Find(call);
        var sent = await call.ReadAsync();
        foreach (var name in OfTheService) sent.Remove(name);
        if (!sent.ContainsKey("accessPackage")) sent["accessPackage"] = new JsonObject { ["id"] = old.PackageId.ToString("D") };
        var body = PolicyShape.Set.Type.ReadNew(sent);
        var package = PackageOf(call, body);
        if (package.Id != old.PackageId) throw GraphRefusal.BadRequest("A policy cannot move to another access package.", "BadRequest");
        var policy = governance.Catalogs.Put(old with { Body = Read(body), ModifiedAt = call.Now });
        _state.Audit(call.Tenant.Id, call.Actor, "Update access package assignment policy", "Update", [GovernanceAudit.Of(policy), GovernanceAudit.Of(package)]);
        await call.EntityAsync(PolicyShape.Related(call, governance), PolicyShape.Of(policy, governance));
    }

    private Task DeleteAsync(GraphCall call)
    {
        var policy = Find(call);
        governance.Catalogs.Remove(policy);
        _state.Audit(call.Tenant.Id, call.Actor, "Delete access package assignment policy", "Delete", [GovernanceAudit.Of(policy)]);
        return call.DoneAsync();
    }

    private AccessPackage PackageOf(GraphCall call, JsonObject body) =>
        Guid.TryParse(body["accessPackage"]!["id"]!.GetValue<string>(), out var id) ? _state.Find(_state.Packages, call.Tenant.Id, id, "access package") : throw GraphRefusal.BadRequest("'accessPackage/id' is not a GUID.", "BadRequest");

    private static PolicyBody Read(JsonObject body)
    {
        var bare = (JsonObject)body.DeepClone();
        bare.Remove("accessPackage");
        bare.Remove("catalog");
        return GovernanceJson.Read<PolicyBody>(bare);
    }
}
