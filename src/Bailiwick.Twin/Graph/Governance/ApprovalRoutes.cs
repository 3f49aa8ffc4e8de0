using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>
/// <c>accessPackageAssignmentApprovals</c>: people only; an approval's id is its request's. Source: approval-get, approval-list-stages, approvalstage-get, approvalstage-update, 2025.
/// </summary>
internal sealed class ApprovalRoutes(EntitlementManagement governance)
{
    private const string Root = "identityGovernance/entitlementManagement/accessPackageAssignmentApprovals";
    private readonly GovernanceState _state = governance.State;

    private static readonly EntityType StageType = new(
        "approvalStage",
        Edm.Text("id") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Text("displayName") with { ReadOnly = true },
        Edm.Flag("assignedToMe") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Text("status") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Member("reviewResult", "Approve", "Deny") with { Filter = Edm.Equal },
        Edm.Open("reviewedBy") with { ReadOnly = true },
        Edm.Time("reviewedDateTime") with { ReadOnly = true },
        Edm.Text("justification", 4000));

    private static readonly EntitySet Approvals = new(Root, new EntityType("approval", Edm.Key(), Edm.Complex("stages", StageType) with { Many = true, OnSelect = true }) { Relations = ["stages"] })
    {
        Follow = (entity, relation) => entity[relation]?.DeepClone(),
    };

    private static readonly EntitySet Stages = new($"{Root}/stages", StageType);

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/accessPackageAssignmentApprovals/filterByCurrentUser(on={on})", GovernanceNeeds.ReadMine, "approval-filterbycurrentuser 2025", ListMineAsync);
        routes.Get("/accessPackageAssignmentApprovals/{id}", GovernanceNeeds.ReadMine, "approval-get 2025", call => call.EntityAsync(Approvals, Of(call, Find(call))));
        routes.Get("/accessPackageAssignmentApprovals/{id}/stages", GovernanceNeeds.ReadMine, "approval-list-stages 2025", call => call.ListAsync(Stages, Find(call).Stages.Select(stage => Of(call, stage))));
        routes.Get("/accessPackageAssignmentApprovals/{id}/stages/{stage}", GovernanceNeeds.ReadMine, "approvalstage-get 2025", call => call.EntityAsync(Stages, Of(call, FindStage(call))));
        routes.Patch("/accessPackageAssignmentApprovals/{id}/stages/{stage}", GovernanceNeeds.Decide, "approvalstage-update 2025", DecideAsync);
    }

    /// <summary>The approval of a request that needs one; for its approvers, its requestor and administrators.</summary>
    private PackageRequest Find(GraphCall call)
    {
        var request = _state.Find(_state.Requests, call.Tenant.Id, call.RouteId(), "approval");
        if (request.Stages.Count == 0) throw GraphRefusal.NotFound(call.Route("id"));
        if (GovernanceNeeds.SeesAll(call) || Approves(request, call) || request.Requestor.Is(governance.People.Of(call.Person!))) return request;
        throw GraphRefusal.Denied("The caller is not an approver of this request.");
    }

    private ApprovalStage FindStage(GraphCall call)
    {
        var id = call.RouteId("stage");
        return Find(call).Stages.FirstOrDefault(stage => stage.Id == id) ?? throw GraphRefusal.NotFound(call.Route("stage"));
    }

    private static bool Approves(PackageRequest request, GraphCall call) => request.Stages.Any(stage => stage.Approvers.Contains(call.Caller.ObjectId));

    private Task ListMineAsync(GraphCall call)
    {
        if (GovernanceRoutes.Argument(call, "on") != "approver") throw GraphRefusal.BadRequest("filterByCurrentUser of approvals takes on='approver'.", "BadRequest");
        return call.ListAsync(Approvals, _state.Requests.Of(call.Tenant.Id).Where(request => Approves(request, call)).OrderBy(request => request.CreatedAt).ThenBy(request => request.Id).Select(request => Of(call, request)));
    }

    private async Task DecideAsync(GraphCall call)
    {
        var stage = FindStage(call);
        var body = StageType.ReadChange(await call.ReadAsync());
        if (body["reviewResult"]?.GetValue<string>() is not { } result) throw GraphRefusal.BadRequest("A value is required for property 'reviewResult': Approve or Deny.", "BadRequest");
        governance.Requests.Approvals.Decide(call.Tenant.Id, call.RouteId(), stage.Id, call.Person!, call.Actor, result == "Approve", body["justification"]?.GetValue<string>());
        await call.DoneAsync();
    }

    private JsonObject Of(GraphCall call, PackageRequest request) => new()
    {
        ["id"] = request.Id.ToString("D"),
        ["stages"] = new JsonArray([.. request.Stages.Select(stage => Of(call, stage))]),
    };

    private static JsonObject Of(GraphCall call, ApprovalStage stage)
    {
        var reviewer = stage.ReviewedBy is { } id ? call.Directory.FindUser(call.Tenant.Id, id) : null;
        return new JsonObject
        {
            ["id"] = stage.Id.ToString("D"),
            ["displayName"] = null,
            ["assignedToMe"] = stage.Status == "InProgress" && stage.Approvers.Contains(call.Caller.ObjectId),
            ["status"] = stage.Status,
            ["reviewResult"] = stage.Result switch { "Approve" => "Approved", "Deny" => "Denied", var other => other },
            ["reviewedBy"] = stage.ReviewedBy is null ? null : new JsonObject { ["id"] = stage.ReviewedBy.Value.ToString("D"), ["displayName"] = reviewer?.DisplayName, ["userPrincipalName"] = reviewer?.UserPrincipalName },
            ["reviewedDateTime"] = GovernanceJson.Time(stage.ReviewedAt),
            ["justification"] = stage.Justification,
        };
    }
}
