using System.Text.RegularExpressions;

namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// What administrators configure: organizations, catalogs, resources, packages, policies. Source: the API reference page of each, 2024–25. Methods take the tenant's gate.
/// </summary>
internal sealed class Catalogs(GovernanceState state, Assignments assignments, Reviews reviews)
{
    private static readonly TimeSpan MostDays = TimeSpan.FromDays(3660);
    private static readonly TimeSpan MostWait = TimeSpan.FromDays(14);

    private TwinDirectory Directory => state.Directory;

    /// <summary>Adds an organization. A domain of a tenant the twin knows becomes that tenant, as in the service.</summary>
    /// <exception cref="GovernanceRefusedException">It is connected already, or is the tenant itself.</exception>
    public ConnectedOrganization Connect(Guid tenant, ConnectedOrganization wanted)
    {
        lock (state.Gate(tenant))
        {
            var sources = wanted.IdentitySources.Select(Normalised).ToList();
            if (sources.Exists(source => source.TenantId == tenant)) throw new GovernanceRefusedException("A tenant cannot be connected to itself.");
            if (state.Organizations.Of(tenant).FirstOrDefault(other => other.IdentitySources.Any(source => sources.Exists(mine => SameSource(mine, source)))) is { } twice)
                throw new GovernanceRefusedException($"The organization is connected already, as '{twice.DisplayName}'.");
            var made = wanted with { Id = state.NewId(state.Organizations, tenant, "organization", wanted.DisplayName), TenantId = tenant, IdentitySources = sources, CreatedAt = state.Now, ModifiedAt = state.Now };
            state.Organizations.Put(made);
            return made;
        }
    }

    /// <exception cref="GovernanceRefusedException">A policy still names it.</exception>
    public void Disconnect(ConnectedOrganization organization)
    {
        lock (state.Gate(organization.TenantId))
        {
            var policy = state.Policies.Of(organization.TenantId).FirstOrDefault(policy => policy.Body.SpecificAllowedTargets.Any(set => set.ConnectedOrganizationId == organization.Id));
            if (policy is not null) throw new GovernanceRefusedException($"Policy '{policy.Body.DisplayName}' refers to connected organization '{organization.DisplayName}'.");
            state.Organizations.Remove(GovernanceState.Key(organization.TenantId, organization.Id));
        }
    }

    /// <summary>Adds or replaces a catalog; its name is the tenant's only one.</summary>
    public void Put(Catalog catalog)
    {
        lock (state.Gate(catalog.TenantId))
        {
            if (state.Catalogs.Of(catalog.TenantId).Any(other => other.Id != catalog.Id && Same(other.DisplayName, catalog.DisplayName))) throw new GovernanceRefusedException($"A catalog named '{catalog.DisplayName}' exists already.");
            state.Catalogs.Put(catalog);
        }
    }

    /// <exception cref="GovernanceRefusedException">It is the built-in one, or holds packages.</exception>
    public void Remove(Catalog catalog)
    {
        lock (state.Gate(catalog.TenantId))
        {
            if (catalog.CatalogType == "serviceDefault") throw new GovernanceRefusedException("The built-in catalog cannot be deleted.");
            if (state.Packages.Of(catalog.TenantId).Any(package => package.CatalogId == catalog.Id)) throw new GovernanceRefusedException($"Catalog '{catalog.DisplayName}' still has access packages.");
            state.Resources.RemoveWhere(resource => resource.TenantId == catalog.TenantId && resource.CatalogId == catalog.Id);
            state.Catalogs.Remove(GovernanceState.Key(catalog.TenantId, catalog.Id));
        }
    }

    /// <summary>Puts a resource into a catalog.</summary>
    /// <exception cref="GovernanceRefusedException">It is in already, is unknown, or is of a kind that cannot be.</exception>
    public ResourceRequest AddResource(Catalog catalog, string originId, string originSystem)
    {
        lock (state.Gate(catalog.TenantId))
        {
            var tenant = catalog.TenantId;
            if (state.Resources.Of(tenant).Any(held => held.CatalogId == catalog.Id && held.OriginSystem == originSystem && Same(held.OriginId, originId))) throw new GovernanceRefusedException($"The resource '{originId}' is in catalog '{catalog.DisplayName}' already.");
            var (name, description) = Origin(tenant, originId, originSystem);
            var resource = new CatalogResource(state.NewId(state.Resources, tenant, "resource", $"{catalog.Id}/{originId}"), tenant, catalog.Id, originId, originSystem, name, state.Now) { Description = description };
            state.Resources.Put(resource);
            return Record(tenant, "adminAdd", catalog.Id, resource.Id);
        }
    }

    /// <exception cref="GovernanceRefusedException">A package still gives a role of it.</exception>
    public ResourceRequest RemoveResource(CatalogResource resource)
    {
        lock (state.Gate(resource.TenantId))
        {
            var user = state.Packages.Of(resource.TenantId).FirstOrDefault(package => package.RoleScopes.Any(scope => scope.ResourceId == resource.Id));
            if (user is not null) throw new GovernanceRefusedException($"Access package '{user.DisplayName}' still has a role of resource '{resource.DisplayName}'.");
            state.Resources.Remove(GovernanceState.Key(resource.TenantId, resource.Id));
            return Record(resource.TenantId, "adminRemove", resource.CatalogId, resource.Id);
        }
    }

    /// <summary>Reads a resource's name again where it comes from.</summary>
    public ResourceRequest Refresh(CatalogResource resource)
    {
        lock (state.Gate(resource.TenantId))
        {
            var (name, description) = Origin(resource.TenantId, resource.OriginId, resource.OriginSystem);
            state.Resources.Put(resource with { DisplayName = name, Description = description });
            return Record(resource.TenantId, "adminUpdate", resource.CatalogId, resource.Id);
        }
    }

    /// <summary>Adds or replaces a package; its name is the catalog's only one.</summary>
    public void Put(AccessPackage package)
    {
        lock (state.Gate(package.TenantId))
        {
            if (state.Packages.Of(package.TenantId).Any(other => other.Id != package.Id && other.CatalogId == package.CatalogId && Same(other.DisplayName, package.DisplayName)))
                throw new GovernanceRefusedException($"An access package named '{package.DisplayName}' exists in the catalog already.");
            state.Packages.Put(package);
        }
    }

    /// <exception cref="GovernanceRefusedException">Somebody has it.</exception>
    public void Remove(AccessPackage package)
    {
        lock (state.Gate(package.TenantId))
        {
            if (state.Assignments.Of(package.TenantId).Any(held => held.PackageId == package.Id && held.IsHeld)) throw new GovernanceRefusedException($"Access package '{package.DisplayName}' has active assignments.");
            foreach (var policy in state.Policies.Of(package.TenantId).Where(policy => policy.PackageId == package.Id).ToList()) Drop(policy);
            foreach (var other in state.Packages.Of(package.TenantId).Where(other => other.IncompatiblePackages.Contains(package.Id)).ToList()) state.Packages.Put(other with { IncompatiblePackages = [.. other.IncompatiblePackages.Where(id => id != package.Id)] });
            state.Packages.Remove(GovernanceState.Key(package.TenantId, package.Id));
        }
    }

    /// <summary>Adds a role; people who have the package get it.</summary>
    /// <exception cref="GovernanceRefusedException">The package has it, or the resource is of another catalog.</exception>
    public RoleScope AddRole(AccessPackage package, CatalogResource resource, string roleOriginId, string roleName)
    {
        lock (state.Gate(package.TenantId))
        {
            var current = state.Find(state.Packages, package.TenantId, package.Id, "access package");
            if (resource.CatalogId != current.CatalogId) throw new GovernanceRefusedException($"Resource '{resource.DisplayName}' is not in the catalog of access package '{package.DisplayName}'.");
            if (current.RoleScopes.Any(scope => scope.ResourceId == resource.Id && Same(scope.RoleOriginId, roleOriginId))) throw new GovernanceRefusedException($"Access package '{package.DisplayName}' has that role already.");
            var added = new RoleScope(state.Derived("role", resource.Id, roleOriginId), state.Derived("scope", resource.Id), resource.Id, roleOriginId, roleName, state.Now);
            current = current with { RoleScopes = [.. current.RoleScopes, added], ModifiedAt = state.Now };
            state.Packages.Put(current);
            assignments.RoleAdded(current);
            return added;
        }
    }

    /// <summary>Takes a role out; people who have the package lose it.</summary>
    public void RemoveRole(AccessPackage package, RoleScope scope)
    {
        lock (state.Gate(package.TenantId))
        {
            var current = state.Find(state.Packages, package.TenantId, package.Id, "access package");
            current = current with { RoleScopes = [.. current.RoleScopes.Where(held => held.Id != scope.Id)], ModifiedAt = state.Now };
            state.Packages.Put(current);
            assignments.RoleRemoved(current, scope);
        }
    }

    /// <summary>Adds or replaces a policy and its reviews.</summary>
    /// <exception cref="GovernanceRefusedException">It contradicts itself or names what does not exist.</exception>
    public AssignmentPolicy Put(AssignmentPolicy policy)
    {
        lock (state.Gate(policy.TenantId))
        {
            var questions = policy.Body.Questions.Select((question, number) => question with { Id = question.Id ?? state.Derived("question", policy.Id, $"{number}") }).ToList();
            policy = policy with { Body = policy.Body with { Questions = questions } };
            Check(policy);
            state.Policies.Put(policy);
            reviews.Follow(policy);
            return policy;
        }
    }

    /// <exception cref="GovernanceRefusedException">Assignments use it.</exception>
    public void Remove(AssignmentPolicy policy)
    {
        lock (state.Gate(policy.TenantId))
        {
            if (state.Assignments.Of(policy.TenantId).Any(held => held.PolicyId == policy.Id && held.IsHeld)) throw new GovernanceRefusedException($"Policy '{policy.Body.DisplayName}' has active assignments.");
            if (state.Requests.Of(policy.TenantId).Any(request => request.PolicyId == policy.Id && request.IsOpen)) throw new GovernanceRefusedException($"Policy '{policy.Body.DisplayName}' has open requests.");
            Drop(policy);
        }
    }

    private void Drop(AssignmentPolicy policy)
    {
        reviews.Follow(policy with { Body = policy.Body with { ReviewSettings = null } });
        state.Policies.Remove(GovernanceState.Key(policy.TenantId, policy.Id));
    }

    private IdentitySource Normalised(IdentitySource source) =>
        source.DomainName is { } domain && Directory.FindTenantByDomain(domain) is { } known
            ? new IdentitySource { Kind = "#microsoft.graph.azureActiveDirectoryTenant", TenantId = known.Id, DisplayName = known.DisplayName }
            : source.TenantId is { } id && source.DisplayName is null ? source with { DisplayName = Directory.FindTenant(id)?.DisplayName } : source;

    private static bool SameSource(IdentitySource left, IdentitySource right) =>
        (left.TenantId is { } id && id == right.TenantId) || (left.DomainName is { } domain && domain.Equals(right.DomainName, StringComparison.OrdinalIgnoreCase));

    private (string Name, string? Description) Origin(Guid tenant, string originId, string originSystem)
    {
        switch (originSystem)
        {
            case "AadGroup":
                var group = Guid.TryParse(originId, out var id) ? Directory.FindGroup(tenant, id) : null;
                if (group is null) throw new GovernanceRefusedException($"The group '{originId}' does not exist.");
                if (group.GroupTypes.Contains("DynamicMembership") || (!group.SecurityEnabled && !group.GroupTypes.Contains("Unified"))) throw new GovernanceRefusedException($"Group '{group.DisplayName}' is dynamic or mail-only: its members cannot be managed.");
                return (group.DisplayName, group.Description);
            case "AadApplication":
                var principal = Guid.TryParse(originId, out var application) ? Directory.FindServicePrincipalById(tenant, application) : null;
                return principal is null ? throw new GovernanceRefusedException($"The service principal '{originId}' does not exist.") : (principal.DisplayName, null);
            default:
                return Uri.TryCreate(originId, UriKind.Absolute, out var site) && site.Scheme == Uri.UriSchemeHttps ? (site.AbsolutePath.Trim('/').Split('/')[^1], null) : throw new GovernanceRefusedException($"'{originId}' is not the address of a site.");
        }
    }

    private ResourceRequest Record(Guid tenant, string type, Guid catalog, Guid resource)
    {
        var request = new ResourceRequest(state.NewId(state.ResourceRequests, tenant, "resource-request", $"{type}/{resource}"), tenant, type, catalog, resource, state.Now);
        state.ResourceRequests.Put(request);
        return request;
    }

    private void Check(AssignmentPolicy policy)
    {
        var (tenant, body) = (policy.TenantId, policy.Body);
        if (state.Policies.Of(tenant).Any(other => other.Id != policy.Id && other.PackageId == policy.PackageId && Same(other.Body.DisplayName, body.DisplayName))) throw new GovernanceRefusedException($"The access package has a policy named '{body.DisplayName}' already.");
        if (body.AllowedTargetScope.StartsWith("specific", StringComparison.Ordinal) && body.SpecificAllowedTargets.Count == 0) throw new GovernanceRefusedException($"allowedTargetScope '{body.AllowedTargetScope}' needs specificAllowedTargets.");
        CheckSets(tenant, body.SpecificAllowedTargets, "specificAllowedTargets");
        CheckSets(tenant, body.RequestorSettings.OnBehalfRequestors, "requestorSettings/onBehalfRequestors");
        CheckExpiration(body.Expiration);
        CheckApproval(tenant, body.RequestApprovalSettings);
        if (body.ReviewSettings is { } review) CheckReview(tenant, review);
        foreach (var question in body.Questions) CheckQuestion(question);
        if (body.Questions.Select(question => question.Id).Distinct().Count() != body.Questions.Count) throw new GovernanceRefusedException("Two questions have the same id.");
    }

    private void CheckSets(Guid tenant, IEnumerable<SubjectSet> sets, string where)
    {
        foreach (var set in sets)
        {
            if (set.UserId is { } user && Directory.FindUser(tenant, user) is null) throw new GovernanceRefusedException($"'{where}': the user '{user}' does not exist.");
            if (set.GroupId is { } group && Directory.FindGroup(tenant, group) is null) throw new GovernanceRefusedException($"'{where}': the group '{group}' does not exist.");
            if (set.ConnectedOrganizationId is { } organization && state.Organizations.Find(GovernanceState.Key(tenant, organization)) is null) throw new GovernanceRefusedException($"'{where}': the connected organization '{organization}' does not exist.");
            if (set.ManagerLevel is < 1 or > 4) throw new GovernanceRefusedException($"'{where}': managerLevel is 1 to 4.");
        }
    }

    private static void CheckExpiration(Expiration expiration)
    {
        if (expiration.Type == "afterDuration" && (expiration.Duration is not { } length || length <= TimeSpan.Zero || length > MostDays)) throw new GovernanceRefusedException("expiration/duration must be more than zero and at most 3660 days.");
        if (expiration is { Type: "afterDateTime", EndDateTime: null }) throw new GovernanceRefusedException("expiration/endDateTime is required for type 'afterDateTime'.");
    }

    private void CheckApproval(Guid tenant, ApprovalSettings settings)
    {
        if (settings.Stages.Count > 3) throw new GovernanceRefusedException("A policy has at most three stages of approval.");
        if ((settings.IsApprovalRequiredForAdd || settings.IsApprovalRequiredForUpdate) && settings.Stages.Count == 0) throw new GovernanceRefusedException("Where approval is required, the policy needs at least one stage.");
        foreach (var stage in settings.Stages)
        {
            var wait = stage.DurationBeforeAutomaticDenial;
            if (wait <= TimeSpan.Zero || wait > MostWait) throw new GovernanceRefusedException("durationBeforeAutomaticDenial must be more than zero and at most 14 days.");
            if (stage.PrimaryApprovers.Count == 0) throw new GovernanceRefusedException("A stage of approval needs primaryApprovers.");
            foreach (var sets in (IReadOnlyList<SubjectSet>[])[stage.PrimaryApprovers, stage.FallbackPrimaryApprovers, stage.EscalationApprovers, stage.FallbackEscalationApprovers]) CheckSets(tenant, sets, "requestApprovalSettings/stages");
            if (!stage.IsEscalationEnabled) continue;
            if (wait < TimeSpan.FromDays(4)) throw new GovernanceRefusedException("Escalation needs a durationBeforeAutomaticDenial of at least 4 days.");
            if (stage.DurationBeforeEscalation < TimeSpan.FromDays(1) || stage.DurationBeforeEscalation > wait - TimeSpan.FromDays(1)) throw new GovernanceRefusedException("durationBeforeEscalation must be at least one day, and end a day before the automatic denial.");
            if (stage.EscalationApprovers.Count == 0) throw new GovernanceRefusedException("A stage with escalation needs escalationApprovers.");
        }
    }

    private void CheckReview(Guid tenant, ReviewSettings review)
    {
        CheckSets(tenant, review.PrimaryReviewers, "reviewSettings/primaryReviewers");
        CheckSets(tenant, review.FallbackReviewers, "reviewSettings/fallbackReviewers");
        if (!review.IsEnabled) return;
        if (!review.IsSelfReview && review.PrimaryReviewers.Count == 0) throw new GovernanceRefusedException("A review needs primaryReviewers, or isSelfReview.");
        CheckRecurrence(review.Schedule.Recurrence);
        if (review.Schedule.Expiration is { } window && (window.Type != "afterDuration" || window.Duration is not { } length || length < TimeSpan.FromDays(1) || length > TimeSpan.FromDays(180))) throw new GovernanceRefusedException("reviewSettings/schedule/expiration is an 'afterDuration' of 1 to 180 days.");
    }

    /// <exception cref="GovernanceRefusedException">Not weekly, nor each 1, 3, 6 or 12 months; or its range is none.</exception>
    public static void CheckRecurrence(Recurrence? recurrence)
    {
        if (recurrence is null) return;
        var good = recurrence.Pattern switch { { Type: "weekly", Interval: 1 } => true, { Type: "absoluteMonthly", Interval: 1 or 3 or 6 or 12 } => true, null => true, _ => false };
        if (!good) throw new GovernanceRefusedException("A recurrence is weekly, or absoluteMonthly with an interval of 1, 3, 6 or 12.");
        var range = recurrence.Range ?? new RecurrenceRange();
        if ((range.StartDate is { } first && Recurrence.Day(first) is null) || (range.EndDate is { } last && Recurrence.Day(last) is null)) throw new GovernanceRefusedException("A date of the recurrence range is not readable; write 2031-01-06.");
        if (range is { Type: "endDate", EndDate: null } or { Type: "numbered", NumberOfOccurrences: < 1 }) throw new GovernanceRefusedException($"A recurrence range of type '{range.Type}' needs its end.");
    }

    private static void CheckQuestion(Question question)
    {
        if (question.Choices is { Count: 0 } || (question.Kind.EndsWith("MultipleChoiceQuestion", StringComparison.Ordinal) && question.Choices is null)) throw new GovernanceRefusedException($"The question '{question.Text}' needs choices.");
        if (question.RegexPattern is not { Length: > 0 } pattern) return;
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(200));
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new GovernanceRefusedException($"The regexPattern of question '{question.Text}' cannot be used.");
        }
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
