using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World.Governance;

/// <summary>A review that comes back. Made by the service from a policy's review settings, or by an administrator. Source: accessreviewscheduledefinition resource type, 2025.</summary>
internal sealed record ReviewDefinition
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required string DisplayName { get; init; }

    public string? DescriptionForAdmins { get; init; }

    public string? DescriptionForReviewers { get; init; }

    /// <summary><c>NotStarted</c>, <c>InProgress</c> or <c>Completed</c>.</summary>
    public string Status { get; init; } = "NotStarted";

    /// <summary>What is reviewed.</summary>
    public required ReviewScope Scope { get; init; }

    /// <summary>Reviews of one policy's assignments: the policy.</summary>
    public Guid? PolicyId { get; init; }

    public bool IsSelfReview { get; init; }

    public IReadOnlyList<SubjectSet> Reviewers { get; init; } = [];

    public IReadOnlyList<SubjectSet> FallbackReviewers { get; init; } = [];

    public ReviewRules Rules { get; init; } = new();

    public Recurrence? Recurrence { get; init; }

    /// <summary>The first instance. UTC.</summary>
    public DateTimeOffset StartsAt { get; init; }

    /// <summary>The next instance; null: none.</summary>
    public DateTimeOffset? NextAt { get; init; }

    public TimeSpan Window { get; init; } = TimeSpan.FromDays(14);

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>Who made it; null: the service.</summary>
    public Guid? CreatedBy { get; init; }

    /// <summary>Members of the body that only readers of it care about, as written.</summary>
    public JsonObject Kept { get; init; } = [];
}

/// <summary>What a review looks at: assignments of a package and policy, or members of a group.</summary>
internal sealed record ReviewScope
{
    public Guid? PackageId { get; init; }

    public Guid? PolicyId { get; init; }

    public Guid? GroupId { get; init; }

    /// <summary>Guests of the group only.</summary>
    public bool GuestsOnly { get; init; }
}

/// <summary>How decisions are made and carried out. Source: accessreviewschedulesettings resource type, 2025.</summary>
internal sealed record ReviewRules
{
    public bool AutoApply { get; init; } = true;

    /// <summary><c>None</c>, <c>Approve</c>, <c>Deny</c> or <c>Recommendation</c> for what nobody decided.</summary>
    public string DefaultDecision { get; init; } = "None";

    public bool Recommendations { get; init; } = true;

    public bool JustificationRequired { get; init; }

    public bool Mails { get; init; } = true;

    public bool Reminders { get; init; } = true;

    public TimeSpan LookBack { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>One round of a review. Source: accessreviewinstance resource type, 2025.</summary>
internal sealed record ReviewInstance
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid DefinitionId { get; init; }

    /// <summary><c>InProgress</c>, <c>Completed</c> or <c>Applied</c>.</summary>
    public string Status { get; init; } = "InProgress";

    public DateTimeOffset StartsAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public IReadOnlyList<ReviewDecision> Decisions { get; init; } = [];
}

/// <summary>What was decided about one person. Source: accessreviewinstancedecisionitem resource type, 2025.</summary>
internal sealed record ReviewDecision
{
    public required Guid Id { get; init; }

    /// <summary>The person's object in the tenant.</summary>
    public required Guid PrincipalId { get; init; }

    public required string PrincipalName { get; init; }

    public required string PrincipalUpn { get; init; }

    /// <summary>Of reviews of assignments.</summary>
    public Guid? AssignmentId { get; init; }

    /// <summary><c>NotReviewed</c>, <c>Approve</c>, <c>Deny</c> or <c>DontKnow</c>.</summary>
    public string Decision { get; init; } = "NotReviewed";

    /// <summary><c>Approve</c>, <c>Deny</c> or <c>NoInfoAvailable</c>.</summary>
    public string Recommendation { get; init; } = "NoInfoAvailable";

    public string? Justification { get; init; }

    /// <summary>Null: nobody yet; <see cref="Guid.Empty"/>: the service.</summary>
    public Guid? ReviewedBy { get; init; }

    public DateTimeOffset? ReviewedAt { get; init; }

    /// <summary><c>New</c>, <c>AppliedSuccessfully</c> or <c>AppliedSuccessfullyButObjectNotFound</c>.</summary>
    public string ApplyResult { get; init; } = "New";

    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>Who may decide: objects in the tenant.</summary>
    public IReadOnlyList<Guid> Reviewers { get; init; } = [];
}
