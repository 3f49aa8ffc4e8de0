namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// The life of a request: submitted, approved or not, delivered; extension and removal. Source: entitlement-management-process 2023,
/// accesspackageassignmentrequest resource type 2024. Every method takes the tenant's gate.
/// </summary>
internal sealed class Requests
{
    private static readonly TimeSpan ReprocessWindow = TimeSpan.FromDays(7);
    private readonly GovernanceState _state;
    private readonly People _people;
    private readonly Assignments _assignments;
    private readonly Approvals _approvals;

    public Requests(GovernanceState state, People people, RequestRules rules, Assignments assignments)
    {
        (_state, _people, Rules, _assignments) = (state, people, rules, assignments);
        _approvals = new Approvals(state, people) { Approved = Proceed };
        _assignments.Ended = ended => CloseExtensions(ended.TenantId, ended.Id);
    }

    public RequestRules Rules { get; }

    public Approvals Approvals => _approvals;

    /// <summary>Waits for what open requests wait for; after a start or a restore.</summary>
    public void Load(Guid tenant)
    {
        foreach (var request in _state.Requests.Of(tenant).Where(request => request.IsOpen).OrderBy(request => request.CreatedAt).ThenBy(request => request.Id))
        {
            if (request.State == "scheduled") ScheduleStart(request);
            else _approvals.Schedule(request);
        }
    }

    /// <summary>A person asks for a package.</summary>
    /// <exception cref="GovernanceRefusedException">They may not.</exception>
    public PackageRequest AskFor(AccessPackage package, Subject person, TwinActor actor, RequestWords words)
    {
        lock (_state.Gate(package.TenantId))
        {
            var policy = Rules.ForSelf(package, person, words.PolicyId);
            Rules.CheckFree(package, person, alsoIncompatible: true);
            RequestRules.CheckWords(policy, words.Justification, words.Answers);
            Rules.CheckSchedule(policy, words.Schedule, _state.Now);
            if (_people.Presence(package.TenantId, person) is { Enabled: false }) throw new GovernanceRefusedException($"The account of '{person.PrincipalName}' in this tenant is blocked.", GovernanceFault.Denied);
            var request = New("userAdd", package, policy, person, person, words);
            _state.Audit(request, actor, "User requests access package assignment", "CreateEntitlementGrantUserAddRequest");
            return Submit(request, actor, policy.Body.RequestApprovalSettings.IsApprovalRequiredForAdd ? policy : null);
        }
    }

    /// <summary>An administrator gives a package: no approval, no mails, whoever the policy is for.</summary>
    /// <exception cref="GovernanceRefusedException">The person has it, or the policy is of another package.</exception>
    public PackageRequest Give(AccessPackage package, Subject target, TwinActor actor, RequestWords words)
    {
        lock (_state.Gate(package.TenantId))
        {
            var policy = words.PolicyId is { } id
                ? _state.Find(_state.Policies, package.TenantId, id, "assignment policy")
                : throw new GovernanceRefusedException("A value is required for 'assignment/assignmentPolicyId'.");
            if (policy.PackageId != package.Id) throw new GovernanceRefusedException($"Policy '{id}' does not belong to access package '{package.DisplayName}'.");
            Rules.CheckFree(package, target, alsoIncompatible: false);
            Rules.CheckTimes(policy, words.Schedule);
            var requestor = actor.User is { } admin ? _people.Of(admin) : target;
            var request = New("adminAdd", package, policy, requestor, target, words);
            _state.Audit(request, actor, "Administrator directly assigns user to access package", "CreateEntitlementGrantAdminAddRequest");
            return Submit(request, actor, approval: null);
        }
    }

    /// <summary>A holder asks to keep a package for another term, counted from the present end.</summary>
    /// <exception cref="GovernanceRefusedException">It is not theirs, has no end, or the policy does not let them.</exception>
    public PackageRequest Extend(PackageAssignment assignment, Subject person, TwinActor actor, RequestWords words)
    {
        lock (_state.Gate(assignment.TenantId))
        {
            var (package, policy, held) = Held(assignment);
            if (!held.Target.Is(person)) throw new GovernanceRefusedException($"Assignment '{held.Id}' is not that of '{person.PrincipalName}'.", GovernanceFault.Denied);
            if (!policy.Body.RequestorSettings.EnableTargetsToSelfUpdateAccess) throw new GovernanceRefusedException("The policy does not let people extend access themselves.");
            if (held.EndsAt is not { } end) throw new GovernanceRefusedException($"Assignment '{held.Id}' has no end that could be extended.");
            if (_state.Requests.Of(held.TenantId).Any(open => open.IsOpen && open.AssignmentId == held.Id)) throw new GovernanceRefusedException($"There is an open request about assignment '{held.Id}'.");
            RequestRules.CheckWords(policy with { Body = policy.Body with { Questions = [] } }, words.Justification, []);
            Rules.CheckSchedule(policy, words.Schedule, end);
            var request = New("userUpdate", package, policy, person, held.Target, words) with { AssignmentId = held.Id };
            _state.Audit(request, actor, "User requests to extend access package assignment", "CreateEntitlementGrantUserUpdateRequest");
            return Submit(request, actor, policy.Body.RequestApprovalSettings.IsApprovalRequiredForUpdate ? policy : null);
        }
    }

    /// <summary>An administrator moves the end of an assignment.</summary>
    /// <exception cref="GovernanceRefusedException">The new end is not in the future.</exception>
    public PackageRequest Change(PackageAssignment assignment, TwinActor actor, RequestWords words)
    {
        lock (_state.Gate(assignment.TenantId))
        {
            var (package, policy, held) = Held(assignment);
            if (words.Schedule?.Expiration is not { Type: not "notSpecified" } expiration) throw new GovernanceRefusedException("A value is required for 'schedule/expiration'.");
            Rules.CheckTimes(policy, words.Schedule with { StartDateTime = null });
            if (expiration.From(held.StartsAt) <= _state.Now) throw new GovernanceRefusedException("The end of the schedule is not in the future.");
            var request = New("adminUpdate", package, policy, actor.User is { } admin ? _people.Of(admin) : held.Target, held.Target, words) with { AssignmentId = held.Id };
            _state.Audit(request, actor, "Administrator updates access package assignment", "CreateEntitlementGrantAdminUpdateRequest");
            return Submit(request, actor, approval: null);
        }
    }

    /// <summary>A holder gives a package up, or an administrator takes it away.</summary>
    /// <exception cref="GovernanceRefusedException">It is not theirs, or the policy does not let them.</exception>
    public PackageRequest Remove(PackageAssignment assignment, Subject? person, TwinActor actor, RequestWords words)
    {
        lock (_state.Gate(assignment.TenantId))
        {
            var current = _state.Find(_state.Assignments, assignment.TenantId, assignment.Id, "assignment");
            if (current.State == "expired") throw new GovernanceRefusedException($"Assignment '{current.Id}' has ended already.");
            var package = _state.Find(_state.Packages, current.TenantId, current.PackageId, "access package");
            var policy = _state.Find(_state.Policies, current.TenantId, current.PolicyId, "assignment policy");
            if (person is not null && !current.Target.Is(person)) throw new GovernanceRefusedException($"Assignment '{current.Id}' is not that of '{person.PrincipalName}'.", GovernanceFault.Denied);
            if (person is not null && !policy.Body.RequestorSettings.EnableTargetsToSelfRemoveAccess) throw new GovernanceRefusedException("The policy does not let people give up access themselves.");
            var requestor = person ?? (actor.User is { } admin ? _people.Of(admin) : current.Target);
            var request = New(person is null ? "adminRemove" : "userRemove", package, policy, requestor, current.Target, words) with { AssignmentId = current.Id };
            _state.Audit(request, actor, person is null ? "Administrator removes access package assignment" : "User requests to remove access package assignment", person is null ? "CreateEntitlementGrantAdminRemoveRequest" : "CreateEntitlementGrantUserRemoveRequest");
            return Submit(request, actor, approval: null);
        }
    }

    /// <summary>Takes an open request back.</summary>
    /// <exception cref="GovernanceRefusedException">It is not open any more.</exception>
    public PackageRequest Cancel(Guid tenant, Guid id, TwinActor actor)
    {
        lock (_state.Gate(tenant))
        {
            var request = _state.Find(_state.Requests, tenant, id, "assignment request");
            if (request.State is not ("submitted" or "pendingApproval" or "scheduled")) throw new GovernanceRefusedException($"A request in state '{request.State}' cannot be canceled.");
            _state.Audit(request, actor, "Cancel access package assignment request", "CancelEntitlementGrantRequest");
            return Finish(request, "canceled", "Canceled");
        }
    }

    /// <summary>Tries again what could not be delivered, for seven days.</summary>
    /// <exception cref="GovernanceRefusedException">There is nothing to try again.</exception>
    public void Reprocess(Guid tenant, Guid id, TwinActor actor)
    {
        lock (_state.Gate(tenant))
        {
            var request = _state.Find(_state.Requests, tenant, id, "assignment request");
            if (request.State is not ("partiallyDelivered" or "deliveryFailed")) throw new GovernanceRefusedException($"A request in state '{request.State}' cannot be reprocessed.");
            if (_state.Now - request.CompletedAt > ReprocessWindow) throw new GovernanceRefusedException("A request can be reprocessed for seven days.");
            _state.Audit(request, actor, "Reprocess access package assignment request", "ReprocessEntitlementGrantRequest");
            Fulfil(request);
        }
    }

    /// <summary>Puts a holder back into what was taken by hand.</summary>
    /// <exception cref="GovernanceRefusedException">The assignment ended.</exception>
    public void Repair(Guid tenant, Guid id, TwinActor actor)
    {
        lock (_state.Gate(tenant))
        {
            var assignment = _state.Find(_state.Assignments, tenant, id, "assignment");
            if (assignment.State == "expired") throw new GovernanceRefusedException($"Assignment '{id}' has ended.");
            _assignments.Reprocess(assignment);
            _state.Audit(tenant, actor, "Reprocess access package assignment", "Update", [new TwinTarget(id.ToString("D"), "AccessPackageAssignment", null), GovernanceAudit.Of(assignment.Target)]);
        }
    }

    /// <summary>Forgets a finished request.</summary>
    /// <exception cref="GovernanceRefusedException">It is open.</exception>
    public void Forget(Guid tenant, Guid id)
    {
        lock (_state.Gate(tenant))
        {
            if (_state.Find(_state.Requests, tenant, id, "assignment request").IsOpen) throw new GovernanceRefusedException("Only a finished request can be deleted; cancel it first.");
            _state.Requests.Remove(GovernanceState.Key(tenant, id));
        }
    }

    private (AccessPackage Package, AssignmentPolicy Policy, PackageAssignment Held) Held(PackageAssignment assignment)
    {
        var current = _state.Find(_state.Assignments, assignment.TenantId, assignment.Id, "assignment");
        if (!current.IsHeld) throw new GovernanceRefusedException($"Assignment '{current.Id}' is in state '{current.State}'.");
        return (_state.Find(_state.Packages, current.TenantId, current.PackageId, "access package"), _state.Find(_state.Policies, current.TenantId, current.PolicyId, "assignment policy"), current);
    }

    private PackageRequest New(string type, AccessPackage package, AssignmentPolicy policy, Subject requestor, Subject target, RequestWords words) => new()
    {
        Id = _state.NewId(_state.Requests, package.TenantId, "request", $"{type}/{package.Id}/{target.Id}"),
        TenantId = package.TenantId,
        RequestType = type,
        Requestor = requestor,
        Target = target,
        PackageId = package.Id,
        PolicyId = policy.Id,
        Justification = words.Justification,
        Answers = words.Answers,
        Schedule = words.Schedule,
        CreatedAt = _state.Now,
    };

    private PackageRequest Submit(PackageRequest request, TwinActor actor, AssignmentPolicy? approval)
    {
        _state.Requests.Put(request);
        if (approval is not null) return _approvals.Begin(request, approval, actor);
        if (!request.ByAdministrator && request.RequestType != "userRemove") _state.Audit(request, TwinActor.Service, "Auto approve access package assignment request", "AutoApproveEntitlementGrantRequest");
        return Proceed(request);
    }

    /// <summary>Everybody agreed: now, or when the schedule begins.</summary>
    private PackageRequest Proceed(PackageRequest request)
    {
        if (request.RequestType.EndsWith("Add", StringComparison.Ordinal) && request.Schedule?.StartDateTime > _state.Now)
        {
            var waiting = request with { State = "scheduled", Status = "PendingNotBefore" };
            _state.Requests.Put(waiting);
            ScheduleStart(waiting);
            return waiting;
        }

        return Fulfil(request);
    }

    private void ScheduleStart(PackageRequest request) => _state.At(request.TenantId, request.Schedule!.StartDateTime!.Value, () =>
    {
        if (_state.Requests.Find(GovernanceState.Key(request.TenantId, request.Id)) is { State: "scheduled" } waiting) Fulfil(waiting);
    });

    private PackageRequest Fulfil(PackageRequest request)
    {
        _state.Audit(request, TwinActor.Service, "Ready to fulfill access package assignment request", "ReadyToFulfillEntitlementGrantRequest");
        var existing = request.AssignmentId is { } id ? _state.Assignments.Find(GovernanceState.Key(request.TenantId, id)) : null;
        if (request.RequestType.EndsWith("Add", StringComparison.Ordinal)) return existing is { State: not "expired" } ? Done(request, _assignments.Reprocess(existing)) : Deliver(request);
        if (existing is null or { State: "expired" }) return Finish(request, "deliveryFailed", "DeliveryFailed");
        if (request.RequestType.EndsWith("Remove", StringComparison.Ordinal))
        {
            _assignments.End(existing, TwinActor.Service);
            return Finish(request, "delivered", "Fulfilled");
        }

        return Done(request, _assignments.Extend(existing, NewEnd(request, existing)));
    }

    private PackageRequest Deliver(PackageRequest request)
    {
        var policy = _state.Policies.Find(GovernanceState.Key(request.TenantId, request.PolicyId));
        if (policy is null || _state.Packages.Find(GovernanceState.Key(request.TenantId, request.PackageId)) is not { } package) return Finish(request, "deliveryFailed", "DeliveryFailed");
        PackageAssignment made;
        try
        {
            made = _assignments.Deliver(request, policy);
        }
        catch (GovernanceRefusedException fault)
        {
            _state.Audit(request, TwinActor.Service, "Fulfill access package assignment", "Assign", failure: fault.Message);
            return Finish(request, "deliveryFailed", "DeliveryFailed");
        }

        request = request with { AssignmentId = made.Id, Target = made.Target, Requestor = request.Requestor.Is(made.Target) ? made.Target : request.Requestor };
        if (!made.Quiet && made.IsHeld) _state.Mail(request.TenantId, 18, made.Target.Email, $"You now have access to {package.DisplayName}", $"access-packages/{package.Id:D}");
        return Done(request, made);
    }

    private DateTimeOffset? NewEnd(PackageRequest request, PackageAssignment assignment)
    {
        if (request.ByAdministrator) return request.Schedule!.Expiration!.From(assignment.StartsAt);
        var from = assignment.EndsAt ?? _state.Now;
        if (request.Schedule?.Expiration is { Type: not "notSpecified" } asked) return asked.From(from);
        return _state.Policies.Find(GovernanceState.Key(request.TenantId, request.PolicyId))?.Body.Expiration.From(from) ?? assignment.EndsAt;
    }

    private PackageRequest Done(PackageRequest request, PackageAssignment assignment)
    {
        var whole = assignment.State == "delivered";
        var done = Finish(request, assignment.State, whole ? "Fulfilled" : assignment.Status);
        _state.Audit(done, TwinActor.Service, "Fulfill access package assignment", "Assign", failure: whole ? null : "Not every resource role could be given.");
        return done;
    }

    private PackageRequest Finish(PackageRequest request, string name, string status)
    {
        var finished = request with { State = name, Status = status, CompletedAt = _state.Now };
        _state.Requests.Put(finished);
        return finished;
    }

    private void CloseExtensions(Guid tenant, Guid assignment)
    {
        foreach (var open in _state.Requests.Of(tenant).Where(request => request.AssignmentId == assignment && request is { IsOpen: true, RequestType: "userUpdate" }).ToList()) Finish(open, "canceled", "Canceled");
    }
}

/// <summary>What comes with a request besides person and package.</summary>
internal sealed record RequestWords
{
    public Guid? PolicyId { get; init; }

    public string? Justification { get; init; }

    public IReadOnlyList<Answer> Answers { get; init; } = [];

    public RequestSchedule? Schedule { get; init; }
}
