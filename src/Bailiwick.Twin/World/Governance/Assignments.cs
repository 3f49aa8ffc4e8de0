namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// Assignments: puts people into the groups of a package and takes them out again. Source: entitlement-management-process 2023, entitlement-management-external-users 2025.
/// Callers hold the tenant's gate.
/// </summary>
internal sealed class Assignments(GovernanceState state, People people, GuestLifecycle guests)
{
    /// <summary>Days before the end at which the person is reminded.</summary>
    public static readonly IReadOnlyList<int> Reminders = [14, 1];

    private TwinDirectory Directory => state.Directory;

    /// <summary>Called with an assignment that has just ended.</summary>
    public Action<PackageAssignment>? Ended { get; set; }

    /// <summary>Waits for the end of everything that is held; after a start or a restore.</summary>
    public void Load(Guid tenant)
    {
        foreach (var assignment in state.Assignments.Of(tenant).Where(held => held.IsHeld).OrderBy(held => held.EndsAt).ThenBy(held => held.Id)) Schedule(assignment);
    }

    /// <summary>Makes the guest object if there is none, the assignment, and the memberships.</summary>
    public PackageAssignment Deliver(PackageRequest request, AssignmentPolicy policy)
    {
        var tenant = request.TenantId;
        var target = request.Target;
        if (people.Presence(tenant, target) is { } present) target = people.Of(present) with { Id = target.Id, Unknown = target.Unknown };
        else target = Invite(tenant, target);
        var start = request.Schedule?.StartDateTime is { } wanted && wanted > state.Now ? wanted : state.Now;
        var asked = request.Schedule?.Expiration is { Type: not "notSpecified" } own ? own : policy.Body.Expiration;
        var assignment = new PackageAssignment
        {
            Id = state.NewId(state.Assignments, tenant, "assignment", $"{request.PackageId}/{target.Id}"),
            TenantId = tenant,
            PackageId = request.PackageId,
            PolicyId = request.PolicyId,
            Target = target,
            StartsAt = start,
            EndsAt = asked.From(start),
            Quiet = request.ByAdministrator || policy.Body.NotificationSettings?.IsAssignmentNotificationDisabled == true,
        };
        guests.Return(tenant, target.ObjectId!.Value);
        assignment = Grant(assignment);
        state.Assignments.Put(assignment);
        Schedule(assignment);
        return assignment;
    }

    /// <summary>Puts the person into what is missing; memberships that are there stay.</summary>
    public PackageAssignment Reprocess(PackageAssignment assignment)
    {
        var granted = Grant(assignment);
        state.Assignments.Put(granted);
        return granted;
    }

    /// <summary>Moves the end.</summary>
    public PackageAssignment Extend(PackageAssignment assignment, DateTimeOffset? end)
    {
        var extended = assignment with { EndsAt = end, Status = "Delivered" };
        state.Assignments.Put(extended);
        Schedule(extended);
        return extended;
    }

    /// <summary>Ends an assignment: takes the person out of groups that no other assignment gives.</summary>
    public void End(PackageAssignment assignment, TwinActor actor)
    {
        var ended = assignment with { State = "expired", Status = "ExpiredNotificationTriggered", ExpiredAt = state.Now };
        state.Assignments.Put(ended);
        if (state.Packages.Find(GovernanceState.Key(assignment.TenantId, assignment.PackageId)) is { } package)
        {
            foreach (var scope in package.RoleScopes) Withdraw(ended, scope);
            state.Audit(assignment.TenantId, actor, "Remove access package assignment", "Unassign", [GovernanceAudit.Of(package), GovernanceAudit.Of(assignment.Target)]);
            if (!assignment.Quiet) state.Mail(assignment.TenantId, 20, assignment.Target.Email, $"Your access to {package.DisplayName} has ended", $"access-packages/{package.Id:D}");
        }

        Ended?.Invoke(ended);
        if (ended.Target.ObjectId is { } guest) guests.Left(ended.TenantId, guest);
    }

    /// <summary>A role was added to a package: its holders get it.</summary>
    public void RoleAdded(AccessPackage package)
    {
        foreach (var held in HoldersOf(package)) Reprocess(held);
    }

    /// <summary>A role was taken out of a package: its holders lose it.</summary>
    public void RoleRemoved(AccessPackage package, RoleScope scope)
    {
        foreach (var held in HoldersOf(package)) Withdraw(held, scope);
    }

    private List<PackageAssignment> HoldersOf(AccessPackage package) => [.. state.Assignments.Of(package.TenantId).Where(held => held.IsHeld && held.PackageId == package.Id)];

    private PackageAssignment Grant(PackageAssignment assignment)
    {
        var scopes = state.Packages.Find(GovernanceState.Key(assignment.TenantId, assignment.PackageId))?.RoleScopes ?? [];
        var given = scopes.Count(scope => Give(assignment, scope));
        var (name, status) = given == scopes.Count ? ("delivered", "Delivered") : given > 0 ? ("partiallyDelivered", "PartiallyDelivered") : ("deliveryFailed", "DeliveryFailed");
        return assignment with { State = name, Status = status };
    }

    private bool Give(PackageAssignment assignment, RoleScope scope)
    {
        var (tenant, resource) = (assignment.TenantId, state.Resources.Find(GovernanceState.Key(assignment.TenantId, scope.ResourceId)));
        if (assignment.Target.ObjectId is not { } person || Directory.FindUser(tenant, person) is not { } user) return false;
        if (resource is null) return false;
        if (resource.GroupId is not { } id)
        {
            if (resource.OriginSystem != "AadApplication" || !Guid.TryParse(resource.OriginId, out var principal) || Directory.FindServicePrincipalById(tenant, principal) is not { } application) return false;
            Directory.Assign(new TwinAssignment(tenant, application.AppId, person, null));
            return true;
        }

        if (Directory.FindGroup(tenant, id) is not { } group) return false;
        var owner = IsOwner(scope);
        if (owner && !group.Owners.Contains(person)) Directory.PutGroup(group with { Owners = [.. group.Owners, person] });
        if (owner || Directory.AddMember(tenant, id, person)) Log(tenant, owner ? "Add owner to group" : "Add member to group", "Assign", user, group);
        return true;
    }

    private void Withdraw(PackageAssignment assignment, RoleScope scope)
    {
        var tenant = assignment.TenantId;
        if (assignment.Target.ObjectId is not { } person || state.Resources.Find(GovernanceState.Key(tenant, scope.ResourceId)) is not { GroupId: { } id } resource) return;
        if (Directory.FindGroup(tenant, id) is not { } group || Directory.FindUser(tenant, person) is not { } user || IsGivenOtherwise(assignment, scope, resource)) return;
        var owner = IsOwner(scope);
        if (owner && group.Owners.Contains(person)) Directory.PutGroup(group with { Owners = [.. group.Owners.Where(held => held != person)] });
        if (owner || Directory.RemoveMember(tenant, id, person)) Log(tenant, owner ? "Remove owner from group" : "Remove member from group", "Unassign", user, group);
    }

    private bool IsGivenOtherwise(PackageAssignment assignment, RoleScope scope, CatalogResource resource) =>
        state.HeldBy(assignment.TenantId, assignment.Target).Any(other => other.Id != assignment.Id
            && state.Packages.Find(GovernanceState.Key(other.TenantId, other.PackageId)) is { } package
            && package.RoleScopes.Any(held => held.RoleOriginId == scope.RoleOriginId && state.Resources.Find(GovernanceState.Key(other.TenantId, held.ResourceId))?.OriginId == resource.OriginId));

    private static bool IsOwner(RoleScope scope) => scope.RoleOriginId.StartsWith("Owner_", StringComparison.OrdinalIgnoreCase);

    private void Log(Guid tenant, string activity, string operation, TwinUser user, TwinGroup group) =>
        state.Services.Audit.Write(new TwinAct(tenant, activity, "GroupManagement")
        {
            Actor = new TwinActor(null, null, "Azure AD Identity Governance - Entitlement Management"),
            Operation = operation,
            Targets = [new TwinTarget(user.Id.ToString("D"), "User", user.DisplayName, user.UserPrincipalName), new TwinTarget(group.Id.ToString("D"), "Group", group.DisplayName)],
        });

    /// <summary>The guest object of a person who is approved; an unknown organization becomes a proposed one. Source: entitlement-management-external-users, 2025.</summary>
    private Subject Invite(Guid tenant, Subject target)
    {
        TwinUser guest;
        try
        {
            guest = Directory.Invite(tenant, target.Email, target.DisplayName, sponsor: null, governed: true);
        }
        catch (TwinDirectoryException fault)
        {
            throw new GovernanceRefusedException(fault.Message);
        }

        if (guest.HomeTenantId is { } home && people.OrganizationOf(tenant, home, target.Email) is null && Directory.FindTenant(home) is { } from)
        {
            var id = state.NewId(state.Organizations, tenant, "organization", from.DefaultDomain);
            state.Organizations.Put(new ConnectedOrganization(id, tenant, from.DisplayName)
            {
                State = "proposed",
                IdentitySources = [new IdentitySource { Kind = "#microsoft.graph.azureActiveDirectoryTenant", TenantId = home, DisplayName = from.DisplayName }],
                CreatedAt = state.Now,
                ModifiedAt = state.Now,
            });
        }

        state.Audit(tenant, TwinActor.Service, "Entitlement Management invites external user", "Invite", [new TwinTarget(guest.Id.ToString("D"), "User", guest.DisplayName, guest.UserPrincipalName)]);
        return people.Of(guest) with { Id = target.Id, Unknown = target.Unknown };
    }

    private void Schedule(PackageAssignment assignment)
    {
        if (assignment is not { IsHeld: true, EndsAt: { } end }) return;
        foreach (var days in Reminders)
        {
            if (end - state.Now > TimeSpan.FromDays(days)) state.At(assignment.TenantId, end.AddDays(-days), () => Remind(assignment.TenantId, assignment.Id, end, days));
        }

        state.At(assignment.TenantId, end, () => Expire(assignment.TenantId, assignment.Id, end));
    }

    private PackageAssignment? Still(Guid tenant, Guid id, DateTimeOffset end) => state.Assignments.Find(GovernanceState.Key(tenant, id)) is { IsHeld: true } held && held.EndsAt == end ? held : null;

    private void Remind(Guid tenant, Guid id, DateTimeOffset end, int days)
    {
        if (Still(tenant, id, end) is not { } held || state.Packages.Find(GovernanceState.Key(tenant, held.PackageId)) is not { } package) return;
        state.Assignments.Put(held with { Status = $"NearExpiry{days}DayNotificationTriggered" });
        if (!held.Quiet) state.Mail(tenant, 19, held.Target.Email, $"Extend your access to {package.DisplayName} before {end:yyyy-MM-dd}", $"access-packages/{package.Id:D}");
    }

    private void Expire(Guid tenant, Guid id, DateTimeOffset end)
    {
        if (Still(tenant, id, end) is { } held) RemoveByService(held);
    }

    /// <summary>Ends an assignment by itself, with the request that the service writes for it.</summary>
    public void RemoveByService(PackageAssignment held)
    {
        var now = state.Now;
        state.Requests.Put(new PackageRequest
        {
            Id = state.NewId(state.Requests, held.TenantId, "request", $"systemRemove/{held.Id}"),
            TenantId = held.TenantId,
            RequestType = "systemRemove",
            State = "delivered",
            Status = "Fulfilled",
            Requestor = held.Target,
            Target = held.Target,
            PackageId = held.PackageId,
            PolicyId = held.PolicyId,
            AssignmentId = held.Id,
            CreatedAt = now,
            CompletedAt = now,
        });
        End(held, TwinActor.Service);
    }
}
