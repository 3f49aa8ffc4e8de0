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

    /// <summary>Security Reader.</summary>
    public static readonly Guid SecurityReader = new("5d6b6bb7-de71-4623-b4af-96380a352509");

    /// <summary>Names as people write them.</summary>
    public static IReadOnlyDictionary<string, Guid> ByName { get; } = new Dictionary<string, Guid>(StringComparer.OrdinalIgnoreCase)
    {
        ["Global Administrator"] = GlobalAdministrator,
        ["Privileged Role Administrator"] = PrivilegedRoleAdministrator,
        ["Application Administrator"] = ApplicationAdministrator,
        ["Cloud Application Administrator"] = CloudApplicationAdministrator,
        ["Security Administrator"] = SecurityAdministrator,
        ["Security Reader"] = SecurityReader,
    };

    /// <summary>Reads a role by name or template id; null when it is neither.</summary>
    public static Guid? Find(string role) => ByName.TryGetValue(role, out var known) ? known : Guid.TryParse(role, out var id) ? id : null;
}
