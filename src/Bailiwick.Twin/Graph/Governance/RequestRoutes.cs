using System.Text.Json.Nodes;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>
/// <c>assignmentRequests</c>. Bodies of v1.0 (<c>assignment</c>) and of the samples that still say <c>accessPackageAssignment</c> are taken; answers are those of v1.0.
/// Source: the API reference page of each call, 2024–25.
/// </summary>
internal sealed class RequestRoutes(EntitlementManagement governance)
{
    private static readonly IReadOnlyList<string> OfTheService = ["state", "status", "requestState", "requestStatus"];
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/assignmentRequests", GovernanceNeeds.ReadAll, "entitlementmanagement-list-assignmentrequests 2024", call => call.ListAsync(RequestShape.Requests, Shapes(All(call))));
        routes.Post("/assignmentRequests", GovernanceNeeds.WriteOwn, "entitlementmanagement-post-assignmentrequests 2025", CreateAsync);
        routes.Get("/assignmentRequests/filterByCurrentUser(on={on})", GovernanceNeeds.ReadMine, "accesspackageassignmentrequest-filterbycurrentuser 2024", ListMineAsync);
        routes.Get("/assignmentRequests/{id}", GovernanceNeeds.ReadOwn, "accesspackageassignmentrequest-get 2024", call => call.EntityAsync(RequestShape.Requests, RequestShape.Of(Find(call), governance)));
        routes.Delete("/assignmentRequests/{id}", GovernanceNeeds.WriteAll, "accesspackageassignmentrequest-delete 2024", DeleteAsync);
        routes.Post("/assignmentRequests/{id}/cancel", GovernanceNeeds.WriteOwn, "accesspackageassignmentrequest-cancel 2024", CancelAsync);
        routes.Post("/assignmentRequests/{id}/reprocess", GovernanceNeeds.WriteAll, "accesspackageassignmentrequest-reprocess 2024", ReprocessAsync);
        routes.Post("/assignmentRequests/{id}/resume", GovernanceNeeds.WriteAll, "accesspackageassignmentrequest-resume 2024", ResumeAsync);
    }

    private IEnumerable<PackageRequest> All(GraphCall call) => _state.Requests.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id);

    private IEnumerable<JsonObject> Shapes(IEnumerable<PackageRequest> requests) => requests.Select(request => RequestShape.Of(request, governance));

    /// <summary>A request that the caller may know of.</summary>
    private PackageRequest Find(GraphCall call)
    {
        var request = _state.Find(_state.Requests, call.Tenant.Id, call.RouteId(), "assignment request");
        if (GovernanceNeeds.SeesAll(call)) return request;
        var person = governance.People.Of(call.Person!);
        return request.Requestor.Is(person) || request.Target.Is(person) || Approves(request, call.Person!) ? request : throw GraphRefusal.NotFound(call.Route("id"));
    }

    private static bool Approves(PackageRequest request, TwinUser person) => request.Stages.Any(stage => stage.Approvers.Contains(person.Id));

    private Task ListMineAsync(GraphCall call)
    {
        var person = governance.People.Of(call.Person!);
        Func<PackageRequest, bool> mine = GovernanceRoutes.Argument(call, "on") switch
        {
            "target" => request => request.Target.Is(person),
            "createdBy" => request => request.Requestor.Is(person),
            "approver" => request => Approves(request, call.Person!),
            _ => throw GraphRefusal.BadRequest("filterByCurrentUser of assignment requests takes on='target', on='createdBy' or on='approver'.", "BadRequest"),
        };
        return call.ListAsync(RequestShape.Requests, Shapes(All(call).Where(mine)));
    }

    private async Task CreateAsync(GraphCall call)
    {
        var sent = await call.ReadAsync();
        foreach (var name in OfTheService) sent.Remove(name);
        if (sent["accessPackageAssignment"] is { } older && !sent.ContainsKey("assignment"))
        {
            sent.Remove("accessPackageAssignment");
            sent["assignment"] = older;
        }

        if (sent["requestType"] is JsonValue named && named.TryGetValue<string>(out var spelling) && spelling.Equals("userExtend", StringComparison.OrdinalIgnoreCase)) sent["requestType"] = "userUpdate";
        if (sent["assignment"] is JsonObject nested) foreach (var name in OfTheService) nested.Remove(name);
        var body = RequestShape.Body.ReadNew(sent);
        var request = Submit(call, body["requestType"]!.GetValue<string>(), body["assignment"]!.AsObject(), body);
        var shape = RequestShape.Of(request, governance);
        (shape["state"], shape["status"], shape["completedDateTime"]) = ("submitted", "Accepted", null); // the service answers before it has done anything
        await call.CreatedAsync(RequestShape.Requests, shape);
    }

    private PackageRequest Submit(GraphCall call, string type, JsonObject assignment, JsonObject body)
    {
        var words = Words(assignment, body);
        var administrates = type.StartsWith("admin", StringComparison.Ordinal);
        if (administrates && !GovernanceNeeds.SeesAll(call)) throw GraphRefusal.Denied();
        if (administrates && !(call.Caller.IsApplication ? call.Caller.Roles : call.Caller.Scopes).Contains("EntitlementManagement.ReadWrite.All")) throw GraphRefusal.Denied();
        if (!administrates && call.Person is null) throw GraphRefusal.BadRequest($"An application cannot send requests of type '{type}'.", "BadRequest");
        switch (type)
        {
            case "userAdd":
                var self = governance.People.Of(call.Person!);
                if (Id(assignment, "targetId") is { } other && other != call.Person!.Id && other != self.Id) throw GraphRefusal.BadRequest("A request of type 'userAdd' is for the caller only.", "BadRequest");
                return governance.Requests.AskFor(Package(call, assignment, body), self, call.Actor, words);
            case "adminAdd":
                return governance.Requests.Give(Package(call, assignment, body), Target(call, assignment), call.Actor, words);
            case "userUpdate":
                return governance.Requests.Extend(Assignment(call, assignment), governance.People.Of(call.Person!), call.Actor, words);
            case "adminUpdate":
                return governance.Requests.Change(Assignment(call, assignment), call.Actor, words);
            case "userRemove":
                return governance.Requests.Remove(Assignment(call, assignment), governance.People.Of(call.Person!), call.Actor, words);
            case "adminRemove":
                return governance.Requests.Remove(Assignment(call, assignment), null, call.Actor, words);
            case "onBehalfAdd":
                throw GraphRefusal.BadRequest("Requests on behalf of others need a manager relation and the Governance license.", "BadRequest");
            default:
                throw GraphRefusal.BadRequest($"Requests of type '{type}' are the service's own.", "BadRequest");
        }
    }

    private static RequestWords Words(JsonObject assignment, JsonObject body) => new()
    {
        PolicyId = Id(assignment, "assignmentPolicyId") ?? Reference(assignment, "assignmentPolicy"),
        Justification = body["justification"]?.GetValue<string>(),
        Answers = [.. (body["answers"]?.AsArray() ?? []).Select(answer => new Answer(Reference(answer!.AsObject(), "answeredQuestion")!.Value, answer["value"]?.GetValue<string>() ?? answer["displayValue"]?.GetValue<string>()))],
        Schedule = (body["schedule"] ?? assignment["schedule"]) is JsonObject schedule ? GovernanceJson.Read<RequestSchedule>(schedule) : null,
    };

    private AccessPackage Package(GraphCall call, JsonObject assignment, JsonObject body)
    {
        var id = Id(assignment, "accessPackageId") ?? Reference(assignment, "accessPackage") ?? Reference(body, "accessPackage") ?? throw GraphRefusal.BadRequest("A value is required for 'assignment/accessPackageId'.", "BadRequest");
        return _state.Packages.Find(GovernanceState.Key(call.Tenant.Id, id)) ?? throw GraphRefusal.BadRequest($"The access package '{id}' does not exist.", "BadRequest");
    }

    private PackageAssignment Assignment(GraphCall call, JsonObject assignment)
    {
        var id = Id(assignment, "id") ?? throw GraphRefusal.BadRequest("A value is required for 'assignment/id'.", "BadRequest");
        return _state.Assignments.Find(GovernanceState.Key(call.Tenant.Id, id)) ?? throw GraphRefusal.BadRequest($"The assignment '{id}' does not exist.", "BadRequest");
    }

    /// <summary>Somebody of the directory by object id; or by address, who need not be there yet.</summary>
    private Subject Target(GraphCall call, JsonObject assignment)
    {
        var named = assignment["target"] as JsonObject;
        var known = Id(assignment, "targetId") ?? (named is null ? null : Id(named, "objectId"));
        if (known is { } id)
            return call.Directory.FindUser(call.Tenant.Id, id) is { } user ? governance.People.Of(user) : throw GraphRefusal.BadRequest($"The user '{id}' does not exist.", "BadRequest");
        if (named?["email"]?.GetValue<string>() is not { } address) throw GraphRefusal.BadRequest("A value is required for 'assignment/targetId' or 'assignment/target/email'.", "BadRequest");
        return TwinDirectory.IsAddress(address) ? governance.People.Of(call.Tenant.Id, address) : throw GraphRefusal.BadRequest($"'{(address.Length > 60 ? address[..60] : address)}' is not an address.", "BadRequest");
    }

    private static Guid? Id(JsonObject body, string name) => body[name] is { } value ? Guid.Parse(value.GetValue<string>()) : null;

    private static Guid? Reference(JsonObject body, string name)
    {
        if (body[name]?["id"]?.GetValue<string>() is not { } text) return null;
        return Guid.TryParse(text, out var id) ? id : throw GraphRefusal.BadRequest($"'{name}/id' is not a GUID.", "BadRequest");
    }

    private Task DeleteAsync(GraphCall call)
    {
        governance.Requests.Forget(call.Tenant.Id, call.RouteId());
        return call.DoneAsync();
    }

    private Task CancelAsync(GraphCall call)
    {
        var request = Find(call);
        if (!GovernanceNeeds.SeesAll(call) && !request.Requestor.Is(governance.People.Of(call.Person!))) throw GraphRefusal.Denied();
        governance.Requests.Cancel(call.Tenant.Id, request.Id, call.Actor);
        return call.DoneAsync();
    }

    private Task ReprocessAsync(GraphCall call)
    {
        governance.Requests.Reprocess(call.Tenant.Id, call.RouteId(), call.Actor);
        return AssignmentRoutes.AcceptedAsync(call);
    }

    /// <summary>Goes on after a custom extension; the twin has none, so no request ever waits for one.</summary>
    private Task ResumeAsync(GraphCall call)
    {
        var request = _state.Find(_state.Requests, call.Tenant.Id, call.RouteId(), "assignment request");
        throw new GraphRefusal(StatusCodes.Status400BadRequest, "BadRequest", $"Request '{request.Id}' is in state '{request.State}' and does not wait for a custom extension.");
    }
}
