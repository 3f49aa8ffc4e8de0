using System.Text.RegularExpressions;

namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// Whether a person may ask. Source: entitlement-management-request-access 2025; the service's own codes for these refusals are not published, so all are 400 with a sentence.
/// </summary>
internal sealed class RequestRules(GovernanceState state, People people)
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(3660);

    /// <summary>Policies of a package under which a person may ask for themselves, the most specific first.</summary>
    public IReadOnlyList<AssignmentPolicy> PoliciesFor(AccessPackage package, Subject person) =>
        [.. state.Policies.Of(package.TenantId)
            .Where(policy => policy.PackageId == package.Id && policy.Body.RequestorSettings.EnableTargetsToSelfAddAccess && people.IsTarget(policy, person))
            .OrderBy(policy => policy.Body.AllowedTargetScope.StartsWith("specific", StringComparison.Ordinal) ? 0 : 1).ThenBy(policy => policy.CreatedAt).ThenBy(policy => policy.Id)];

    /// <summary>The policy of a self request: the one named, or the only one there is.</summary>
    public AssignmentPolicy ForSelf(AccessPackage package, Subject person, Guid? named)
    {
        var all = state.Policies.Of(package.TenantId).Where(policy => policy.PackageId == package.Id).ToList();
        if (all.Count == 0) throw new GovernanceRefusedException($"Access package '{package.DisplayName}' has no policy: nobody can request it.");
        var catalog = state.Find(state.Catalogs, package.TenantId, package.CatalogId, "catalog");
        if (catalog.State != "published") throw new GovernanceRefusedException($"Catalog '{catalog.DisplayName}' is not published.");
        if (!catalog.IsExternallyVisible && people.Presence(package.TenantId, person) is not { IsGuestType: false }) throw new GovernanceRefusedException($"Catalog '{catalog.DisplayName}' is not enabled for external users.");
        if (named is { } id)
        {
            var policy = all.Find(item => item.Id == id) ?? throw new GovernanceRefusedException($"Policy '{id}' does not belong to access package '{package.DisplayName}'.");
            if (!people.IsTarget(policy, person)) throw new GovernanceRefusedException($"'{person.PrincipalName}' is not in the scope of policy '{policy.Body.DisplayName}'.");
            return policy.Body.RequestorSettings.EnableTargetsToSelfAddAccess ? policy : throw new GovernanceRefusedException($"Policy '{policy.Body.DisplayName}' does not let people request access themselves.");
        }

        if (all.TrueForAll(policy => !people.IsTarget(policy, person))) throw new GovernanceRefusedException($"'{person.PrincipalName}' is not in the scope of any policy of access package '{package.DisplayName}'.");
        var fitting = PoliciesFor(package, person);
        return fitting.Count switch
        {
            0 => throw new GovernanceRefusedException("The policy does not let people request access themselves."),
            1 => fitting[0],
            _ => throw new GovernanceRefusedException($"{fitting.Count} policies of access package '{package.DisplayName}' fit: the request must name one (assignmentPolicyId)."),
        };
    }

    /// <summary>Nobody gets a package twice, or one that excludes what they have.</summary>
    public void CheckFree(AccessPackage package, Subject person, bool alsoIncompatible)
    {
        var tenant = package.TenantId;
        if (state.HeldBy(tenant, person).Any(held => held.PackageId == package.Id)) throw new GovernanceRefusedException($"'{person.PrincipalName}' already has an assignment to access package '{package.DisplayName}'.");
        var open = state.Requests.Of(tenant).FirstOrDefault(request => request.IsOpen && request.PackageId == package.Id && request.RequestType.EndsWith("Add", StringComparison.Ordinal) && request.Target.Is(person));
        if (open is not null) throw new GovernanceRefusedException($"There is an open request ({open.Id}) of '{person.PrincipalName}' for access package '{package.DisplayName}'.");
        if (!alsoIncompatible) return;
        foreach (var other in IncompatibleWith(package))
        {
            if (state.HeldBy(tenant, person).Any(held => held.PackageId == other.Id)) throw new GovernanceRefusedException($"'{person.PrincipalName}' has access package '{other.DisplayName}', which is incompatible with '{package.DisplayName}'.");
        }

        if (people.Presence(tenant, person) is not { } presence || package.IncompatibleGroups.Count == 0) return;
        if (state.Directory.GroupsOf(tenant, presence.Id).FirstOrDefault(group => package.IncompatibleGroups.Contains(group.Id)) is { } held2)
            throw new GovernanceRefusedException($"'{person.PrincipalName}' is a member of group '{held2.DisplayName}', which is incompatible with access package '{package.DisplayName}'.");
    }

    /// <summary>Packages that exclude this one, whichever of the two names the other.</summary>
    public IEnumerable<AccessPackage> IncompatibleWith(AccessPackage package) =>
        state.Packages.Of(package.TenantId).Where(other => other.Id != package.Id && (package.IncompatiblePackages.Contains(other.Id) || other.IncompatiblePackages.Contains(package.Id)));

    /// <summary>What a requestor says, as the policy wants it.</summary>
    public static void CheckWords(AssignmentPolicy policy, string? justification, IReadOnlyList<Answer> answers)
    {
        if (policy.Body.RequestApprovalSettings.IsRequestorJustificationRequired && string.IsNullOrWhiteSpace(justification)) throw new GovernanceRefusedException("The policy requires a justification.");
        foreach (var answer in answers)
        {
            if (policy.Body.Questions.All(question => question.Id != answer.QuestionId)) throw new GovernanceRefusedException($"The policy has no question '{answer.QuestionId}'.");
        }

        foreach (var question in policy.Body.Questions)
        {
            var value = answers.FirstOrDefault(answer => answer.QuestionId == question.Id)?.Value;
            if (string.IsNullOrWhiteSpace(value))
            {
                if (question.IsRequired) throw new GovernanceRefusedException($"The question '{question.Text}' requires an answer.");
                continue;
            }

            if (question.RegexPattern is { Length: > 0 } pattern && !new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternTime).IsMatch(value)) throw new GovernanceRefusedException($"The answer to '{question.Text}' does not have the form the policy wants.");
            if (question.Choices is not { } choices) continue;
            var chosen = question.IsMultipleSelectionAllowed == true ? value.Split(',', StringSplitOptions.TrimEntries) : [value];
            if (chosen.Any(one => choices.All(choice => choice.ActualValue != one))) throw new GovernanceRefusedException($"The answer to '{question.Text}' is none of its choices.");
        }
    }

    /// <summary>A schedule that can be kept: it begins within ten years, ends after it begins and in the future; and the policy itself has not run out.</summary>
    public void CheckTimes(AssignmentPolicy policy, RequestSchedule? schedule)
    {
        var now = state.Now;
        if (policy.Body.Expiration is { Type: "afterDateTime", EndDateTime: { } last } && last <= now && schedule?.Expiration is not { Type: not "notSpecified" }) throw new GovernanceRefusedException($"Policy '{policy.Body.DisplayName}' gives no access after {last:yyyy-MM-dd}.");
        if (schedule?.StartDateTime is { } start && start - now > MostAhead) throw new GovernanceRefusedException("A schedule begins within ten years.");
        if (schedule?.Expiration is not { } expiration) return;
        if (expiration is { Type: "afterDuration", Duration: null } or { Type: "afterDateTime", EndDateTime: null }) throw new GovernanceRefusedException($"A schedule/expiration of type '{expiration.Type}' needs its end.");
        if (expiration.Type == "afterDuration" && expiration.Duration <= TimeSpan.Zero) throw new GovernanceRefusedException("A duration must be more than zero.");
        var begins = schedule.StartDateTime is { } at && at > now ? at : now;
        if (expiration is { Type: "afterDateTime", EndDateTime: { } end } && end <= begins) throw new GovernanceRefusedException("The end of the schedule is not after its beginning.");
    }

    /// <summary>A schedule of the requestor's own, where the policy lets them have one, within what the policy gives.</summary>
    public void CheckSchedule(AssignmentPolicy policy, RequestSchedule? schedule, DateTimeOffset from)
    {
        CheckTimes(policy, schedule);
        var asksOwn = schedule?.Expiration is { Type: not "notSpecified" } || schedule?.StartDateTime > state.Now;
        if (!asksOwn) return;
        if (!policy.Body.RequestorSettings.AllowCustomAssignmentSchedule) throw new GovernanceRefusedException("The policy does not allow a schedule of the requestor's own.");
        var (end, most) = (schedule!.Expiration?.From(from), policy.Body.Expiration.From(from));
        if (end <= state.Now) throw new GovernanceRefusedException("The end of the schedule is not in the future.");
        if (most is not null && schedule.Expiration is { Type: not "notSpecified" } && (end is null || end > most)) throw new GovernanceRefusedException($"The policy gives access until {most:yyyy-MM-dd} at most.");
    }
}
