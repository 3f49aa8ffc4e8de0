namespace Bailiwick.Twin.World.Portal;

/// <summary>A person as a tenant's Defender knows them.</summary>
/// <param name="Id">Object id in the tenant.</param>
/// <param name="DirectoryRoles">Template ids of directory roles held there.</param>
/// <param name="Groups">Security groups, those reached through others included.</param>
internal sealed record PortalPerson(Guid Id, IReadOnlyCollection<Guid> DirectoryRoles, IReadOnlyCollection<Guid> Groups);

/// <summary>
/// What one person may do in one tenant's Defender: a pure function of what the portal holds and who the person is. Members and guests are treated alike.
/// Source: basic-permissions 2021, rbac 2024, user-roles 2024-06, machine-groups 2025-12, manage-rbac 2025-02. Two points are not documented and taken
/// as follows: membership through other groups counts, and a permission on a device must come through the group that opens the device.
/// </summary>
internal sealed class DefenderAccess
{
    /// <summary>Global Reader. Source: permissions-reference, read 2025.</summary>
    public static readonly Guid GlobalReader = new("f2ef992c-3afb-46b9-b7cf-a126ee74c451");

    /// <summary>What an application sees: device groups do not bind it.</summary>
    public static readonly DefenderAccess Everything = new() { IsAdministrator = true };

    private static readonly HashSet<DefenderPermission> Nothing = [];
    private HashSet<DefenderPermission> _everywhere = [];
    private HashSet<DefenderPermission> _held = [];
    private Dictionary<string, HashSet<DefenderPermission>> _byGroup = new(StringComparer.Ordinal);

    private DefenderAccess()
    {
    }

    /// <summary>Global or Security Administrator, or holder of the built-in role: everything, on all devices.</summary>
    public bool IsAdministrator { get; private init; }

    /// <summary>May change roles and device groups.</summary>
    public bool ManagesRoles { get; private set; }

    /// <summary>Holds anything at all; without it the portal does not open.</summary>
    public bool HasRole => IsAdministrator || _held.Count > 0;

    /// <summary>Works out the access.</summary>
    public static DefenderAccess Of(PortalState portal, PortalPerson person)
    {
        var administrator = person.DirectoryRoles.Contains(DirectoryRoles.GlobalAdministrator) || person.DirectoryRoles.Contains(DirectoryRoles.SecurityAdministrator)
            || (portal.Model == PermissionModel.MdeRbac && portal.Roles.Any(role => role.BuiltIn && role.Groups.Any(person.Groups.Contains)));
        if (administrator) return new DefenderAccess { IsAdministrator = true, ManagesRoles = true };
        var access = new DefenderAccess();
        var reader = person.DirectoryRoles.Contains(DirectoryRoles.SecurityReader) || person.DirectoryRoles.Contains(GlobalReader);
        if (reader && portal.Model != PermissionModel.MdeRbac) access._everywhere = [.. DefenderPermissions.Reading];
        if (portal.Model == PermissionModel.MdeRbac) access.Take(portal, person, [.. portal.Roles.SelectMany(role => role.Groups.Select(group => new Held(group, role.Permissions)))]);
        if (portal.Model == PermissionModel.Unified) access.Take(portal, person, Unified(portal));
        access._held.UnionWith(access._everywhere);
        access.ManagesRoles = portal.Model == PermissionModel.Unified && HeldActions(portal, person).Any(action => UnifiedActions.Covers(action, UnifiedActions.ManageAuthorization));
        return access;
    }

    /// <summary>True when some role of the person holds the permission.</summary>
    public bool Can(DefenderPermission permission) => IsAdministrator || _held.Contains(permission);

    /// <summary>True when the permission holds for what a device group's devices are about; null stands for what has no device.</summary>
    public bool Can(DefenderPermission permission, string? deviceGroup)
    {
        if (deviceGroup is null) return Can(permission);
        return IsAdministrator || _everywhere.Contains(permission) || _byGroup.GetValueOrDefault(deviceGroup, Nothing).Contains(permission);
    }

    /// <summary>Names of the device groups on which the permission holds, former names included; null means all.</summary>
    public IReadOnlyList<string>? GroupsWith(DefenderPermission permission)
    {
        if (IsAdministrator || _everywhere.Contains(permission)) return null;
        return [.. _byGroup.Where(group => group.Value.Contains(permission)).Select(group => group.Key).Order(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<Held> Unified(PortalState portal) =>
    [
        .. portal.UnifiedAssignments.Where(assignment => assignment.OfEndpoints)
            .SelectMany(assignment => assignment.Principals.Select(principal => new Held(principal, [.. UnifiedActions.PermissionsOf(ActionsOf(portal, assignment))]))),
    ];

    private static IEnumerable<string> HeldActions(PortalState portal, PortalPerson person) =>
        portal.UnifiedAssignments.Where(assignment => assignment.Principals.Any(principal => principal == person.Id || person.Groups.Contains(principal)))
            .SelectMany(assignment => ActionsOf(portal, assignment));

    private static IReadOnlyList<string> ActionsOf(PortalState portal, UnifiedAssignment assignment) =>
        portal.UnifiedRoles.FirstOrDefault(role => role.Id == assignment.RoleId && role.Enabled)?.Actions ?? [];

    /// <summary>Adds what roles give: a group's permissions reach the device groups that are open to everybody or to that group; a person's own reach whatever one of their groups opens.</summary>
    private void Take(PortalState portal, PortalPerson person, IReadOnlyList<Held> roles)
    {
        var mine = roles.Where(role => role.Principal == person.Id || person.Groups.Contains(role.Principal)).ToList();
        foreach (var role in mine) _held.UnionWith(role.Permissions);
        if (mine.Count == 0) return;
        foreach (var group in portal.DeviceGroups)
        {
            var open = group.Access.Count == 0;
            var opened = open || group.Access.Any(person.Groups.Contains);
            var here = mine.Where(role => open || group.Access.Contains(role.Principal) || (role.Principal == person.Id && opened)).SelectMany(role => role.Permissions).ToHashSet();
            foreach (var name in (IEnumerable<string>)[group.Name, .. group.FormerNames]) _byGroup.TryAdd(name, here);
        }
    }

    private sealed record Held(Guid Principal, IReadOnlyList<DefenderPermission> Permissions);
}
