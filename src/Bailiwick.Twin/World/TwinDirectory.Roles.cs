namespace Bailiwick.Twin.World;

/// <summary>A directory role in somebody's hands: a view of what users, groups and service principals hold.</summary>
/// <param name="Role">Template id.</param>
/// <param name="Principal">Object id.</param>
public sealed record TwinRoleAssignment(Guid Role, Guid Principal)
{
    /// <summary>Spells role and principal.</summary>
    public string Id => Base64Url.Encode([.. Role.ToByteArray(), .. Principal.ToByteArray()]);

    /// <summary>Null when the text is no such id.</summary>
    public static TwinRoleAssignment? Read(string id) => Base64Url.TryDecode(id, out var bytes) && bytes.Length == 32 ? new TwinRoleAssignment(new Guid(bytes.AsSpan(0, 16)), new Guid(bytes.AsSpan(16, 16))) : null;
}

/// <summary>A directory role that a tenant activated for <c>/directoryRoles</c> before anybody held it. Source: directoryrole-post-directoryroles, 2024.</summary>
/// <param name="TenantId">Where.</param>
/// <param name="Role">Template id.</param>
public sealed record TwinActiveRole(Guid TenantId, Guid Role);

public sealed partial class TwinDirectory
{
    /// <summary>Every role that somebody holds directly, by role and holder.</summary>
    public IReadOnlyList<TwinRoleAssignment> RoleAssignments(Guid tenant) =>
    [
        .. _users.Of(tenant).SelectMany(user => user.Roles.Select(role => new TwinRoleAssignment(role, user.Id)))
            .Concat(_groups.Of(tenant).SelectMany(group => group.Roles.Select(role => new TwinRoleAssignment(role, group.Id))))
            .Concat(_principals.Of(tenant).SelectMany(principal => principal.Roles.Select(role => new TwinRoleAssignment(role, principal.Id))))
            .Distinct().OrderBy(assignment => assignment.Role).ThenBy(assignment => assignment.Principal),
    ];

    /// <summary>Gives a role.</summary>
    /// <returns>False when it is held already.</returns>
    /// <exception cref="TwinDirectoryException">There is no such principal, or it is a group that may hold none.</exception>
    public bool AssignRole(Guid tenant, TwinRoleAssignment assignment)
    {
        lock (_gate)
        {
            if (Held(tenant, assignment.Principal) is not { } held) throw new TwinDirectoryException($"Principal {assignment.Principal} does not exist.");
            if (FindGroup(tenant, assignment.Principal) is { RoleAssignable: false }) throw new TwinDirectoryException("Only role-assignable groups can be assigned to a role: isAssignableToRole must be true.");
            if (held.Contains(assignment.Role)) return false;
            PutRoles(tenant, assignment.Principal, [.. held, assignment.Role]);
            return true;
        }
    }

    /// <summary>Takes a role back.</summary>
    /// <returns>False when it is not held.</returns>
    /// <exception cref="TwinDirectoryException">The tenant would be left without a Global Administrator.</exception>
    public bool UnassignRole(Guid tenant, TwinRoleAssignment assignment)
    {
        lock (_gate)
        {
            if (Held(tenant, assignment.Principal) is not { } held || !held.Contains(assignment.Role)) return false;
            if (assignment.Role == DirectoryRoles.GlobalAdministrator && RoleAssignments(tenant).Count(known => known.Role == assignment.Role) == 1)
                throw new TwinDirectoryException("The last Global Administrator of a tenant cannot be removed.");
            PutRoles(tenant, assignment.Principal, [.. held.Where(role => role != assignment.Role)]);
            return true;
        }
    }

    /// <summary>Roles that show below <c>/directoryRoles</c>: those somebody holds, and those activated.</summary>
    public IReadOnlyList<Guid> ActiveRoles(Guid tenant) => [.. RoleAssignments(tenant).Select(assignment => assignment.Role).Concat(_activeRoles.Of(tenant).Select(active => active.Role)).Distinct().Order()];

    /// <summary>Activates a role.</summary>
    public void ActivateRole(TwinActiveRole role) => _activeRoles.Put(role);

    private IReadOnlyList<Guid>? Held(Guid tenant, Guid principal) =>
        FindUser(tenant, principal)?.Roles ?? FindGroup(tenant, principal)?.Roles ?? FindServicePrincipalById(tenant, principal)?.Roles;

    private void PutRoles(Guid tenant, Guid principal, IReadOnlyList<Guid> roles)
    {
        if (FindUser(tenant, principal) is { } user) UpdateUser(user with { Roles = roles });
        else if (FindGroup(tenant, principal) is { } group) PutGroup(group with { Roles = roles });
        else if (FindServicePrincipalById(tenant, principal) is { } service) UpdateServicePrincipal(service with { Roles = roles });
    }
}
