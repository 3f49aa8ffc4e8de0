namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// Stages of approval: one approver decides each, nobody decides about themselves, silence ends as a denial. Approvers are those of the sets when the stage begins.
/// Source: entitlement-management-access-package-approval-policy 2025, entitlement-management-process 2023 (mails). Callers hold the tenant's gate, <see cref="Decide"/> takes it.
/// </summary>
internal sealed class Approvals(GovernanceState state, People people)
{
    private const string Link = "request-approval";

    /// <summary>Goes on with a request that every stage approved.</summary>
    public required Func<PackageRequest, PackageRequest> Approved { get; init; }

    /// <summary>Begins the first stage.</summary>
    public PackageRequest Begin(PackageRequest request, AssignmentPolicy policy, TwinActor actor)
    {
        var stages = policy.Body.RequestApprovalSettings.Stages.Select((_, number) => new ApprovalStage { Id = state.Derived("stage", request.Id, $"{number}"), Number = number }).ToList();
        state.Audit(request, actor, "Create request approval", "Create", "UserManagement");
        return Open(request with { State = "pendingApproval", Status = "PendingApproval", Stages = stages }, policy, 0);
    }

    /// <summary>Waits for reminder, escalation and end of the stage under way.</summary>
    public void Schedule(PackageRequest request)
    {
        if (request.OpenStage is not { } stage) return;
        At(request, stage, stage.RemindsAt, Remind);
        At(request, stage, stage.EscalatesAt, Escalate);
        At(request, stage, stage.DueAt, Expire);
    }

    /// <summary>Decides a stage.</summary>
    /// <exception cref="GovernanceRefusedException">No such stage, not an approver of it, decided already, or without the justification it needs.</exception>
    public PackageRequest Decide(Guid tenant, Guid id, Guid stageId, TwinUser by, TwinActor actor, bool approve, string? justification)
    {
        lock (state.Gate(tenant))
        {
            var request = state.Find(state.Requests, tenant, id, "approval");
            var stage = request.Stages.FirstOrDefault(item => item.Id == stageId) ?? throw new GovernanceRefusedException($"The stage '{stageId}' does not exist.", GovernanceFault.Missing);
            if (!stage.Approvers.Contains(by.Id) || request.Requestor.Is(people.Of(by)) || request.Target.Is(people.Of(by))) throw new GovernanceRefusedException("You are not an approver of this stage.", GovernanceFault.Denied);
            if (stage.Status != "InProgress" || request.State != "pendingApproval") throw new GovernanceRefusedException("This stage was decided already, or its time is over.", GovernanceFault.Decided);
            var policy = state.Find(state.Policies, tenant, request.PolicyId, "assignment policy");
            if (stage.Number < policy.Body.RequestApprovalSettings.Stages.Count && policy.Body.RequestApprovalSettings.Stages[stage.Number].IsApproverJustificationRequired && string.IsNullOrWhiteSpace(justification))
                throw new GovernanceRefusedException("The policy requires a justification of the approver.");
            request = Replace(request, stage with { Status = "Completed", Result = approve ? "Approve" : "Deny", ReviewedBy = by.Id, ReviewedAt = state.Now, Justification = justification });
            state.Audit(request, actor, approve ? "Approve access package assignment request" : "Deny access package assignment request", approve ? "ApproveEntitlementGrantRequest" : "DenyEntitlementGrantRequest");
            if (!approve) return Deny(request, stage);
            var more = stage.Number + 1 < request.Stages.Count;
            state.Mail(tenant, (stage.Number, request.Stages.Count) switch { (0, 1) => 7, (0, _) => 8, _ => 16 }, stage.Approvers, $"Approved: {Words(request)}", Link);
            if (more) return Open(request, policy, stage.Number + 1);
            request = request with { State = "delivering", Status = "Delivering" };
            state.Requests.Put(request);
            return Approved(request);
        }
    }

    private PackageRequest Open(PackageRequest request, AssignmentPolicy policy, int number)
    {
        var settings = policy.Body.RequestApprovalSettings.Stages[number];
        var approvers = Ask(request, settings.PrimaryApprovers, settings.FallbackPrimaryApprovers);
        var now = state.Now;
        var stage = request.Stages[number] with
        {
            Status = "InProgress",
            Approvers = approvers,
            DueAt = now + settings.DurationBeforeAutomaticDenial,
            RemindsAt = now + (settings.DurationBeforeAutomaticDenial / 2),
            EscalatesAt = settings.IsEscalationEnabled ? now + settings.DurationBeforeEscalation : null,
        };
        request = Replace(request, stage);
        foreach (var approver in approvers) state.Audit(request, TwinActor.Service, $"Add approver to request approval", $"AddApprover {approver:D}", "UserManagement");
        state.Mail(request.TenantId, (number, settings.IsEscalationEnabled) switch { (0, false) => 2, (0, true) => 4, (_, false) => 11, _ => 13 }, approvers, $"Decide by {stage.DueAt:yyyy-MM-dd}: {Words(request)}", Link);
        Schedule(request);
        return request;
    }

    private List<Guid> Ask(PackageRequest request, IReadOnlyList<SubjectSet> sets, IReadOnlyList<SubjectSet> fallback)
    {
        var found = Others(request, sets);
        return found.Count > 0 ? found : Others(request, fallback);
    }

    private List<Guid> Others(PackageRequest request, IReadOnlyList<SubjectSet> sets) =>
        [.. people.Resolve(request.TenantId, sets, request.Target).Where(user => !request.Requestor.Is(people.Of(user)) && !request.Target.Is(people.Of(user))).Select(user => user.Id)];

    private PackageRequest Deny(PackageRequest request, ApprovalStage stage)
    {
        request = request with { State = "denied", Status = "Denied", CompletedAt = state.Now };
        state.Requests.Put(request);
        state.Mail(request.TenantId, 9, request.Requestor.Email, $"Denied: {Words(request)}", $"access-packages/{request.PackageId:D}");
        return request;
    }

    private PackageRequest Replace(PackageRequest request, ApprovalStage stage)
    {
        var replaced = request with { Stages = [.. request.Stages.Select(item => item.Id == stage.Id ? stage : item)] };
        state.Requests.Put(replaced);
        return replaced;
    }

    private void At(PackageRequest request, ApprovalStage stage, DateTimeOffset? when, Action<PackageRequest, ApprovalStage> act)
    {
        if (when is not { } at || (at <= state.Now && act != Expire)) return;
        var due = stage.DueAt;
        state.At(request.TenantId, at, () =>
        {
            if (state.Requests.Find(GovernanceState.Key(request.TenantId, request.Id)) is { } now && now.OpenStage is { } open && open.Id == stage.Id && open.DueAt == due) act(now, open);
        });
    }

    private void Remind(PackageRequest request, ApprovalStage stage) =>
        state.Mail(request.TenantId, (stage.Number, stage.EscalatesAt is not null) switch { (0, false) => 3, (0, true) => 5, (_, false) => 12, _ => 14 }, stage.Approvers, $"Reminder: decide by {stage.DueAt:yyyy-MM-dd}: {Words(request)}", Link);

    private void Escalate(PackageRequest request, ApprovalStage stage)
    {
        var policy = state.Find(state.Policies, request.TenantId, request.PolicyId, "assignment policy");
        var settings = stage.Number < policy.Body.RequestApprovalSettings.Stages.Count ? policy.Body.RequestApprovalSettings.Stages[stage.Number] : new StageSettings();
        var alternates = Ask(request, settings.EscalationApprovers, settings.FallbackEscalationApprovers).Except(stage.Approvers).ToList();
        request = Replace(request with { Status = "PendingApprovalEscalated" }, stage with { Escalated = true, Approvers = [.. stage.Approvers, .. alternates] });
        foreach (var approver in alternates) state.Audit(request, TwinActor.Service, "Add approver to request approval", $"AddApprover {approver:D}", "UserManagement");
        state.Mail(request.TenantId, stage.Number == 0 ? 1 : 15, alternates, $"Escalated, decide by {stage.DueAt:yyyy-MM-dd}: {Words(request)}", Link);
    }

    private void Expire(PackageRequest request, ApprovalStage stage)
    {
        request = Replace(request, stage with { Status = "Expired" }) with { State = "denied", Status = "Expired", CompletedAt = state.Now };
        state.Requests.Put(request);
        state.Audit(request, TwinActor.Service, "Access package assignment request timed out (no approver action taken)", "TimeOutEntitlementGrantRequest");
        state.Mail(request.TenantId, 10, request.Requestor.Email, $"Nobody decided in time: {Words(request)}", $"access-packages/{request.PackageId:D}");
        state.Mail(request.TenantId, stage.Number == 0 ? 6 : 17, stage.Approvers, $"Expired undecided: {Words(request)}", Link);
    }

    private string Words(PackageRequest request) =>
        $"{request.Requestor.DisplayName} asks for {state.Packages.Find(GovernanceState.Key(request.TenantId, request.PackageId))?.DisplayName} in {state.Directory.FindTenant(request.TenantId)?.DisplayName}";
}
