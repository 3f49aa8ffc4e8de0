using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra;

/// <summary>What a person must still be asked before a client gets delegated permissions. Source: scopes-oidc and application-consent-experience, 2025.</summary>
internal sealed class ConsentRules(TwinDirectory directory)
{
    /// <summary>Delegated permissions that a person may grant alone; all others need an administrator.</summary>
    private static readonly HashSet<string> ForEverybody = new(StringComparer.OrdinalIgnoreCase) { "openid", "profile", "email", "offline_access", "User.Read", "User.ReadBasic.All", "user_impersonation" };

    /// <summary>Lists what is missing; an error when the client asks for what it never declared.</summary>
    public EntraError? Missing(TwinApp app, TwinUser presence, ScopeRequest request, out IReadOnlyList<TwinPermission> missing)
    {
        List<TwinPermission> wanted = [];
        missing = wanted;
        if (FirstPartySignIn.Find(app.AppId) is not null || directory.IsOwnApp(app.AppId)) return null;
        foreach (var requested in request.Resources)
        {
            var resource = requested.Resource;
            if (IsAbsent(resource, presence.TenantId)) return EntraError.ResourceMissing(requested.Identifier, presence.TenantId.ToString());
            if (resource.AppId == app.AppId) continue;
            var granted = directory.Scopes(presence.TenantId, app.AppId, resource.AppId, presence.Id);
            if (!requested.IsDefault)
            {
                wanted.AddRange(requested.Names.Where(name => !granted.Contains(name)).Select(name => new TwinPermission(resource.Identifier, name, false)));
                continue;
            }

            if (granted.Count > 0) continue;
            var declared = StaticList(app).Where(permission => !permission.Application).ToList();
            if (!declared.Exists(permission => directory.FindResource(permission.Resource)?.AppId == resource.AppId)) return EntraError.ResourceNotListed(requested.Identifier);
            wanted.AddRange(declared.Where(permission => !IsGranted(app, presence, permission)));
        }

        var known = directory.Grants(presence.TenantId, app.AppId).Any(grant => grant.HoldsFor(presence.Id));
        if (!known) wanted.AddRange(request.OpenId.Select(name => new TwinPermission(TwinResource.Graph.Identifier, name, false)));
        missing = [.. wanted.Distinct()];
        return null;
    }

    /// <summary>
    /// The declared permissions. A registration without any asks to sign people in through Azure AD Graph, which is what the portal of 2018 wrote into each
    /// new registration and what the legacy exporter's script relies on.
    /// </summary>
    public static IReadOnlyList<TwinPermission> StaticList(TwinApp app) =>
        app.Required.Any(permission => TwinResource.FindWellKnown(permission.Resource) == TwinResource.Exporter) ? app.Required : [.. app.Required, new TwinPermission(TwinResource.Exporter.Identifier, "User.Read", false)];

    /// <summary>True when only an administrator can grant it.</summary>
    public bool NeedsAdministrator(TwinPermission permission) =>
        permission.Application || (!ForEverybody.Contains(permission.Name) && directory.FindResource(permission.Resource)?.Owner is null);

    /// <summary>True when a user may grant for the whole tenant. Source: v2-admin-consent, 2025.</summary>
    public static bool IsAdministrator(TwinUser presence, IEnumerable<TwinPermission> permissions)
    {
        if (presence.Roles.Contains(DirectoryRoles.GlobalAdministrator) || presence.Roles.Contains(DirectoryRoles.PrivilegedRoleAdministrator)) return true;
        var lesser = presence.Roles.Contains(DirectoryRoles.ApplicationAdministrator) || presence.Roles.Contains(DirectoryRoles.CloudApplicationAdministrator);
        return lesser && !permissions.Any(permission => permission.Application && TwinResource.FindWellKnown(permission.Resource) == TwinResource.Graph);
    }

    /// <summary>True when the resource has no service principal in the tenant, as Defender has none where it was never provisioned.</summary>
    public bool IsAbsent(TwinResource resource, Guid tenant)
    {
        if (resource.Owner is { } owner) return directory.FindServicePrincipal(tenant, owner.AppId) is null;
        return (resource == TwinResource.Defender || resource == TwinResource.ThreatProtection) && directory.FindTenant(tenant) is { DefenderLicensed: false };
    }

    private bool IsGranted(TwinApp app, TwinUser presence, TwinPermission permission) =>
        directory.FindResource(permission.Resource) is { } resource && directory.Scopes(presence.TenantId, app.AppId, resource.AppId, presence.Id).Contains(permission.Name);
}
