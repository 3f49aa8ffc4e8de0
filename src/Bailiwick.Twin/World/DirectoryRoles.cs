namespace Bailiwick.Twin.World;

/// <summary>Directory roles by template id. Source: permissions-reference (built-in roles), read 2025.</summary>
public static class DirectoryRoles
{
    /// <summary>Global Administrator.</summary>
    public static readonly Guid GlobalAdministrator = new("62e90394-69f5-4237-9190-012177145e10");

    /// <summary>Privileged Role Administrator.</summary>
    public static readonly Guid PrivilegedRoleAdministrator = new("e8611ab8-c189-46e8-94e1-60213ab1f814");

    /// <summary>Application Administrator.</summary>
    public static readonly Guid ApplicationAdministrator = new("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3");

    /// <summary>Cloud Application Administrator.</summary>
    public static readonly Guid CloudApplicationAdministrator = new("158c047a-c907-4556-b7ef-446551a6b5f7");

    /// <summary>Security Administrator.</summary>
    public static readonly Guid SecurityAdministrator = new("194ae4cb-b126-40b2-bd5b-6091b380977d");

    /// <summary>Security Operator.</summary>
    public static readonly Guid SecurityOperator = new("5f2222b1-57c3-48ba-8ad5-d4759f1fde6f");

    /// <summary>Security Reader.</summary>
    public static readonly Guid SecurityReader = new("5d6b6bb7-de71-4623-b4af-96380a352509");

    /// <summary>Global Reader.</summary>
    public static readonly Guid GlobalReader = new("f2ef992c-3afb-46b9-b7cf-a126ee74c451");

    /// <summary>Identity Governance Administrator.</summary>
    public static readonly Guid IdentityGovernanceAdministrator = new("45d8d3c5-c802-45c6-b32a-1d70b5e1e86e");

    /// <summary>User Administrator.</summary>
    public static readonly Guid UserAdministrator = new("fe930be7-5e62-47db-91af-98c3a49a38b1");

    /// <summary>Groups Administrator.</summary>
    public static readonly Guid GroupsAdministrator = new("fdd7a751-b60b-444a-984c-02652fe8fa1c");

    /// <summary>Guest Inviter.</summary>
    public static readonly Guid GuestInviter = new("95e79109-95c0-4d8e-aee3-d01accf2d47b");

    /// <summary>Conditional Access Administrator.</summary>
    public static readonly Guid ConditionalAccessAdministrator = new("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9");

    /// <summary>Reports Reader.</summary>
    public static readonly Guid ReportsReader = new("4a5d8f65-41da-4de4-8968-e035b65339cf");

    /// <summary>Directory Readers.</summary>
    public static readonly Guid DirectoryReaders = new("88d8e3e3-8f55-4a1e-953a-9b9898b8876b");

    /// <summary>Default rights of guests: <c>guestUserRoleId</c>.</summary>
    public static readonly Guid Guest = new("10dae51f-b6af-4016-8d66-8c2a99b929b3");

    /// <summary>Guests with the rights of members.</summary>
    public static readonly Guid GuestAsMember = new("a0b1b346-4d3e-4e8b-98f8-753987be4970");

    /// <summary>Guests who see only themselves.</summary>
    public static readonly Guid RestrictedGuest = new("2af84b1e-32c8-42b7-82bc-daa82404023b");

    /// <summary>Names as people write them.</summary>
    public static IReadOnlyDictionary<string, Guid> ByName { get; } = new Dictionary<string, Guid>(StringComparer.OrdinalIgnoreCase)
    {
        ["Global Administrator"] = GlobalAdministrator,
        ["Privileged Role Administrator"] = PrivilegedRoleAdministrator,
        ["Application Administrator"] = ApplicationAdministrator,
        ["Cloud Application Administrator"] = CloudApplicationAdministrator,
        ["Security Administrator"] = SecurityAdministrator,
        ["Security Operator"] = SecurityOperator,
        ["Security Reader"] = SecurityReader,
        ["Global Reader"] = GlobalReader,
        ["Identity Governance Administrator"] = IdentityGovernanceAdministrator,
        ["User Administrator"] = UserAdministrator,
        ["Groups Administrator"] = GroupsAdministrator,
        ["Guest Inviter"] = GuestInviter,
        ["Conditional Access Administrator"] = ConditionalAccessAdministrator,
        ["Reports Reader"] = ReportsReader,
        ["Directory Readers"] = DirectoryReaders,
    };

    /// <summary>A role's name; null for a template id that is none of the above.</summary>
    public static string? NameOf(Guid role) => ByName.FirstOrDefault(pair => pair.Value == role).Key;

    /// <summary>Reads a role by name or template id; null when it is neither.</summary>
    public static Guid? Find(string role) => ByName.TryGetValue(role, out var known) ? known : Guid.TryParse(role, out var id) ? id : null;
}
