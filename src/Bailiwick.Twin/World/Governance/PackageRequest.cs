namespace Bailiwick.Twin.World.Governance;

/// <summary>A person as requests and assignments name them; the object in the tenant may not exist yet. Source: accesspackagesubject resource type, 2024.</summary>
internal sealed record Subject
{
    /// <summary>The subject's own id; stays when the guest object is made.</summary>
    public required Guid Id { get; init; }

    /// <summary>The object in the tenant; null before there is one.</summary>
    public Guid? ObjectId { get; init; }

    /// <summary>Where the person signs in; null while nobody knows.</summary>
    public Guid? HomeTenantId { get; init; }

    public required string DisplayName { get; init; }

    public required string Email { get; init; }

    public required string PrincipalName { get; init; }

    public Guid? OrganizationId { get; init; }

    /// <summary>Named before there was an object.</summary>
    public bool Unknown { get; init; }

    /// <summary>True when both name the same person.</summary>
    public bool Is(Subject other) => Id == other.Id || (ObjectId is { } mine && mine == other.ObjectId) || Email.Equals(other.Email, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a person answered to a question of the policy.</summary>
internal sealed record Answer(Guid QuestionId, string? Value);

/// <summary>When an assignment shall begin and end. Source: entitlementmanagementschedule resource type, 2024.</summary>
internal sealed record RequestSchedule
{
    public DateTimeOffset? StartDateTime { get; init; }

    public Expiration? Expiration { get; init; }
}

/// <summary>A request for, about or against an assignment. Source: accesspackageassignmentrequest resource type, 2024.</summary>
internal sealed record PackageRequest
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    /// <summary>As on the wire, such as <c>userAdd</c>.</summary>
    public required string RequestType { get; init; }

    /// <summary>As on the wire, such as <c>pendingApproval</c>.</summary>
    public string State { get; init; } = "submitted";

    /// <summary>Free text of the service beside the state.</summary>
    public string Status { get; init; } = "Accepted";

    public string? Justification { get; init; }

    public IReadOnlyList<Answer> Answers { get; init; } = [];

    public RequestSchedule? Schedule { get; init; }

    public required Subject Requestor { get; init; }

    public required Subject Target { get; init; }

    public required Guid PackageId { get; init; }

    public required Guid PolicyId { get; init; }

    /// <summary>The assignment it made or concerns.</summary>
    public Guid? AssignmentId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Stages of its approval so far begun or waiting; empty: none was needed.</summary>
    public IReadOnlyList<ApprovalStage> Stages { get; init; } = [];

    /// <summary>The stage that waits for a decision.</summary>
    public ApprovalStage? OpenStage => State == "pendingApproval" ? Stages.FirstOrDefault(stage => stage.Status == "InProgress") : null;

    /// <summary>True until it came to an end.</summary>
    public bool IsOpen => State is "submitted" or "pendingApproval" or "scheduled" or "delivering";

    /// <summary>True for the kinds an administrator sends.</summary>
    public bool ByAdministrator => RequestType.StartsWith("admin", StringComparison.Ordinal);
}

/// <summary>One stage of a request's approval. Source: approvalstage resource type, 2024.</summary>
internal sealed record ApprovalStage
{
    public required Guid Id { get; init; }

    /// <summary>From 0.</summary>
    public required int Number { get; init; }

    /// <summary><c>Initializing</c>, <c>InProgress</c>, <c>Completed</c> or <c>Expired</c>.</summary>
    public string Status { get; init; } = "Initializing";

    /// <summary><c>NotReviewed</c>, <c>Approve</c> or <c>Deny</c>.</summary>
    public string Result { get; init; } = "NotReviewed";

    public Guid? ReviewedBy { get; init; }

    public DateTimeOffset? ReviewedAt { get; init; }

    public string? Justification { get; init; }

    /// <summary>Who may decide: objects in the tenant, as the sets stood when the stage began. Alternates join at the escalation.</summary>
    public IReadOnlyList<Guid> Approvers { get; init; } = [];

    public bool Escalated { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? EscalatesAt { get; init; }

    public DateTimeOffset? RemindsAt { get; init; }
}

/// <summary>A package in somebody's hands. Source: accesspackageassignment resource type, 2024.</summary>
internal sealed record PackageAssignment
{
    public required Guid Id { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid PackageId { get; init; }

    public required Guid PolicyId { get; init; }

    public required Subject Target { get; init; }

    /// <summary><c>delivered</c>, <c>partiallyDelivered</c>, <c>deliveryFailed</c> or <c>expired</c>.</summary>
    public string State { get; init; } = "delivered";

    public string Status { get; init; } = "Delivered";

    public DateTimeOffset StartsAt { get; init; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>An administrator gave it directly: no mails.</summary>
    public bool Quiet { get; init; }

    /// <summary>True while it gives access, even in part.</summary>
    public bool IsHeld => State is "delivered" or "partiallyDelivered";
}

/// <summary>What is left of a guest whose last assignment ended.</summary>
/// <param name="TenantId">Where.</param>
/// <param name="UserId">The guest object.</param>
/// <param name="BlockedAt">UTC.</param>
/// <param name="DeleteAt">Null: never.</param>
internal sealed record GuestEnd(Guid TenantId, Guid UserId, DateTimeOffset BlockedAt, DateTimeOffset? DeleteAt);

/// <summary>A mail the service would send.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Sequence">Order of sending in the tenant, from 1.</param>
/// <param name="Number">Of the catalogue in entitlement-management-process; 0 for mails of access reviews.</param>
/// <param name="To">Address.</param>
/// <param name="Subject">Subject line.</param>
/// <param name="Link">Where it leads in My Access.</param>
/// <param name="SentAt">UTC.</param>
internal sealed record GovernanceMail(Guid TenantId, int Sequence, int Number, string To, string Subject, string Link, DateTimeOffset SentAt);
