using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Assignment requests, assignments and their subjects on the wire. Source: accesspackageassignmentrequest, accesspackageassignment, accesspackagesubject resource types, 2024.</summary>
internal static class RequestShape
{
    private const string Root = "identityGovernance/entitlementManagement";

    private static readonly EntityType SubjectType = new(
        "accessPackageSubject",
        Edm.Text("id") with { Filter = Edm.Equal }, Edm.Text("objectId") with { Filter = Edm.Equal }, Edm.Text("displayName") with { Filter = Edm.Texts }, Edm.Text("email") with { Filter = Edm.Equal },
        Edm.Text("principalName") with { Filter = Edm.Equal }, Edm.Text("subjectType"), Edm.Text("onPremisesSecurityIdentifier"), Edm.Complex("connectedOrganization", OrganizationShape.Set.Type) with { OnSelect = true })
    {
        Relations = ["connectedOrganization"],
    };

    private static readonly EntityType Schedule = new("entitlementManagementSchedule", Edm.Time("startDateTime"), Edm.Complex("expiration", PolicyShape.ExpirationType), Edm.Open("recurrence"));

    private static readonly IReadOnlyList<EntityProperty> Related =
    [
        Edm.Complex("target", SubjectType) with { OnSelect = true },
        Edm.Complex("accessPackage", PackageShape.Set.Type) with { OnSelect = true, Filter = Edm.Equal },
        Edm.Complex("assignmentPolicy", PolicyShape.Set.Type) with { OnSelect = true },
    ];

    private static readonly EntityType AssignmentType = new(
        "accessPackageAssignment",
        [
            Edm.Text("id") with { Filter = Edm.Equal },
            Edm.Text("state") with { Filter = Edm.Equal },
            Edm.Text("status") with { Filter = Edm.Texts },
            Edm.Time("expiredDateTime") with { Filter = Edm.Order, Sort = true },
            Edm.Complex("schedule", Schedule),
            .. Related,
        ])
    {
        Relations = ["target", "accessPackage", "assignmentPolicy", "customExtensionCalloutInstances"],
    };

    /// <summary>Assignments of a tenant.</summary>
    public static readonly EntitySet Assignments = new($"{Root}/assignments", AssignmentType) { Follow = (entity, relation) => entity[relation]?.DeepClone() ?? (relation == "customExtensionCalloutInstances" ? new JsonArray() : null) };

    /// <summary>What a caller may write into a request. An assignment is named by its parts, or by its id where there is one.</summary>
    public static readonly EntityType Body = new(
        "accessPackageAssignmentRequest",
        Edm.Member("requestType", "notSpecified", "userAdd", "userUpdate", "userRemove", "adminAdd", "adminUpdate", "adminRemove", "systemAdd", "systemUpdate", "systemRemove", "onBehalfAdd") with { Required = true },
        Edm.Text("justification", 4000),
        Edm.Complex("answers", new EntityType("accessPackageAnswer")
        {
            Kinds = [new("accessPackageAnswerString", Edm.Text("value", 4000), Edm.Text("displayValue", 4000), Edm.Reference("answeredQuestion") with { Required = true })],
        }) with { Many = true },
        Edm.Complex("schedule", Schedule),
        Edm.Reference("accessPackage"),
        Edm.Reference("requestor"),
        Edm.Complex("assignment", new EntityType(
            "accessPackageAssignment",
            Edm.Id("id"), Edm.Id("targetId"), Edm.Id("assignmentPolicyId"), Edm.Id("accessPackageId"), Edm.Complex("schedule", Schedule),
            Edm.Complex("target", new EntityType("accessPackageSubject", Edm.Id("id"), Edm.Id("objectId"), Edm.Text("email", 256), Edm.Text("displayName", 256), Edm.Text("principalName", 256), Edm.Text("type"), Edm.Text("subjectType"))),
            Edm.Reference("assignmentPolicy"), Edm.Reference("accessPackage"))) with { Required = true });

    /// <summary>Requests of a tenant.</summary>
    public static readonly EntitySet Requests = new($"{Root}/assignmentRequests", new EntityType(
        "accessPackageAssignmentRequest",
        Edm.Key(),
        Edm.Text("requestType") with { Filter = Edm.Equal },
        Edm.Text("state") with { Filter = Edm.Equal },
        Edm.Text("status") with { Filter = Edm.Texts },
        Edm.Text("justification"),
        Edm.Open("answers") with { Many = true },
        Edm.Complex("schedule", Schedule),
        Edm.Time("createdDateTime") with { Filter = Edm.Order, Sort = true },
        Edm.Time("completedDateTime") with { Filter = Edm.Order, Sort = true },
        Edm.Complex("requestor", SubjectType) with { OnSelect = true },
        Edm.Complex("accessPackage", PackageShape.Set.Type) with { OnSelect = true },
        Edm.Complex("assignment", AssignmentType) with { OnSelect = true })
    {
        Relations = ["requestor", "accessPackage", "assignment", "customExtensionCalloutInstances"],
    })
    {
        Follow = (entity, relation) => entity[relation]?.DeepClone() ?? (relation == "customExtensionCalloutInstances" ? new JsonArray() : null),
    };

    public static JsonObject Of(PackageAssignment assignment, EntitlementManagement governance)
    {
        var state = governance.State;
        var policy = state.Policies.Find(GovernanceState.Key(assignment.TenantId, assignment.PolicyId));
        return new JsonObject
        {
            ["id"] = assignment.Id.ToString("D"),
            ["state"] = assignment.State,
            ["status"] = assignment.Status,
            ["expiredDateTime"] = GovernanceJson.Time(assignment.ExpiredAt),
            ["schedule"] = new JsonObject
            {
                ["startDateTime"] = GovernanceJson.Time(assignment.StartsAt),
                ["recurrence"] = null,
                ["expiration"] = new JsonObject { ["type"] = assignment.EndsAt is null ? "noExpiration" : "afterDateTime", ["endDateTime"] = GovernanceJson.Time(assignment.EndsAt), ["duration"] = null },
            },
            ["target"] = Of(assignment.TenantId, assignment.Target, governance),
            ["accessPackage"] = Package(assignment.TenantId, assignment.PackageId, governance),
            ["assignmentPolicy"] = policy is null ? null : PolicyShape.Of(policy, governance),
        };
    }

    public static JsonObject Of(PackageRequest request, EntitlementManagement governance)
    {
        var assignment = request.AssignmentId is { } id ? governance.State.Assignments.Find(GovernanceState.Key(request.TenantId, id)) : null;
        var policy = governance.State.Policies.Find(GovernanceState.Key(request.TenantId, request.PolicyId));
        return new JsonObject
        {
            ["id"] = request.Id.ToString("D"),
            ["requestType"] = request.RequestType,
            ["state"] = request.State,
            ["status"] = request.Status,
            ["justification"] = request.Justification,
            ["answers"] = new JsonArray([.. request.Answers.Select(answer => Of(answer, policy))]),
            ["schedule"] = request.Schedule is null ? null : Of(request.Schedule),
            ["createdDateTime"] = GovernanceJson.Time(request.CreatedAt),
            ["completedDateTime"] = GovernanceJson.Time(request.CompletedAt),
            ["requestor"] = Of(request.TenantId, request.Requestor, governance),
            ["accessPackage"] = Package(request.TenantId, request.PackageId, governance),
            ["assignment"] = assignment is not null ? Of(assignment, governance) : new JsonObject
            {
                ["id"] = null,
                ["state"] = null,
                ["status"] = null,
                ["expiredDateTime"] = null,
                ["schedule"] = null,
                ["target"] = Of(request.TenantId, request.Target, governance),
                ["accessPackage"] = Package(request.TenantId, request.PackageId, governance),
                ["assignmentPolicy"] = policy is null ? null : PolicyShape.Of(policy, governance),
            },
        };
    }

    private static JsonObject Of(Guid tenant, Subject person, EntitlementManagement governance) => new()
    {
        ["id"] = person.Id.ToString("D"),
        ["objectId"] = person.ObjectId?.ToString("D"),
        ["displayName"] = person.DisplayName,
        ["email"] = person.Email,
        ["principalName"] = person.PrincipalName,
        ["subjectType"] = "user",
        ["onPremisesSecurityIdentifier"] = null,
        ["connectedOrganization"] = person.OrganizationId is { } id && governance.State.Organizations.Find(GovernanceState.Key(tenant, id)) is { } organization ? OrganizationShape.Of(organization) : null,
    };

    private static JsonObject? Package(Guid tenant, Guid id, EntitlementManagement governance) =>
        governance.State.Packages.Find(GovernanceState.Key(tenant, id)) is { } package ? PackageShape.Of(package, governance) : null;

    private static JsonObject Of(Answer answer, AssignmentPolicy? policy)
    {
        var question = policy?.Body.Questions.FirstOrDefault(item => item.Id == answer.QuestionId);
        return new JsonObject
        {
            ["@odata.type"] = "#microsoft.graph.accessPackageAnswerString",
            ["displayValue"] = answer.Value,
            ["value"] = answer.Value,
            ["answeredQuestion"] = question is null ? null : GovernanceJson.Write(question),
        };
    }

    private static JsonObject Of(RequestSchedule schedule)
    {
        var shape = GovernanceJson.Write(schedule);
        shape["recurrence"] = null;
        return shape;
    }
}
