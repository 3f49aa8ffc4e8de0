using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Access reviews on the wire. Source: accessreviewscheduledefinition, accessreviewschedulesettings, accessreviewinstance, accessreviewinstancedecisionitem resource types, 2025.</summary>
internal static partial class ReviewShape
{
    private const string Root = "identityGovernance/accessReviews/definitions";

    private static readonly EntityType QueryScope = new("accessReviewScope")
    {
        Kinds =
        [
            new("accessReviewQueryScope", Edm.Text("query", 2048) with { Required = true, Filter = ["contains", "eq"] }, Edm.Text("queryType"), Edm.Text("queryRoot")),
            new("accessReviewInactiveUsersQueryScope", Edm.Text("query", 2048) with { Required = true }, Edm.Text("queryType"), Edm.Text("queryRoot"), Edm.Duration("inactiveDuration")),
        ],
    };

    private static readonly EntityType Reviewer = new("accessReviewReviewerScope", Edm.Text("query", 2048) with { Required = true }, Edm.Text("queryType"), Edm.Text("queryRoot"));

    private static readonly EntityType Settings = new(
        "accessReviewScheduleSettings",
        Edm.Flag("mailNotificationsEnabled"), Edm.Flag("reminderNotificationsEnabled"), Edm.Flag("justificationRequiredOnApproval"), Edm.Flag("defaultDecisionEnabled"),
        Edm.Member("defaultDecision", "Approve", "Deny", "Recommendation", "None"), Edm.Number("instanceDurationInDays"), Edm.Flag("autoApplyDecisionsEnabled"), Edm.Flag("recommendationsEnabled"),
        Edm.Duration("recommendationLookBackDuration"), Edm.Flag("decisionHistoriesForReviewersEnabled"), Edm.Open("recommendationInsightSettings") with { Many = true }, Edm.Complex("recurrence", PolicyShape.RecurrenceType),
        Edm.Complex("applyActions", new EntityType("accessReviewApplyAction") { Kinds = [new("removeAccessApplyAction"), new("disableAndDeleteUserApplyAction")] }) with { Many = true });

    public static readonly EntitySet Definitions = new(Root, new EntityType(
        "accessReviewScheduleDefinition",
        Edm.Key(),
        Edm.Text("displayName", 256) with { Required = true, Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order },
        Edm.Time("lastModifiedDateTime") with { ReadOnly = true },
        Edm.Text("status") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Text("descriptionForAdmins", 4096),
        Edm.Text("descriptionForReviewers", 4096),
        Edm.Open("createdBy") with { ReadOnly = true },
        Edm.Complex("scope", QueryScope) with { Required = true },
        Edm.Open("instanceEnumerationScope"),
        Edm.Complex("reviewers", Reviewer) with { Many = true },
        Edm.Complex("fallbackReviewers", Reviewer) with { Many = true },
        Edm.Complex("settings", Settings) with { Required = true },
        Edm.Open("stageSettings") with { Many = true },
        Edm.Open("additionalNotificationRecipients") with { Many = true })
    {
        Relations = ["instances"],
    });

    public static readonly EntitySet Instances = new($"{Root}/instances", new EntityType(
        "accessReviewInstance",
        Edm.Key(), Edm.Time("startDateTime") with { Filter = Edm.Order, Sort = true }, Edm.Time("endDateTime") with { Filter = Edm.Order, Sort = true }, Edm.Text("status") with { Filter = Edm.Equal },
        Edm.Open("scope"), Edm.Open("reviewers") with { Many = true }, Edm.Open("fallbackReviewers") with { Many = true })
    {
        Relations = ["decisions", "stages", "contactedReviewers"],
    });

    public static readonly EntityType Principal = new("userIdentity", Edm.Text("id") with { Filter = Edm.Equal }, Edm.Text("displayName"), Edm.Text("type"), Edm.Text("userPrincipalName") with { Filter = Edm.Equal });

    public static readonly EntitySet Decisions = new($"{Root}/instances/decisions", new EntityType(
        "accessReviewInstanceDecisionItem",
        Edm.Key(),
        Edm.Text("accessReviewId") with { ReadOnly = true },
        Edm.Time("reviewedDateTime") with { ReadOnly = true },
        Edm.Member("decision", "Approve", "Deny", "NotReviewed", "DontKnow") with { Filter = Edm.Equal },
        Edm.Text("justification", 4000),
        Edm.Time("appliedDateTime") with { ReadOnly = true },
        Edm.Text("applyResult") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Text("recommendation") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Text("principalLink") with { ReadOnly = true },
        Edm.Text("resourceLink") with { ReadOnly = true },
        Edm.Open("reviewedBy") with { ReadOnly = true },
        Edm.Open("appliedBy") with { ReadOnly = true },
        Edm.Open("resource") with { ReadOnly = true },
        Edm.Complex("principal", Principal) with { ReadOnly = true })
    {
        Relations = ["insights", "instance"],
    });

    public static readonly EntityType Batch = new("batchRecordDecisions", Edm.Member("decision", "Approve", "Deny", "NotReviewed", "DontKnow") with { Required = true }, Edm.Text("justification", 4000), Edm.Id("principalId"), Edm.Id("resourceId"));

    public static JsonObject Of(ReviewDefinition definition) => new()
    {
        ["id"] = definition.Id.ToString("D"),
        ["displayName"] = definition.DisplayName,
        ["createdDateTime"] = GovernanceJson.Time(definition.CreatedAt),
        ["lastModifiedDateTime"] = GovernanceJson.Time(definition.ModifiedAt),
        ["status"] = definition.Status,
        ["descriptionForAdmins"] = definition.DescriptionForAdmins,
        ["descriptionForReviewers"] = definition.DescriptionForReviewers,
        ["createdBy"] = definition.CreatedBy is { } by ? new JsonObject { ["id"] = by.ToString("D"), ["displayName"] = null, ["userPrincipalName"] = null } : null,
        ["scope"] = definition.Kept["scope"]?.DeepClone() ?? Scope(definition.Scope),
        ["instanceEnumerationScope"] = definition.Kept["instanceEnumerationScope"]?.DeepClone(),
        ["reviewers"] = ReviewersOf(definition),
        ["fallbackReviewers"] = definition.Kept["fallbackReviewers"]?.DeepClone() ?? new JsonArray([.. definition.FallbackReviewers.Select(Of)]),
        ["settings"] = new JsonObject
        {
            ["mailNotificationsEnabled"] = definition.Rules.Mails,
            ["reminderNotificationsEnabled"] = definition.Rules.Reminders,
            ["justificationRequiredOnApproval"] = definition.Rules.JustificationRequired,
            ["defaultDecisionEnabled"] = definition.Rules.DefaultDecision != "None",
            ["defaultDecision"] = definition.Rules.DefaultDecision,
            ["instanceDurationInDays"] = (int)Math.Ceiling(definition.Window.TotalDays),
            ["autoApplyDecisionsEnabled"] = definition.Rules.AutoApply,
            ["recommendationsEnabled"] = definition.Rules.Recommendations,
            ["recommendationLookBackDuration"] = System.Xml.XmlConvert.ToString(definition.Rules.LookBack),
            ["decisionHistoriesForReviewersEnabled"] = false,
            ["recurrence"] = definition.Recurrence is null ? null : GovernanceJson.Write(definition.Recurrence),
            ["applyActions"] = definition.Kept["applyActions"]?.DeepClone() ?? new JsonArray(new JsonObject { ["@odata.type"] = "#microsoft.graph.removeAccessApplyAction" }),
        },
        ["stageSettings"] = new JsonArray(),
        ["additionalNotificationRecipients"] = new JsonArray(),
    };

    public static JsonObject Of(ReviewInstance instance, ReviewDefinition? definition) => new()
    {
        ["id"] = instance.Id.ToString("D"),
        ["startDateTime"] = GovernanceJson.Time(instance.StartsAt),
        ["endDateTime"] = GovernanceJson.Time(instance.EndsAt),
        ["status"] = instance.Status,
        ["scope"] = definition is null ? null : definition.Kept["scope"]?.DeepClone() ?? Scope(definition.Scope),
        ["reviewers"] = definition is null ? new JsonArray() : ReviewersOf(definition),
        ["fallbackReviewers"] = new JsonArray(),
    };

    public static JsonObject Of(ReviewDecision item, ReviewInstance instance, ReviewDefinition? definition, TwinDirectory directory)
    {
        var resource = definition?.Scope.PackageId ?? definition?.Scope.GroupId;
        return new JsonObject
        {
            ["id"] = item.Id.ToString("D"),
            ["accessReviewId"] = instance.Id.ToString("D"),
            ["reviewedDateTime"] = GovernanceJson.Time(item.ReviewedAt),
            ["decision"] = item.Decision,
            ["justification"] = item.Justification,
            ["appliedDateTime"] = GovernanceJson.Time(item.AppliedAt),
            ["applyResult"] = item.ApplyResult,
            ["recommendation"] = item.Recommendation,
            ["principalLink"] = $"https://graph.microsoft.com/v1.0/users/{item.PrincipalId:D}",
            ["resourceLink"] = null,
            ["reviewedBy"] = Identity(item.ReviewedBy, instance.TenantId, directory),
            ["appliedBy"] = Identity(item.AppliedAt is null ? null : Guid.Empty, instance.TenantId, directory),
            ["resource"] = new JsonObject { ["@odata.type"] = definition?.Scope.PackageId is null ? "#microsoft.graph.accessReviewInstanceDecisionItemResource" : "#microsoft.graph.accessReviewInstanceDecisionItemAccessPackageAssignmentPolicyResource", ["id"] = resource?.ToString("D"), ["displayName"] = definition?.DisplayName, ["type"] = definition?.Scope.PackageId is null ? "group" : "accessPackageAssignmentPolicy" },
            ["principal"] = new JsonObject { ["@odata.type"] = "#microsoft.graph.userIdentity", ["id"] = item.PrincipalId.ToString("D"), ["displayName"] = item.PrincipalName, ["type"] = "user", ["userPrincipalName"] = item.PrincipalUpn },
        };
    }

    /// <summary>What a query of a scope names: members of a group, or assignments of a package.</summary>
    /// <exception cref="GraphRefusal">Neither.</exception>
    public static ReviewScope ReadScope(string query)
    {
        if (GroupQuery().Match(query) is { Success: true } group) return new ReviewScope { GroupId = Guid.Parse(group.Groups[1].Value), GuestsOnly = query.Contains("'Guest'", StringComparison.OrdinalIgnoreCase) };
        if (PackageQuery().Match(query) is not { Success: true } package) throw GraphRefusal.BadRequest("The scope's query must name the members of a group or the assignments of an access package.", "BadRequest");
        var policy = PolicyQuery().Match(query);
        return new ReviewScope { PackageId = Guid.Parse(package.Groups[1].Value), PolicyId = policy.Success ? Guid.Parse(policy.Groups[1].Value) : null };
    }

    /// <summary>Reviewers by query: one user, or the members of a group.</summary>
    /// <exception cref="GraphRefusal">Neither.</exception>
    public static SubjectSet ReadReviewer(string query)
    {
        if (GroupQuery().Match(query) is { Success: true } group) return new SubjectSet { Kind = "#microsoft.graph.groupMembers", GroupId = Guid.Parse(group.Groups[1].Value) };
        return UserQuery().Match(query) is { Success: true } user ? new SubjectSet { Kind = "#microsoft.graph.singleUser", UserId = Guid.Parse(user.Groups[1].Value) } : throw GraphRefusal.BadRequest("A reviewer's query must name a user or the members of a group.", "BadRequest");
    }

    private static JsonArray ReviewersOf(ReviewDefinition definition) => definition.Kept["reviewers"]?.DeepClone() as JsonArray ?? new JsonArray([.. (definition.IsSelfReview ? [] : definition.Reviewers).Select(Of)]);

    private static JsonObject Of(SubjectSet set) => new()
    {
        ["query"] = set.GroupId is { } group ? $"/groups/{group:D}/transitiveMembers" : set.UserId is { } user ? $"/users/{user:D}" : "./manager",
        ["queryType"] = "MicrosoftGraph",
        ["queryRoot"] = null,
    };

    private static JsonObject Scope(ReviewScope scope) => new()
    {
        ["@odata.type"] = "#microsoft.graph.accessReviewQueryScope",
        ["query"] = scope.GroupId is { } group
            ? $"/groups/{group:D}/transitiveMembers"
            : $"/identityGovernance/entitlementManagement/assignments?$filter=(accessPackageId eq '{scope.PackageId:D}'{(scope.PolicyId is { } policy ? $" and assignmentPolicyId eq '{policy:D}'" : "")})",
        ["queryType"] = "MicrosoftGraph",
        ["queryRoot"] = null,
    };

    private static JsonObject Identity(Guid? who, Guid tenant, TwinDirectory directory)
    {
        var user = who is { } id ? directory.FindUser(tenant, id) : null;
        return new JsonObject { ["id"] = (who ?? Guid.Empty).ToString("D"), ["displayName"] = who == Guid.Empty ? "AAD Access Reviews" : user?.DisplayName ?? "", ["type"] = null, ["userPrincipalName"] = who == Guid.Empty ? "AAD Access Reviews" : user?.UserPrincipalName ?? "" };
    }

    [GeneratedRegex("^/?(?:v1\\.0/|beta/)?groups/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:/(?:transitiveM|m)embers|/owners)?(?:[/?]|$)", RegexOptions.NonBacktracking)]
    private static partial Regex GroupQuery();

    [GeneratedRegex("^/?(?:v1\\.0/|beta/)?users/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$", RegexOptions.NonBacktracking)]
    private static partial Regex UserQuery();

    [GeneratedRegex("accessPackageId eq '([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})'", RegexOptions.NonBacktracking)]
    private static partial Regex PackageQuery();

    [GeneratedRegex("assignmentPolicyId eq '([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})'", RegexOptions.NonBacktracking)]
    private static partial Regex PolicyQuery();
}
