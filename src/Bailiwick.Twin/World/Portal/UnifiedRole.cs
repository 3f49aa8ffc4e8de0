namespace Bailiwick.Twin.World.Portal;

/// <summary>A role of the unified model. Source: unifiedrbacapplicationmultiple beta, custom-permissions-details 2023-08.</summary>
internal sealed record UnifiedRole
{
    /// <summary>Its id; empty asks for a new one.</summary>
    public Guid Id { get; init; }

    /// <summary>Unique in the tenant, whatever the case.</summary>
    public required string Name { get; init; }

    /// <summary>May be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Resource actions such as <c>microsoft.xdr/secops/*/read</c>.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>False keeps the role and gives nobody anything.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>Who holds a unified role. Source: manage-rbac 2025-02: people or groups, by data source.</summary>
internal sealed record UnifiedAssignment
{
    /// <summary>Its id; empty asks for a new one.</summary>
    public Guid Id { get; init; }

    /// <summary>Name of the assignment.</summary>
    public string Name { get; init; } = "";

    /// <summary>The role.</summary>
    public required Guid RoleId { get; init; }

    /// <summary>Object ids of users or groups.</summary>
    public IReadOnlyList<Guid> Principals { get; init; } = [];

    /// <summary>Data sources: <c>All</c>, or <c>Mde</c> for endpoints.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["All"];

    /// <summary>True when the assignment reaches endpoints.</summary>
    public bool OfEndpoints => Scopes.Any(scope => scope.Equals("All", StringComparison.OrdinalIgnoreCase) || scope.Equals("Mde", StringComparison.OrdinalIgnoreCase) || scope == "/");
}

/// <summary>
/// Resource actions and what they cover. Names of <c>securitydata</c> and <c>configuration</c> are those integrators saw to 2026; the others
/// (live response, posture management) are the twin's own spelling of documented permissions.
/// </summary>
internal static class UnifiedActions
{
    /// <summary>What every action starts with.</summary>
    public const string Prefix = "microsoft.xdr/";

    /// <summary>Lets others than administrators manage roles and device groups.</summary>
    public const string ManageAuthorization = "microsoft.xdr/configuration/authorization/manage";

    /// <summary>The action of each endpoint permission. Source: compare-rbac-roles 2024-06.</summary>
    private static readonly IReadOnlyList<(DefenderPermission Permission, string Action)> Pairs =
    [
        (DefenderPermission.ViewDataSecurityOperations, "microsoft.xdr/secops/securitydata/read"),
        (DefenderPermission.ViewDataVulnerabilityManagement, "microsoft.xdr/securityposture/vulnerability/read"),
        (DefenderPermission.RemediationSecurityOperations, "microsoft.xdr/secops/securitydata/response/manage"),
        (DefenderPermission.RemediationExceptionHandling, "microsoft.xdr/securityposture/exceptions/manage"),
        (DefenderPermission.RemediationHandling, "microsoft.xdr/securityposture/remediation/manage"),
        (DefenderPermission.RemediationApplicationHandling, "microsoft.xdr/securityposture/applications/manage"),
        (DefenderPermission.SecurityBaselines, "microsoft.xdr/securityposture/baselines/manage"),
        (DefenderPermission.AlertsInvestigation, "microsoft.xdr/secops/securitydata/alerts/manage"),
        (DefenderPermission.ManagePortalSystemSettings, "microsoft.xdr/configuration/system/manage"),
        (DefenderPermission.ManageSecuritySettings, "microsoft.xdr/configuration/security/manage"),
        (DefenderPermission.LiveResponseBasic, "microsoft.xdr/secops/liveresponse/basic/manage"),
        (DefenderPermission.LiveResponseAdvanced, "microsoft.xdr/secops/liveresponse/advanced/manage"),
    ];

    /// <summary>The endpoint permissions that a role's actions amount to.</summary>
    public static IEnumerable<DefenderPermission> PermissionsOf(IReadOnlyList<string> actions) =>
        Pairs.Where(pair => actions.Any(action => Covers(action, pair.Action))).Select(pair => pair.Permission);

    /// <summary>What a role of the endpoint model becomes when it is imported.</summary>
    public static IReadOnlyList<string> ActionsOf(IEnumerable<DefenderPermission> permissions) =>
        Normalise([.. permissions.Select(permission => Pairs.First(pair => pair.Permission == permission).Action)]);

    /// <summary>True when one action contains another: <c>*</c> stands for any path, and <c>manage</c> covers <c>read</c>.</summary>
    public static bool Covers(string held, string wanted)
    {
        var (heldPath, heldVerb) = Split(held);
        var (wantedPath, wantedVerb) = Split(wanted);
        if (heldVerb != wantedVerb && !(heldVerb == "manage" && wantedVerb == "read")) return false;
        return heldPath == wantedPath || (heldPath.EndsWith("/*", StringComparison.Ordinal) && wantedPath.StartsWith(heldPath[..^1], StringComparison.Ordinal));
    }

    /// <summary>Without what another of the list covers already, as the service stores it: what is read back may differ from what was written.</summary>
    public static IReadOnlyList<string> Normalise(IReadOnlyList<string> actions)
    {
        var distinct = actions.Select(action => action.ToLowerInvariant()).Distinct().ToList();
        return [.. distinct.Where(action => !distinct.Exists(other => other != action && Covers(other, action) && !Covers(action, other)))];
    }

    /// <summary>What is wrong with an action's form, or null.</summary>
    public static string? Fault(string action) =>
        action.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Split(action.ToLowerInvariant()).Verb is "read" or "manage"
            && action.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '*')
            ? null
            : $"'{action}' is not a resource action such as {Prefix}secops/securitydata/alerts/manage.";

    private static (string Path, string Verb) Split(string action)
    {
        var plain = action.Equals("microsoft.xdr/secops/securitydata/basics/read", StringComparison.OrdinalIgnoreCase) ? "microsoft.xdr/secops/securitydata/read" : action.ToLowerInvariant();
        var slash = plain.LastIndexOf('/');
        return slash < 0 ? (plain, "") : (plain[..slash], plain[(slash + 1)..]);
    }
}
