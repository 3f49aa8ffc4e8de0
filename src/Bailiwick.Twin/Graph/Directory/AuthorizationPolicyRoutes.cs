using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/policies/authorizationPolicy</c>, one object per tenant; beta wraps it in a collection of one. And the beta <c>uxSetting</c>, which hides the admin centre.
/// Source: authorizationpolicy-get, authorizationpolicy-update 2024, uxsetting-update beta 2025.
/// </summary>
internal sealed class AuthorizationPolicyRoutes
{
    private const string Bare = "/policies/authorizationPolicy";

    private static readonly IReadOnlyList<Guid> GuestRoles = [DirectoryRoles.GuestAsMember, DirectoryRoles.Guest, DirectoryRoles.RestrictedGuest];

    private static readonly EntityType Members = new(
        "defaultUserRolePermissions", Edm.Flag("allowedToCreateApps"), Edm.Flag("allowedToCreateSecurityGroups"), Edm.Flag("allowedToCreateTenants"), Edm.Flag("allowedToReadBitlockerKeysForOwnedDevice"), Edm.Flag("allowedToReadOtherUsers"),
        new EntityProperty("permissionGrantPoliciesAssigned", ValueKind.Text) { Many = true });

    private static readonly EntitySet Set = new("policies/authorizationPolicy", new EntityType(
        "authorizationPolicy",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Text("description", 1024),
        Edm.Text("displayName", 256),
        Edm.Flag("allowedToSignUpEmailBasedSubscriptions"),
        Edm.Flag("allowedToUseSSPR"),
        Edm.Flag("allowEmailVerifiedUsersToJoinOrganization"),
        Edm.Member("allowInvitesFrom", "none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone"),
        Edm.Flag("allowUserConsentForRiskyApps"),
        Edm.Flag("blockMsolPowerShell"),
        Edm.Id("guestUserRoleId"),
        Edm.Complex("defaultUserRolePermissions", Members)));

    private static readonly EntitySet UxSettings = new("admin/entra/uxSetting", new EntityType("uxSetting", Edm.Text("id") with { ReadOnly = true }, Edm.Member("restrictNonAdminAccess", "true", "false")));

    public void Map(GraphRoutes routes, bool beta)
    {
        routes.Get(Bare, AdministrationNeeds.ReadAuthorization, "authorizationpolicy-get 2024", call => call.EntityAsync(Set, Of(call.Directory.AuthorizationPolicy(call.Tenant.Id))));
        routes.Patch(Bare, AdministrationNeeds.WriteAuthorization, "authorizationpolicy-update 2024", ChangeAsync);
        if (!beta) return;
        routes.Get($"{Bare}/authorizationPolicy", AdministrationNeeds.ReadAuthorization, "authorizationpolicy-get beta 2024", call => call.EntityAsync(Set, Of(call.Directory.AuthorizationPolicy(call.Tenant.Id))));
        routes.Patch($"{Bare}/authorizationPolicy", AdministrationNeeds.WriteAuthorization, "authorizationpolicy-update beta 2024", ChangeAsync);
        routes.Get("/admin/entra/uxSetting", AdministrationNeeds.ReadAuthorization, "uxsetting-get beta 2025", call => call.EntityAsync(UxSettings, Ux(call.Directory.AuthorizationPolicy(call.Tenant.Id))));
        routes.Patch("/admin/entra/uxSetting", AdministrationNeeds.WriteAuthorization, "uxsetting-update beta 2025", ChangeUxAsync);
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var change = Set.Type.ReadChange(await call.ReadAsync());
        var policy = call.Directory.AuthorizationPolicy(call.Tenant.Id);
        var before = Of(policy);
        var other = (JsonObject)policy.Other.DeepClone();
        foreach (var (name, value) in change)
        {
            if (name == "allowInvitesFrom") policy = policy with { AllowInvitesFrom = value?.GetValue<string>() ?? "everyone" };
            else if (name == "guestUserRoleId") policy = policy with { GuestUserRoleId = GuestRole(value) };
            else if (value is JsonObject part && other[name] is JsonObject present) foreach (var (inner, written) in part) present[inner] = written?.DeepClone();
            else if (value is null) other.Remove(name);
            else other[name] = value.DeepClone();
        }

        policy = policy with { Other = other };
        call.Directory.PutPolicy(policy);
        Audit(call, before, Of(policy));
        await call.DoneAsync(Set, Of(policy));
    }

    private static async Task ChangeUxAsync(GraphCall call)
    {
        var change = UxSettings.Type.ReadChange(await call.ReadAsync());
        var policy = call.Directory.AuthorizationPolicy(call.Tenant.Id);
        var before = Ux(policy);
        if (change.TryGetPropertyValue("restrictNonAdminAccess", out var restrict)) policy = policy with { RestrictNonAdminAccess = restrict?.GetValue<string>() == "true" };
        call.Directory.PutPolicy(policy);
        Audit(call, before, Ux(policy));
        await call.DoneAsync(UxSettings, Ux(policy));
    }

    private static void Audit(GraphCall call, JsonObject before, JsonObject after)
    {
        var changes = after.Where(pair => !JsonNode.DeepEquals(pair.Value, before[pair.Key])).Select(pair => (pair.Key, before[pair.Key]?.ToJsonString(), pair.Value?.ToJsonString())).ToList();
        call.Audit("Update authorization policy", "AuthorizationPolicy", "Update", new TwinTarget(call.Tenant.Id.ToString("D"), "Policy", "Authorization Policy") { Changes = changes });
    }

    private static Guid GuestRole(JsonNode? value)
    {
        var role = value is null ? DirectoryRoles.Guest : Guid.Parse(value.GetValue<string>());
        return GuestRoles.Contains(role) ? role : throw GraphRefusal.BadRequest($"Invalid value specified for property 'guestUserRoleId': {role:D} is none of the three roles of guests.");
    }

    private static JsonObject Of(TwinAuthorizationPolicy policy)
    {
        JsonNode Written(string name, bool standard) => policy.Other[name]?.DeepClone() ?? standard;
        var members = policy.Other["defaultUserRolePermissions"];
        JsonNode Member(string name) => members?[name]?.DeepClone() ?? true;
        return new JsonObject
        {
            ["id"] = "authorizationPolicy",
            ["description"] = policy.Other["description"]?.DeepClone() ?? "Used to manage authorization related settings across the company.",
            ["displayName"] = policy.Other["displayName"]?.DeepClone() ?? "Authorization Policy",
            ["allowedToSignUpEmailBasedSubscriptions"] = Written("allowedToSignUpEmailBasedSubscriptions", true),
            ["allowedToUseSSPR"] = Written("allowedToUseSSPR", true),
            ["allowEmailVerifiedUsersToJoinOrganization"] = Written("allowEmailVerifiedUsersToJoinOrganization", false),
            ["allowInvitesFrom"] = policy.AllowInvitesFrom,
            ["allowUserConsentForRiskyApps"] = Written("allowUserConsentForRiskyApps", false),
            ["blockMsolPowerShell"] = Written("blockMsolPowerShell", false),
            ["guestUserRoleId"] = policy.GuestUserRoleId.ToString("D"),
            ["defaultUserRolePermissions"] = new JsonObject
            {
                ["allowedToCreateApps"] = Member("allowedToCreateApps"),
                ["allowedToCreateSecurityGroups"] = Member("allowedToCreateSecurityGroups"),
                ["allowedToCreateTenants"] = Member("allowedToCreateTenants"),
                ["allowedToReadBitlockerKeysForOwnedDevice"] = Member("allowedToReadBitlockerKeysForOwnedDevice"),
                ["allowedToReadOtherUsers"] = Member("allowedToReadOtherUsers"),
                ["permissionGrantPoliciesAssigned"] = members?["permissionGrantPoliciesAssigned"]?.DeepClone() ?? new JsonArray("ManagePermissionGrantsForSelf.microsoft-user-default-legacy"),
            },
        };
    }

    private static JsonObject Ux(TwinAuthorizationPolicy policy) => new() { ["id"] = "uxSetting", ["restrictNonAdminAccess"] = policy.RestrictNonAdminAccess ? "true" : "false" };
}
