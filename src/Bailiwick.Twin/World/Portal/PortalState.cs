namespace Bailiwick.Twin.World.Portal;

/// <summary>Which rules say who may do what in a tenant's Defender. Source: basic-permissions 2021, rbac 2024, manage-rbac 2025-02.</summary>
internal enum PermissionModel
{
    /// <summary>Directory roles alone.</summary>
    Basic,

    /// <summary>Roles of Defender for Endpoint, given to security groups; there is no way back to <see cref="Basic"/>.</summary>
    MdeRbac,

    /// <summary>Unified roles; deactivation brings the model before back.</summary>
    Unified,
}

/// <summary>What the unified model can be activated for. Source: activate-defender-rbac 2025-02.</summary>
internal enum Workload
{
    /// <summary>Defender for Endpoint and Vulnerability Management; the one that decides what the twin shows.</summary>
    Endpoints,

    /// <summary>Defender for Office 365.</summary>
    EmailAndCollaboration,

    /// <summary>Defender for Identity.</summary>
    Identity,

    /// <summary>Defender for Cloud Apps.</summary>
    CloudApps,
}

/// <summary>Everything that is set in one tenant's portal; immutable, swapped whole.</summary>
internal sealed record PortalState
{
    /// <summary>The tenant.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>True once roles were turned on.</summary>
    public bool RolesOn { get; init; }

    /// <summary>Who turned them on; null before.</summary>
    public string? RolesOnBy { get; init; }

    /// <summary>When; null before. UTC.</summary>
    public DateTimeOffset? RolesOnAt { get; init; }

    /// <summary>Workloads under unified roles.</summary>
    public IReadOnlyList<Workload> Unified { get; init; } = [];

    /// <summary>Roles of the endpoint model, the built-in one first.</summary>
    public IReadOnlyList<DefenderRole> Roles { get; init; } = [];

    /// <summary>Unified roles.</summary>
    public IReadOnlyList<UnifiedRole> UnifiedRoles { get; init; } = [];

    /// <summary>Who holds them.</summary>
    public IReadOnlyList<UnifiedAssignment> UnifiedAssignments { get; init; } = [];

    /// <summary>Device groups by rank, the unassigned group last.</summary>
    public IReadOnlyList<DeviceGroup> DeviceGroups { get; init; } = [];

    /// <summary>E-mail notification rules.</summary>
    public IReadOnlyList<MailRule> MailRules { get; init; } = [];

    /// <summary>SIEM settings.</summary>
    public SiemSettings Siem { get; init; } = new();

    /// <summary>The model that holds for endpoints.</summary>
    public PermissionModel Model => Unified.Contains(Workload.Endpoints) ? PermissionModel.Unified : RolesOn ? PermissionModel.MdeRbac : PermissionModel.Basic;

    /// <summary>Security groups that hold a role in the present model: those that device groups can be opened to.</summary>
    public IReadOnlySet<Guid> GroupsWithRole() => Model switch
    {
        PermissionModel.MdeRbac => Roles.SelectMany(role => role.Groups).ToHashSet(),
        PermissionModel.Unified => UnifiedAssignments.SelectMany(assignment => assignment.Principals).ToHashSet(),
        _ => new HashSet<Guid>(),
    };
}
