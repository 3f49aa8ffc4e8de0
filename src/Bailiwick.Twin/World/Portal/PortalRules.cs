using System.Globalization;

namespace Bailiwick.Twin.World.Portal;

/// <summary>The portal does not take a change; the message is one sentence for the person who asked for it.</summary>
internal sealed class PortalRefusedException(string message) : Exception(message);

/// <summary>Changes of a tenant's portal: from one state to the next, or a refusal. Pages and the control API go through the same ones.</summary>
internal static partial class PortalRules
{
    /// <summary>Longest name.</summary>
    public const int MaxName = 120;

    /// <summary>Longest description.</summary>
    public const int MaxDescription = 1000;

    /// <summary>Rows of one property in a device group's rule. Source: machine-groups 2025-12.</summary>
    public const int MaxRows = 10;

    /// <summary>Items of one kind in a tenant; Microsoft names no numbers.</summary>
    public const int MaxItems = 500;

    /// <summary>Turns roles on, for good. Source: rbac 2024; grant-mssp-access 2025-03.</summary>
    public static PortalState TurnOnRoles(PortalState state, string by, DateTimeOffset now)
    {
        if (state.RolesOn) throw new PortalRefusedException("Roles are on already.");
        var builtIn = new DefenderRole
        {
            Id = Guid.NewGuid(),
            Name = DefenderRole.BuiltInName,
            Description = "Full access to the portal and all devices. Global and Security Administrators hold it; further groups can be added.",
            Permissions = DefenderPermissions.All,
            BuiltIn = true,
        };
        return state with { RolesOn = true, RolesOnBy = by, RolesOnAt = now, Roles = [builtIn] };
    }

    /// <summary>Puts workloads under unified roles, or takes them out again.</summary>
    public static PortalState Activate(PortalState state, IEnumerable<Workload> workloads) => state with { Unified = [.. workloads.Distinct().Order()] };

    /// <summary>Copies the roles of the endpoint model into unified roles; those of a name already there are left.</summary>
    public static PortalState ImportRoles(PortalState state)
    {
        foreach (var role in state.Roles.Where(role => !role.BuiltIn))
        {
            if (state.UnifiedRoles.Any(known => Same(known.Name, role.Name))) continue;
            var unified = new UnifiedRole { Id = Guid.NewGuid(), Name = role.Name, Description = role.Description, Actions = UnifiedActions.ActionsOf(role.Permissions) };
            state = state with
            {
                UnifiedRoles = [.. state.UnifiedRoles, unified],
                UnifiedAssignments = role.Groups.Count == 0 ? state.UnifiedAssignments
                    : [.. state.UnifiedAssignments, new UnifiedAssignment { Id = Guid.NewGuid(), Name = role.Name, RoleId = unified.Id, Principals = role.Groups, Scopes = ["Mde"] }],
            };
        }

        return state;
    }

    /// <summary>Adds a role, or replaces the one of its id. Of the built-in role only the groups change.</summary>
    public static PortalState SaveRole(PortalState state, DefenderRole role, IReadOnlySet<Guid> groups)
    {
        if (!state.RolesOn) throw new PortalRefusedException("Roles must be turned on first.");
        CheckGroups(role.Groups, groups);
        var old = state.Roles.FirstOrDefault(known => known.Id == role.Id);
        if (old is null && role.Id != Guid.Empty) throw new PortalRefusedException("There is no such role.");
        if (old is { BuiltIn: true }) return Swap(old, old with { Groups = [.. role.Groups.Distinct()] });
        var name = Name(role.Name, "role");
        if (state.Roles.Any(known => known.Id != role.Id && Same(known.Name, name))) throw new PortalRefusedException($"There is already a role named '{name}'.");
        if (role.Permissions.Contains(DefenderPermission.ManagePortalSystemSettings)) throw new PortalRefusedException("'Manage portal system settings' is available in the administrator (default) role only.");
        if (role.Permissions.Count == 0) throw new PortalRefusedException("Choose at least one permission.");
        var saved = role with
        {
            Id = old?.Id ?? Guid.NewGuid(), Name = name, Description = Description(role.Description), Permissions = [.. role.Permissions.Distinct().Order()], Groups = [.. role.Groups.Distinct()], BuiltIn = false,
        };
        return old is not null ? Swap(old, saved) : state with { Roles = [.. Room(state.Roles), saved] };

        PortalState Swap(DefenderRole from, DefenderRole to) => state with { Roles = [.. state.Roles.Select(known => known == from ? to : known)] };
    }

    /// <summary>Removes a role.</summary>
    public static PortalState DeleteRole(PortalState state, Guid id)
    {
        var role = state.Roles.FirstOrDefault(known => known.Id == id) ?? throw new PortalRefusedException("There is no such role.");
        if (role.BuiltIn) throw new PortalRefusedException("The administrator (default) role cannot be deleted.");
        return state with { Roles = [.. state.Roles.Where(known => known != role)] };
    }

    /// <summary>Adds a unified role, or replaces the one of its id.</summary>
    public static PortalState SaveUnifiedRole(PortalState state, UnifiedRole role)
    {
        var name = Name(role.Name, "role");
        if (state.UnifiedRoles.Any(known => known.Id != role.Id && Same(known.Name, name))) throw new PortalRefusedException($"There is already a role named '{name}'.");
        if (role.Actions.Count == 0) throw new PortalRefusedException("A role needs at least one resource action.");
        if (role.Actions.Select(UnifiedActions.Fault).FirstOrDefault(fault => fault is not null) is { } wrong) throw new PortalRefusedException(wrong);
        var saved = role with { Id = role.Id == Guid.Empty ? Guid.NewGuid() : role.Id, Name = name, Description = Description(role.Description), Actions = UnifiedActions.Normalise(role.Actions) };
        return state with { UnifiedRoles = Put(state.UnifiedRoles, saved, known => known.Id == saved.Id) };
    }

    /// <summary>Adds an assignment of a unified role, or replaces the one of its id.</summary>
    /// <param name="state">The portal.</param>
    /// <param name="assignment">The assignment.</param>
    /// <param name="principals">Every user and group of the tenant.</param>
    public static PortalState SaveUnifiedAssignment(PortalState state, UnifiedAssignment assignment, IReadOnlySet<Guid> principals)
    {
        if (state.UnifiedRoles.All(role => role.Id != assignment.RoleId)) throw new PortalRefusedException($"There is no role {assignment.RoleId}.");
        if (assignment.Principals.Count == 0) throw new PortalRefusedException("An assignment needs at least one user or group.");
        if (assignment.Principals.Where(id => !principals.Contains(id)).Select(id => (Guid?)id).FirstOrDefault() is { } unknown) throw new PortalRefusedException($"{unknown} is neither a user nor a group of the tenant.");
        if (assignment.Scopes.Count == 0 || assignment.Scopes.Any(scope => scope.Length is 0 or > MaxName)) throw new PortalRefusedException("An assignment needs at least one data source, such as All or Mde.");
        if (Clean(assignment.Name).Length > MaxName) throw new PortalRefusedException($"A name has at most {MaxName} characters.");
        var saved = assignment with { Id = assignment.Id == Guid.Empty ? Guid.NewGuid() : assignment.Id, Name = Clean(assignment.Name), Principals = [.. assignment.Principals.Distinct()], Scopes = [.. assignment.Scopes.Select(Clean)] };
        return state with { UnifiedAssignments = Put(state.UnifiedAssignments, saved, known => known.Id == saved.Id) };
    }

    /// <summary>Removes a unified role that nobody holds.</summary>
    public static PortalState DeleteUnifiedRole(PortalState state, Guid id)
    {
        if (state.UnifiedRoles.All(role => role.Id != id)) throw new PortalRefusedException("There is no such role.");
        if (state.UnifiedAssignments.Any(assignment => assignment.RoleId == id)) throw new PortalRefusedException("The role is assigned; remove its assignments first.");
        return state with { UnifiedRoles = [.. state.UnifiedRoles.Where(role => role.Id != id)] };
    }

    /// <summary>Removes an assignment of a unified role.</summary>
    public static PortalState DeleteUnifiedAssignment(PortalState state, Guid id) => state.UnifiedAssignments.Any(assignment => assignment.Id == id)
        ? state with { UnifiedAssignments = [.. state.UnifiedAssignments.Where(assignment => assignment.Id != id)] }
        : throw new PortalRefusedException("There is no such assignment.");

    private static void CheckGroups(IEnumerable<Guid> wanted, IReadOnlySet<Guid> groups)
    {
        foreach (var id in wanted)
        {
            if (!groups.Contains(id)) throw new PortalRefusedException($"{id} is not a security group of the tenant; roles are given to security groups only.");
        }
    }

    private static IReadOnlyList<T> Put<T>(IReadOnlyList<T> items, T item, Func<T, bool> same)
        where T : class
    {
        var old = items.FirstOrDefault(same);
        return old is null ? [.. Room(items), item] : [.. items.Select(known => known == old ? item : known)];
    }

    private static IReadOnlyList<T> Room<T>(IReadOnlyList<T> items) => items.Count < MaxItems ? items : throw new PortalRefusedException($"There can be at most {MaxItems} of them.");

    private static string Name(string name, string thing)
    {
        var clean = Clean(name);
        if (clean.Length == 0) throw new PortalRefusedException($"The {thing} needs a name.");
        return clean.Length <= MaxName ? clean : throw new PortalRefusedException($"A name has at most {MaxName} characters; this one has {clean.Length}.");
    }

    private static string Description(string text)
    {
        var clean = Clean(text);
        return clean.Length <= MaxDescription ? clean : throw new PortalRefusedException($"A description has at most {MaxDescription} characters; this one has {clean.Length}.");
    }

    /// <summary>One line without control characters or marks that turn the reading direction.</summary>
    private static string Clean(string text) =>
        string.Concat(text.ReplaceLineEndings(" ").Where(letter => char.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate) || char.IsSurrogate(letter))).Trim();

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
