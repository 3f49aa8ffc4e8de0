using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra;

/// <summary>The first path segment of an authority: one tenant, or a name that stands for any. Source: v2-protocols-oidc, 2025.</summary>
/// <param name="Text">As written.</param>
/// <param name="Tenant">The tenant; null for <c>common</c>, <c>organizations</c> and <c>consumers</c>.</param>
internal sealed record TenantSegment(string Text, TwinTenant? Tenant)
{
    public bool IsCommon => Tenant is null && !Text.Equals("organizations", StringComparison.OrdinalIgnoreCase);

    public static EntraError? TryResolve(TwinDirectory directory, string text, bool metadata, out TenantSegment segment)
    {
        segment = new TenantSegment(text, null);
        if (text.ToLowerInvariant() is "common" or "organizations" or "consumers") return null;
        var tenant = Guid.TryParse(text, out var id) ? directory.FindTenant(id) : directory.FindTenantByDomain(text);
        segment = new TenantSegment(text, tenant);
        if (tenant is not null) return null;
        return id == Guid.Empty && !text.Contains('.') ? EntraError.TenantMalformed(text) : EntraError.TenantNotFound(text, metadata);
    }

    /// <summary>Finds the application of a request and checks that it may be asked for here: at home, or anywhere when it is multi-tenant.</summary>
    public EntraError? TryFindApp(TwinDirectory directory, string id, out TwinApp app)
    {
        app = (Guid.TryParse(id, out var appId) ? FirstPartySignIn.Find(appId) ?? directory.FindApp(appId) : null)!;
        if (app is null || (Tenant is not null && !app.MultiTenant && app.HomeTenantId != Tenant.Id)) return EntraError.AppNotInTenant(id, Tenant?.DisplayName ?? Text);
        return Tenant is null && !app.MultiTenant ? EntraError.SingleTenantOnCommon(appId) : null;
    }
}
