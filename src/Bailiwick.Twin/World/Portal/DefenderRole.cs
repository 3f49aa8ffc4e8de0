namespace Bailiwick.Twin.World.Portal;

/// <summary>
/// What a Defender role may permit, with the sub-areas of 2024. Source: user-roles 2019–20 and 2024-06. Only the built-in administrator role holds
/// <see cref="ManagePortalSystemSettings"/>.
/// </summary>
internal enum DefenderPermission
{
    /// <summary>See alerts, incidents and devices.</summary>
    ViewDataSecurityOperations,

    /// <summary>See Defender Vulnerability Management.</summary>
    ViewDataVulnerabilityManagement,

    /// <summary>Response actions, pending actions, allowed and blocked lists.</summary>
    RemediationSecurityOperations,

    /// <summary>Exceptions of vulnerability management.</summary>
    RemediationExceptionHandling,

    /// <summary>Remediation requests and tickets.</summary>
    RemediationHandling,

    /// <summary>Block vulnerable applications.</summary>
    RemediationApplicationHandling,

    /// <summary>Security baselines assessment profiles.</summary>
    SecurityBaselines,

    /// <summary>Manage alerts, start investigations, manage device tags.</summary>
    AlertsInvestigation,

    /// <summary>Storage, SIEM settings, advanced features, roles and device groups.</summary>
    ManagePortalSystemSettings,

    /// <summary>Suppression, onboarding, e-mail notifications, indicators.</summary>
    ManageSecuritySettings,

    /// <summary>A live response session with read-only commands.</summary>
    LiveResponseBasic,

    /// <summary>Live response with scripts and downloads.</summary>
    LiveResponseAdvanced,
}

/// <summary>A role of the endpoint permission model. Source: user-roles 2024-06, assign-portal-access 2018-11.</summary>
internal sealed record DefenderRole
{
    /// <summary>Name of the role that exists from the moment roles are turned on.</summary>
    public const string BuiltInName = "Microsoft Defender for Endpoint administrator (default)";

    /// <summary>Its id; empty asks for a new one.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique in the tenant, whatever the case.</summary>
    public required string Name { get; init; }

    /// <summary>May be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it permits; of the built-in role everything, whatever stands here.</summary>
    public IReadOnlyList<DefenderPermission> Permissions { get; init; } = [];

    /// <summary>Security groups that hold it; people never hold it directly.</summary>
    public IReadOnlyList<Guid> Groups { get; init; } = [];

    /// <summary>True for the built-in administrator role: all permissions on all devices, whatever their group.</summary>
    public bool BuiltIn { get; init; }
}

/// <summary>Permissions as the portal's pages name them.</summary>
internal static class DefenderPermissions
{
    /// <summary>Every permission.</summary>
    public static readonly IReadOnlyList<DefenderPermission> All = Enum.GetValues<DefenderPermission>();

    /// <summary>What a role of one's own may hold: all but the portal's system settings.</summary>
    public static readonly IReadOnlyList<DefenderPermission> Assignable = [.. All.Where(permission => permission != DefenderPermission.ManagePortalSystemSettings)];

    /// <summary>What reading roles of the directory see.</summary>
    public static readonly IReadOnlyList<DefenderPermission> Reading = [DefenderPermission.ViewDataSecurityOperations, DefenderPermission.ViewDataVulnerabilityManagement];

    /// <summary>The name on the page.</summary>
    public static string NameOf(DefenderPermission permission) => permission switch
    {
        DefenderPermission.ViewDataSecurityOperations => "View data – Security operations",
        DefenderPermission.ViewDataVulnerabilityManagement => "View data – Defender Vulnerability Management",
        DefenderPermission.RemediationSecurityOperations => "Active remediation actions – Security operations",
        DefenderPermission.RemediationExceptionHandling => "Active remediation actions – Exception handling",
        DefenderPermission.RemediationHandling => "Active remediation actions – Remediation handling",
        DefenderPermission.RemediationApplicationHandling => "Active remediation actions – Application handling",
        DefenderPermission.SecurityBaselines => "Security baselines – Manage assessment profiles",
        DefenderPermission.AlertsInvestigation => "Alerts investigation",
        DefenderPermission.ManagePortalSystemSettings => "Manage portal system settings",
        DefenderPermission.ManageSecuritySettings => "Manage security settings",
        DefenderPermission.LiveResponseBasic => "Live response – Basic",
        _ => "Live response – Advanced",
    };
}
