using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Bailiwick.Twin.World.Governance;

/// <summary>Who may get a package and how. Source: accesspackageassignmentpolicy resource type, 2025.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose.</param>
/// <param name="PackageId">The package.</param>
/// <param name="Body">As on the wire, defaults filled in.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ModifiedAt">UTC.</param>
internal sealed record AssignmentPolicy(Guid Id, Guid TenantId, Guid PackageId, PolicyBody Body, DateTimeOffset CreatedAt, DateTimeOffset ModifiedAt);

/// <summary>What a caller writes into a policy; names and defaults as on the wire.</summary>
internal sealed record PolicyBody
{
    /// <summary>Name; unique in the package.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Who may have the package.</summary>
    public string AllowedTargetScope { get; init; } = "notSpecified";

    /// <summary>The people, where the scope is a specific one.</summary>
    public IReadOnlyList<SubjectSet> SpecificAllowedTargets { get; init; } = [];

    /// <summary>When an assignment ends.</summary>
    public Expiration Expiration { get; init; } = new();

    /// <summary>Who may ask.</summary>
    public RequestorSettings RequestorSettings { get; init; } = new();

    /// <summary>Who must agree.</summary>
    public ApprovalSettings RequestApprovalSettings { get; init; } = new();

    /// <summary>Reviews of what was assigned; null: none.</summary>
    public ReviewSettings? ReviewSettings { get; init; }

    /// <summary>Mails that are left out; null: none.</summary>
    public NotificationSettings? NotificationSettings { get; init; }

    /// <summary>Kept as written; the twin assigns nothing by itself.</summary>
    public JsonObject? AutomaticRequestSettings { get; init; }

    /// <summary>What a requestor is asked, in order.</summary>
    public IReadOnlyList<Question> Questions { get; init; } = [];
}

/// <summary>A set of people; which members are set depends on the kind. Source: subjectset resource type, 2024.</summary>
internal sealed record SubjectSet
{
    /// <summary>Such as <c>#microsoft.graph.groupMembers</c>.</summary>
    [JsonPropertyName("@odata.type")]
    public required string Kind { get; init; }

    /// <summary>Free text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    /// <summary>Of one user.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? UserId { get; init; }

    /// <summary>Of a group.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>Of a connected organization.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConnectedOrganizationId { get; init; }

    /// <summary>Of managers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ManagerLevel { get; init; }

    /// <summary>Of a rule over attributes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MembershipRule { get; init; }

    /// <summary>Of one service principal.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ServicePrincipalId { get; init; }
}

/// <summary>When something ends. Source: expirationpattern resource type, 2024.</summary>
internal sealed record Expiration
{
    /// <summary><c>notSpecified</c>, <c>noExpiration</c>, <c>afterDateTime</c> or <c>afterDuration</c>.</summary>
    public string Type { get; init; } = "notSpecified";

    /// <summary>Of <c>afterDateTime</c>. UTC.</summary>
    public DateTimeOffset? EndDateTime { get; init; }

    /// <summary>Of <c>afterDuration</c>.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The end counted from a moment; null: never.</summary>
    public DateTimeOffset? From(DateTimeOffset start) => Type switch
    {
        "afterDuration" => start + Duration,
        "afterDateTime" => EndDateTime,
        _ => null,
    };
}

/// <summary>Who may ask for themselves, and for others. Source: accesspackageassignmentrequestorsettings resource type, 2024.</summary>
internal sealed record RequestorSettings
{
    public bool EnableTargetsToSelfAddAccess { get; init; }

    public bool EnableTargetsToSelfUpdateAccess { get; init; }

    public bool EnableTargetsToSelfRemoveAccess { get; init; }

    public bool AllowCustomAssignmentSchedule { get; init; }

    public bool EnableOnBehalfRequestorsToAddAccess { get; init; }

    public bool EnableOnBehalfRequestorsToUpdateAccess { get; init; }

    public bool EnableOnBehalfRequestorsToRemoveAccess { get; init; }

    public IReadOnlyList<SubjectSet> OnBehalfRequestors { get; init; } = [];
}

/// <summary>Whether and by whom requests are approved. Source: accesspackageassignmentapprovalsettings resource type, 2024.</summary>
internal sealed record ApprovalSettings
{
    public bool IsApprovalRequiredForAdd { get; init; }

    public bool IsApprovalRequiredForUpdate { get; init; }

    public bool IsRequestorJustificationRequired { get; init; }

    /// <summary>One to three where approval is required.</summary>
    public IReadOnlyList<StageSettings> Stages { get; init; } = [];
}

/// <summary>One stage of approval. Source: accesspackageapprovalstage resource type, 2024.</summary>
internal sealed record StageSettings
{
    /// <summary>At most 14 days.</summary>
    public TimeSpan DurationBeforeAutomaticDenial { get; init; } = TimeSpan.FromDays(14);

    public bool IsApproverJustificationRequired { get; init; }

    public bool IsEscalationEnabled { get; init; }

    public TimeSpan DurationBeforeEscalation { get; init; }

    public IReadOnlyList<SubjectSet> PrimaryApprovers { get; init; } = [];

    public IReadOnlyList<SubjectSet> FallbackPrimaryApprovers { get; init; } = [];

    public IReadOnlyList<SubjectSet> EscalationApprovers { get; init; } = [];

    public IReadOnlyList<SubjectSet> FallbackEscalationApprovers { get; init; } = [];
}

/// <summary>Reviews of a policy's assignments. Source: accesspackageassignmentreviewsettings resource type, 2024.</summary>
internal sealed record ReviewSettings
{
    public bool IsEnabled { get; init; }

    /// <summary>What happens to what nobody decided: <c>keepAccess</c>, <c>removeAccess</c> or <c>acceptAccessRecommendation</c>.</summary>
    public string ExpirationBehavior { get; init; } = "keepAccess";

    public bool IsRecommendationEnabled { get; init; }

    public bool IsReviewerJustificationRequired { get; init; }

    public bool IsSelfReview { get; init; }

    public ReviewSchedule Schedule { get; init; } = new();

    public IReadOnlyList<SubjectSet> PrimaryReviewers { get; init; } = [];

    public IReadOnlyList<SubjectSet> FallbackReviewers { get; init; } = [];
}

/// <summary>When reviews begin, how long they run, how they come back. Source: entitlementmanagementschedule resource type, 2024.</summary>
internal sealed record ReviewSchedule
{
    public DateTimeOffset? StartDateTime { get; init; }

    public Expiration? Expiration { get; init; }

    public Recurrence? Recurrence { get; init; }
}

/// <summary>Which mails are left out.</summary>
internal sealed record NotificationSettings
{
    public bool IsAssignmentNotificationDisabled { get; init; }
}

/// <summary>A question to requestors; which members are set depends on the kind. Source: accesspackagequestion resource type, 2024.</summary>
internal sealed record Question
{
    /// <summary><c>#microsoft.graph.accessPackageTextInputQuestion</c> or <c>#microsoft.graph.accessPackageMultipleChoiceQuestion</c>.</summary>
    [JsonPropertyName("@odata.type")]
    public required string Kind { get; init; }

    public Guid? Id { get; init; }

    public bool IsRequired { get; init; }

    public bool IsAnswerEditable { get; init; } = true;

    public int Sequence { get; init; }

    public string Text { get; init; } = "";

    public JsonArray Localizations { get; init; } = [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsSingleLineQuestion { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RegexPattern { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Choice>? Choices { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsMultipleSelectionAllowed { get; init; }
}

/// <summary>One answer to choose.</summary>
internal sealed record Choice
{
    /// <summary>What is answered.</summary>
    public string ActualValue { get; init; } = "";

    /// <summary>What is shown.</summary>
    public string Text { get; init; } = "";

    public JsonArray Localizations { get; init; } = [];
}
