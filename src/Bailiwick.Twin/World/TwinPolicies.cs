using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World;

/// <summary>A tenant's authorization policy. Source: authorizationpolicy resource type, 2024.</summary>
/// <param name="TenantId">Whose.</param>
public sealed record TwinAuthorizationPolicy(Guid TenantId)
{
    /// <summary><c>none</c>, <c>adminsAndGuestInviters</c>, <c>adminsGuestInvitersAndAllMembers</c> or <c>everyone</c>.</summary>
    public string AllowInvitesFrom { get; init; } = "everyone";

    /// <summary>What guests may do: one of the three roles of <see cref="DirectoryRoles"/>.</summary>
    public Guid GuestUserRoleId { get; init; } = DirectoryRoles.Guest;

    /// <summary>Guests and members without a role do not see the admin centre (beta <c>uxSetting</c>).</summary>
    public bool RestrictNonAdminAccess { get; init; }

    /// <summary>The other settings, as they were written.</summary>
    public JsonObject Other { get; init; } = [];
}

/// <summary>A tenant's settings towards one other tenant. Source: crosstenantaccesspolicy-overview, 2025.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="PartnerId">The other tenant.</param>
/// <param name="Body">As written, null meaning inherited.</param>
public sealed record TwinPartner(Guid TenantId, Guid PartnerId, JsonObject Body);

/// <summary>A tenant's settings towards all other tenants.</summary>
/// <param name="TenantId">Whose.</param>
/// <param name="Body">As written; empty: the system's.</param>
public sealed record TwinCrossTenantDefault(Guid TenantId, JsonObject Body)
{
    /// <summary>Other clouds whose tenants may be partners.</summary>
    public IReadOnlyList<string> AllowedCloudEndpoints { get; init; } = [];
}

public sealed partial class TwinDirectory
{
    /// <summary>The authorization policy; the defaults where nothing was set.</summary>
    public TwinAuthorizationPolicy AuthorizationPolicy(Guid tenant) => _authorization.Find(tenant.ToString("D")) ?? new TwinAuthorizationPolicy(tenant);

    /// <summary>Replaces it.</summary>
    public void PutPolicy(TwinAuthorizationPolicy policy) => _authorization.Put(policy);

    /// <summary>Partners of a tenant, no order.</summary>
    public IReadOnlyList<TwinPartner> Partners(Guid tenant) => [.. _partners.Of(tenant)];

    /// <summary>One partner, or null.</summary>
    public TwinPartner? FindPartner(Guid tenant, Guid partner) => _partners.Find(UserKey(tenant, partner));

    /// <summary>Adds or replaces a partner.</summary>
    public void PutPartner(TwinPartner partner) => _partners.Put(partner);

    /// <summary>Removes a partner; false when there is none.</summary>
    public bool RemovePartner(Guid tenant, Guid partner) => _partners.Remove(UserKey(tenant, partner)) is not null;

    /// <summary>Settings towards everybody else; null where nothing was set.</summary>
    public TwinCrossTenantDefault? CrossTenantDefault(Guid tenant) => _crossTenant.Find(tenant.ToString("D"));

    /// <summary>Replaces them; null goes back to the system's.</summary>
    public void PutCrossTenantDefault(Guid tenant, JsonObject? body) => _crossTenant.Put((CrossTenantDefault(tenant) ?? new TwinCrossTenantDefault(tenant, [])) with { Body = body ?? [] });

    /// <summary>Replaces the list of other clouds.</summary>
    public void PutCloudEndpoints(Guid tenant, IReadOnlyList<string> endpoints) => _crossTenant.Put((CrossTenantDefault(tenant) ?? new TwinCrossTenantDefault(tenant, [])) with { AllowedCloudEndpoints = endpoints });

    /// <summary>
    /// True when the two tenants skip the first-visit question: the resource lets in without it and the home lets out without it.
    /// Source: cross-tenant-access-overview 2025 (automatic redemption).
    /// </summary>
    public bool RedeemsAlone(Guid resource, Guid home) =>
        Allows(FindPartner(resource, home)?.Body, "inboundAllowed") && Allows(FindPartner(home, resource)?.Body, "outboundAllowed");

    private static bool Allows(JsonObject? partner, string way) => partner?["automaticUserConsentSettings"]?[way] is JsonValue value && value.TryGetValue<bool>(out var allowed) && allowed;
}
