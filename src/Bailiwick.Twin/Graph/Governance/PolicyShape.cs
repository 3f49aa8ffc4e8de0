using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>
/// Assignment policies on the wire, and the types they are made of. Source: accesspackageassignmentpolicy, …requestorsettings, …approvalsettings, accesspackageapprovalstage,
/// …reviewsettings, subjectset, accesspackagequestion, patternedrecurrence resource types, 2024–25.
/// </summary>
internal static class PolicyShape
{
    private static readonly EntityProperty Note = Edm.Text("description", 1024);

    public static readonly EntityType SubjectSets = new("subjectSet")
    {
        Kinds =
        [
            new("singleUser", Edm.Id("userId") with { Required = true }, Note),
            new("groupMembers", Edm.Id("groupId") with { Required = true }, Note),
            new("connectedOrganizationMembers", Edm.Id("connectedOrganizationId") with { Required = true }, Note),
            new("requestorManager", Edm.Number("managerLevel"), Note),
            new("internalSponsors", Note),
            new("externalSponsors", Note),
            new("targetManager", Edm.Number("managerLevel"), Note),
            new("targetUserSponsors", Note),
            new("targetApplicationOwners", Note),
            new("attributeRuleMembers", Edm.Text("membershipRule") with { Required = true }, Note),
            new("singleServicePrincipal", Edm.Id("servicePrincipalId") with { Required = true }, Note),
        ],
    };

    public static readonly EntityType ExpirationType = new("expirationPattern", Edm.Member("type", "notSpecified", "noExpiration", "afterDateTime", "afterDuration"), Edm.Time("endDateTime"), Edm.Duration("duration"));

    public static readonly EntityType RecurrenceType = new(
        "patternedRecurrence",
        Edm.Complex("pattern", new EntityType(
            "recurrencePattern",
            Edm.Member("type", "daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"),
            Edm.Number("interval"),
            Edm.Number("month"),
            Edm.Number("dayOfMonth"),
            Edm.Member("daysOfWeek", Days) with { Many = true },
            Edm.Member("firstDayOfWeek", Days),
            Edm.Member("index", "first", "second", "third", "fourth", "last"))),
        Edm.Complex("range", new EntityType("recurrenceRange", Edm.Member("type", "endDate", "noEnd", "numbered"), Edm.Number("numberOfOccurrences"), Edm.Text("recurrenceTimeZone", 64), Edm.Text("startDate", 32), Edm.Text("endDate", 32))));

    private static readonly EntityType Schedule = new("entitlementManagementSchedule", Edm.Time("startDateTime"), Edm.Complex("expiration", ExpirationType), Edm.Complex("recurrence", RecurrenceType));

    private static readonly EntityType Requestor = new(
        "accessPackageAssignmentRequestorSettings",
        Edm.Flag("enableTargetsToSelfAddAccess"), Edm.Flag("enableTargetsToSelfUpdateAccess"), Edm.Flag("enableTargetsToSelfRemoveAccess"), Edm.Flag("allowCustomAssignmentSchedule"),
        Edm.Flag("enableOnBehalfRequestorsToAddAccess"), Edm.Flag("enableOnBehalfRequestorsToUpdateAccess"), Edm.Flag("enableOnBehalfRequestorsToRemoveAccess"),
        Edm.Complex("onBehalfRequestors", SubjectSets) with { Many = true });

    private static readonly EntityType Stage = new(
        "accessPackageApprovalStage",
        Edm.Duration("durationBeforeAutomaticDenial"), Edm.Flag("isApproverJustificationRequired"), Edm.Flag("isEscalationEnabled"), Edm.Duration("durationBeforeEscalation"),
        Edm.Complex("primaryApprovers", SubjectSets) with { Many = true }, Edm.Complex("fallbackPrimaryApprovers", SubjectSets) with { Many = true },
        Edm.Complex("escalationApprovers", SubjectSets) with { Many = true }, Edm.Complex("fallbackEscalationApprovers", SubjectSets) with { Many = true });

    private static readonly EntityType Approval = new(
        "accessPackageAssignmentApprovalSettings",
        Edm.Flag("isApprovalRequiredForAdd"), Edm.Flag("isApprovalRequiredForUpdate"), Edm.Flag("isRequestorJustificationRequired"), Edm.Complex("stages", Stage) with { Many = true });

    private static readonly EntityType Review = new(
        "accessPackageAssignmentReviewSettings",
        Edm.Flag("isEnabled"), Edm.Member("expirationBehavior", "keepAccess", "removeAccess", "acceptAccessRecommendation"), Edm.Flag("isRecommendationEnabled"),
        Edm.Flag("isReviewerJustificationRequired"), Edm.Flag("isSelfReview"), Edm.Complex("schedule", Schedule),
        Edm.Complex("primaryReviewers", SubjectSets) with { Many = true }, Edm.Complex("fallbackReviewers", SubjectSets) with { Many = true });

    private static readonly IReadOnlyList<EntityProperty> AnyQuestion =
        [Edm.Id("id"), Edm.Flag("isRequired"), Edm.Flag("isAnswerEditable"), Edm.Number("sequence"), Edm.Text("text", 1000) with { Required = true }, Edm.Open("localizations") with { Many = true }];

    private static readonly EntityType Questions = new("accessPackageQuestion")
    {
        Kinds =
        [
            new("accessPackageTextInputQuestion", [.. AnyQuestion, Edm.Flag("isSingleLineQuestion"), Edm.Text("regexPattern", 500)]),
            new("accessPackageMultipleChoiceQuestion",
                [.. AnyQuestion, Edm.Flag("isMultipleSelectionAllowed"), Edm.Complex("choices", new EntityType("accessPackageAnswerChoice", Edm.Text("actualValue", 256) with { Required = true }, Edm.Text("text", 256), Edm.Open("localizations") with { Many = true })) with { Many = true }]),
        ],
    };

    private static readonly EntityType AutomaticRequests = new("accessPackageAutomaticRequestSettings", Edm.Flag("requestAccessForAllowedTargets"), Edm.Flag("removeAccessWhenTargetLeavesAllowedTargets"), Edm.Duration("gracePeriodBeforeAccessRemoval"));

    public static readonly EntitySet Set = new("identityGovernance/entitlementManagement/assignmentPolicies", new EntityType(
        "accessPackageAssignmentPolicy",
        Edm.Key(),
        Edm.Text("displayName", 256) with { Required = true, Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Text("description", 4096),
        Edm.Member("allowedTargetScope", "notSpecified", "specificDirectoryUsers", "specificConnectedOrganizationUsers", "specificDirectoryServicePrincipals", "allMemberUsers", "allDirectoryUsers", "allDirectoryServicePrincipals", "allConfiguredConnectedOrganizationUsers", "allExternalUsers") with { Filter = Edm.Equal },
        Edm.Complex("specificAllowedTargets", SubjectSets) with { Many = true },
        Edm.Complex("expiration", ExpirationType),
        Edm.Complex("requestorSettings", Requestor),
        Edm.Complex("requestApprovalSettings", Approval),
        Edm.Complex("reviewSettings", Review),
        Edm.Complex("automaticRequestSettings", AutomaticRequests),
        Edm.Complex("notificationSettings", new EntityType("accessPackageNotificationSettings", Edm.Flag("isAssignmentNotificationDisabled"))),
        Edm.Complex("questions", Questions) with { Many = true, OnSelect = true },
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Sort = true },
        Edm.Time("modifiedDateTime") with { ReadOnly = true, Filter = Edm.Order },
        Edm.Reference("catalog") with { Type = CatalogShape.Set.Type, OnSelect = true },
        Edm.Reference("accessPackage") with { Type = PackageShape.Set.Type, OnSelect = true, Required = true })
    {
        Relations = ["accessPackage", "catalog", "questions", "customExtensionStageSettings"],
    });

    private static IReadOnlyList<string> Days => ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    public static JsonObject Of(AssignmentPolicy policy, EntitlementManagement governance)
    {
        var state = governance.State;
        var shape = Plain(policy);
        shape["questions"] = GovernanceJson.Write(policy.Body)["questions"]?.DeepClone();
        var package = state.Packages.Find(GovernanceState.Key(policy.TenantId, policy.PackageId));
        shape["accessPackage"] = package is null ? null : PackageShape.Of(package, governance);
        shape["catalog"] = shape["accessPackage"]?["catalog"]?.DeepClone();
        return shape;
    }

    /// <summary>Without relations.</summary>
    public static JsonObject Plain(AssignmentPolicy policy)
    {
        var shape = GovernanceJson.Write(policy.Body);
        shape.Remove("questions");
        shape.Insert(0, "id", policy.Id.ToString("D"));
        shape["createdDateTime"] = GovernanceJson.Time(policy.CreatedAt);
        shape["modifiedDateTime"] = GovernanceJson.Time(policy.ModifiedAt);
        return shape;
    }

    /// <summary>What a person who may ask under the policy has to know. Source: accesspackageassignmentrequestrequirements resource type, 2024.</summary>
    public static JsonObject Requirements(AssignmentPolicy policy)
    {
        var body = GovernanceJson.Write(policy.Body);
        return new JsonObject
        {
            ["policyId"] = policy.Id.ToString("D"),
            ["policyDisplayName"] = policy.Body.DisplayName,
            ["policyDescription"] = policy.Body.Description,
            ["allowCustomAssignmentSchedule"] = policy.Body.RequestorSettings.AllowCustomAssignmentSchedule,
            ["isApprovalRequiredForAdd"] = policy.Body.RequestApprovalSettings.IsApprovalRequiredForAdd,
            ["isApprovalRequiredForUpdate"] = policy.Body.RequestApprovalSettings.IsApprovalRequiredForUpdate,
            ["schedule"] = new JsonObject { ["startDateTime"] = null, ["recurrence"] = null, ["expiration"] = body["expiration"]?.DeepClone() },
            ["questions"] = body["questions"]?.DeepClone(),
        };
    }

    /// <summary>The set with its relations followed.</summary>
    public static EntitySet Related(GraphCall call, EntitlementManagement governance) => Set with
    {
        Follow = (entity, relation) => relation == "customExtensionStageSettings" ? new JsonArray() : entity[relation]?.DeepClone(),
    };
}
