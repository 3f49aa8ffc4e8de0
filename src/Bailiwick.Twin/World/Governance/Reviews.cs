using System.Globalization;

namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// Access reviews: begins each round when it is due, ends it, decides what nobody decided, and carries out the decisions.
/// Source: accessreviewsv2-overview 2025, entitlement-management-access-reviews-create 2025. Public methods take the tenant's gate.
/// </summary>
internal sealed class Reviews(GovernanceState state, People people, Assignments assignments)
{
    private const string Link = "access-reviews";

    /// <summary>Waits for rounds that begin and end; after a start or a restore.</summary>
    public void Load(Guid tenant)
    {
        foreach (var definition in state.Definitions.Of(tenant).OrderBy(item => item.NextAt).ThenBy(item => item.Id))
        {
            ScheduleNext(definition);
            foreach (var instance in state.Instances.Of(tenant).Where(item => item.DefinitionId == definition.Id && item.Status == "InProgress").OrderBy(item => item.EndsAt)) ScheduleEnd(instance, definition.Rules.Reminders);
        }
    }

    /// <summary>A policy was written: its reviews are made, changed or ended. Callers hold the gate.</summary>
    public void Follow(AssignmentPolicy policy)
    {
        var id = state.Derived("policy-review", policy.Id);
        var present = state.Definitions.Find(GovernanceState.Key(policy.TenantId, id));
        if (policy.Body.ReviewSettings is not { IsEnabled: true } settings)
        {
            if (present is not null) Close(present);
            return;
        }

        var start = settings.Schedule.StartDateTime ?? policy.CreatedAt;
        var package = state.Find(state.Packages, policy.TenantId, policy.PackageId, "access package");
        Start(new ReviewDefinition
        {
            Id = id,
            TenantId = policy.TenantId,
            DisplayName = $"{package.DisplayName} - {policy.Body.DisplayName}",
            Status = present is { Status: "InProgress" } ? "InProgress" : "NotStarted",
            Scope = new ReviewScope { PackageId = policy.PackageId, PolicyId = policy.Id },
            PolicyId = policy.Id,
            IsSelfReview = settings.IsSelfReview,
            Reviewers = settings.PrimaryReviewers,
            FallbackReviewers = settings.FallbackReviewers,
            Recurrence = settings.Schedule.Recurrence,
            StartsAt = start,
            Window = settings.Schedule.Expiration?.Duration ?? TimeSpan.FromDays(25),
            Rules = new ReviewRules
            {
                DefaultDecision = settings.ExpirationBehavior switch { "removeAccess" => "Deny", "acceptAccessRecommendation" => "Recommendation", _ => "None" },
                Recommendations = settings.IsRecommendationEnabled,
                JustificationRequired = settings.IsReviewerJustificationRequired,
            },
            CreatedAt = present?.CreatedAt ?? state.Now,
            ModifiedAt = state.Now,
        });
    }

    /// <summary>Puts a definition in force: its first round begins at its start, or as soon as one is due.</summary>
    public ReviewDefinition Start(ReviewDefinition definition)
    {
        lock (state.Gate(definition.TenantId))
        {
            var started = definition with { NextAt = Next(definition, state.Now) };
            state.Definitions.Put(started);
            if (started.NextAt <= state.Now) Begin(started);
            else ScheduleNext(started);
            return state.Definitions.Find(GovernanceState.Key(definition.TenantId, definition.Id))!;
        }
    }

    /// <summary>No more rounds; the one under way ends now.</summary>
    public void Stop(ReviewDefinition definition)
    {
        lock (state.Gate(definition.TenantId)) Close(definition);
    }

    /// <summary>Removes a definition with its rounds.</summary>
    public void Remove(ReviewDefinition definition)
    {
        lock (state.Gate(definition.TenantId))
        {
            state.Definitions.Remove(GovernanceState.Key(definition.TenantId, definition.Id));
            state.Instances.RemoveWhere(instance => instance.TenantId == definition.TenantId && instance.DefinitionId == definition.Id);
        }
    }

    /// <summary>A reviewer decides about people; null leaves what was said before.</summary>
    /// <exception cref="GovernanceRefusedException">Not a reviewer, not open, or without the justification it needs.</exception>
    public void Decide(Guid tenant, Guid id, Func<ReviewDecision, bool> which, TwinUser by, TwinActor actor, string decision, string? justification)
    {
        lock (state.Gate(tenant))
        {
            var instance = Open(tenant, id, "decided");
            var definition = state.Find(state.Definitions, tenant, instance.DefinitionId, "access review");
            var meant = instance.Decisions.Where(which).ToList();
            if (meant.Count > 0 && meant.TrueForAll(item => !item.Reviewers.Contains(by.Id))) throw new GovernanceRefusedException("You are not a reviewer of this decision.", GovernanceFault.Denied);
            if (definition.Rules.JustificationRequired && decision is not "NotReviewed" && string.IsNullOrWhiteSpace(justification)) throw new GovernanceRefusedException("The review requires a justification.");
            Change(instance, item => which(item) && item.Reviewers.Contains(by.Id)
                ? item with { Decision = decision, Justification = justification, ReviewedBy = decision == "NotReviewed" ? null : by.Id, ReviewedAt = decision == "NotReviewed" ? null : state.Now }
                : item);
            state.Audit(tenant, actor, $"{decision} decision", "Update", [new TwinTarget(definition.Id.ToString("D"), "AccessReview", definition.DisplayName), .. meant.Select(item => new TwinTarget(item.PrincipalId.ToString("D"), "User", item.PrincipalName, item.PrincipalUpn))], "Policy");
        }
    }

    /// <summary>A reviewer's undecided ones get what was recommended.</summary>
    public void AcceptRecommendations(Guid tenant, Guid id, TwinUser by)
    {
        lock (state.Gate(tenant))
        {
            Change(Open(tenant, id, "decided"), item => item.Decision == "NotReviewed" && item.Reviewers.Contains(by.Id) && item.Recommendation != "NoInfoAvailable"
                ? item with { Decision = item.Recommendation, ReviewedBy = by.Id, ReviewedAt = state.Now, Justification = "Recommendation accepted" }
                : item);
        }
    }

    /// <summary>Takes every decision of a round back.</summary>
    public void Reset(Guid tenant, Guid id)
    {
        lock (state.Gate(tenant)) Change(Open(tenant, id, "reset"), item => item with { Decision = "NotReviewed", ReviewedBy = null, ReviewedAt = null, Justification = null });
    }

    /// <summary>Reminds those who have not decided.</summary>
    public void Remind(Guid tenant, Guid id)
    {
        lock (state.Gate(tenant))
        {
            var instance = Open(tenant, id, "reminded of");
            SendReminders(instance);
        }
    }

    /// <summary>Ends a round before its time.</summary>
    public void StopInstance(Guid tenant, Guid id)
    {
        lock (state.Gate(tenant)) Complete(Open(tenant, id, "stopped"));
    }

    /// <summary>Carries out the decisions of a round that ended.</summary>
    /// <exception cref="GovernanceRefusedException">It has not ended, or that was done.</exception>
    public void Apply(Guid tenant, Guid id)
    {
        lock (state.Gate(tenant))
        {
            var instance = state.Find(state.Instances, tenant, id, "access review instance");
            if (instance.Status != "Completed") throw new GovernanceRefusedException($"Decisions of an instance in status '{instance.Status}' cannot be applied.");
            CarryOut(instance);
        }
    }

    private ReviewInstance Open(Guid tenant, Guid id, string what)
    {
        var instance = state.Find(state.Instances, tenant, id, "access review instance");
        return instance.Status == "InProgress" ? instance : throw new GovernanceRefusedException($"An instance in status '{instance.Status}' cannot be {what}.");
    }

    private static DateTimeOffset? Next(ReviewDefinition definition, DateTimeOffset earliest) =>
        definition.Recurrence is { } recurrence ? recurrence.Next(definition.StartsAt, earliest) : definition.StartsAt >= earliest ? definition.StartsAt : null;

    private void ScheduleNext(ReviewDefinition definition)
    {
        if (definition.NextAt is not { } at) return;
        state.At(definition.TenantId, at, () =>
        {
            if (state.Definitions.Find(GovernanceState.Key(definition.TenantId, definition.Id)) is { Status: not "Completed" } now && now.NextAt == at) Begin(now);
        });
    }

    private void Begin(ReviewDefinition definition)
    {
        var (tenant, at) = (definition.TenantId, definition.NextAt!.Value);
        var instance = new ReviewInstance
        {
            Id = state.NewId(state.Instances, tenant, "review-instance", $"{definition.Id}/{at.UtcTicks.ToString(CultureInfo.InvariantCulture)}"),
            TenantId = tenant,
            DefinitionId = definition.Id,
            StartsAt = at,
            EndsAt = at + definition.Window,
        };
        instance = instance with { Decisions = [.. Reviewed(definition, instance)] };
        state.Instances.Put(instance);
        var next = Next(definition, at.AddTicks(1));
        var running = definition with { Status = "InProgress", NextAt = next };
        state.Definitions.Put(running);
        ScheduleNext(running);
        ScheduleEnd(instance, running.Rules.Reminders);
        if (running.Rules.Mails) state.Mail(tenant, 0, instance.Decisions.SelectMany(item => item.Reviewers).Distinct(), $"Review access by {instance.EndsAt:yyyy-MM-dd}: {definition.DisplayName}", Link);
        state.Audit(tenant, TwinActor.Service, "Create access review", "Create", [new TwinTarget(definition.Id.ToString("D"), "AccessReview", definition.DisplayName)], "Policy");
    }

    private IEnumerable<ReviewDecision> Reviewed(ReviewDefinition definition, ReviewInstance instance)
    {
        var tenant = definition.TenantId;
        var named = people.Resolve(tenant, definition.Reviewers, null);
        if (named.Count == 0) named = people.Resolve(tenant, definition.FallbackReviewers, null);
        foreach (var (user, assignment) in Subjects(definition))
        {
            yield return new ReviewDecision
            {
                Id = state.Derived("review-decision", instance.Id, $"{user.Id}/{assignment}"),
                PrincipalId = user.Id,
                PrincipalName = user.DisplayName,
                PrincipalUpn = user.UserPrincipalName,
                AssignmentId = assignment,
                Recommendation = definition.Rules.Recommendations ? (user.LastSignInAt > instance.StartsAt - definition.Rules.LookBack ? "Approve" : "Deny") : "NoInfoAvailable",
                Reviewers = definition.IsSelfReview ? [user.Id] : [.. named.Select(reviewer => reviewer.Id)],
            };
        }
    }

    private IEnumerable<(TwinUser User, Guid? Assignment)> Subjects(ReviewDefinition definition)
    {
        var (tenant, scope) = (definition.TenantId, definition.Scope);
        if (scope.GroupId is { } group)
        {
            return state.Directory.MembersOf(tenant, group).Where(user => !scope.GuestsOnly || user.IsGuestType).OrderBy(user => user.Id).Select(user => (user, (Guid?)null));
        }

        return state.Assignments.Of(tenant)
            .Where(held => held.IsHeld && held.PackageId == scope.PackageId && (scope.PolicyId is null || held.PolicyId == scope.PolicyId))
            .OrderBy(held => held.StartsAt).ThenBy(held => held.Id)
            .Select(held => (User: people.Presence(tenant, held.Target), Assignment: (Guid?)held.Id))
            .Where(pair => pair.User is not null).Select(pair => (pair.User!, pair.Assignment));
    }

    private void ScheduleEnd(ReviewInstance instance, bool reminders)
    {
        var half = instance.StartsAt + ((instance.EndsAt - instance.StartsAt) / 2);
        if (reminders && half > state.Now) At(instance, half, SendReminders);
        At(instance, instance.EndsAt, Complete);
    }

    private void At(ReviewInstance instance, DateTimeOffset when, Action<ReviewInstance> act) => state.At(instance.TenantId, when, () =>
    {
        if (state.Instances.Find(GovernanceState.Key(instance.TenantId, instance.Id)) is { Status: "InProgress" } now) act(now);
    });

    private void SendReminders(ReviewInstance instance)
    {
        var name = state.Definitions.Find(GovernanceState.Key(instance.TenantId, instance.DefinitionId))?.DisplayName;
        state.Mail(instance.TenantId, 0, instance.Decisions.Where(item => item.Decision == "NotReviewed").SelectMany(item => item.Reviewers).Distinct(), $"Reminder: review access by {instance.EndsAt:yyyy-MM-dd}: {name}", Link);
    }

    private void Close(ReviewDefinition definition)
    {
        var current = state.Find(state.Definitions, definition.TenantId, definition.Id, "access review");
        if (current.Status == "Completed") return;
        foreach (var running in state.Instances.Of(current.TenantId).Where(instance => instance.DefinitionId == current.Id && instance.Status == "InProgress").ToList()) Complete(running);
        state.Definitions.Put(current with { Status = "Completed", NextAt = null });
    }

    /// <summary>The round is over: what nobody decided is decided as the settings say, then carried out where that is wanted.</summary>
    private void Complete(ReviewInstance instance)
    {
        if (state.Definitions.Find(GovernanceState.Key(instance.TenantId, instance.DefinitionId)) is not { } definition) return;
        instance = Change(instance with { Status = "Completed", EndsAt = instance.EndsAt < state.Now ? instance.EndsAt : state.Now }, item => item.Decision != "NotReviewed" ? item : Default(definition, item));
        if (definition.Rules.AutoApply) CarryOut(instance);
        if (definition.NextAt is null && state.Instances.Of(instance.TenantId).All(other => other.DefinitionId != definition.Id || other.Status != "InProgress")) state.Definitions.Put(definition with { Status = "Completed" });
    }

    private ReviewDecision Default(ReviewDefinition definition, ReviewDecision item)
    {
        var decision = definition.Rules.DefaultDecision switch
        {
            "Deny" => "Deny",
            "Approve" => "Approve",
            "Recommendation" when item.Recommendation != "NoInfoAvailable" => item.Recommendation,
            _ => "NotReviewed",
        };
        return decision == "NotReviewed" ? item : item with { Decision = decision, ReviewedBy = Guid.Empty, ReviewedAt = state.Now, Justification = "No reviewer decided in time" };
    }

    private void CarryOut(ReviewInstance instance)
    {
        var definition = state.Find(state.Definitions, instance.TenantId, instance.DefinitionId, "access review");
        Change(instance with { Status = "Applied" }, item => item.Decision is "Deny" or "Approve" ? item with { ApplyResult = CarryOut(definition, item), AppliedAt = state.Now } : item);
        state.Audit(instance.TenantId, TwinActor.Service, "Apply decision", "Update", [new TwinTarget(definition.Id.ToString("D"), "AccessReview", definition.DisplayName)], "Policy");
    }

    private string CarryOut(ReviewDefinition definition, ReviewDecision item)
    {
        if (item.Decision != "Deny") return "AppliedSuccessfully";
        if (item.AssignmentId is { } id)
        {
            if (state.Assignments.Find(GovernanceState.Key(definition.TenantId, id)) is not { IsHeld: true } held) return "AppliedSuccessfullyButObjectNotFound";
            assignments.RemoveByService(held);
            return "AppliedSuccessfully";
        }

        return definition.Scope.GroupId is { } group && state.Directory.RemoveMember(definition.TenantId, group, item.PrincipalId) ? "AppliedSuccessfully" : "AppliedSuccessfullyButObjectNotFound";
    }

    private ReviewInstance Change(ReviewInstance instance, Func<ReviewDecision, ReviewDecision> change)
    {
        var changed = instance with { Decisions = [.. instance.Decisions.Select(change)] };
        state.Instances.Put(changed);
        return changed;
    }
}
