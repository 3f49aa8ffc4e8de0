using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Service principals on the wire, those of Microsoft's own resources too. Source: serviceprincipal resource type 2024, aad-advanced-queries 2025.</summary>
internal static class PrincipalShape
{
    /// <summary>The tenant that Microsoft's own applications are registered in. Source: first-party apps page, 2025.</summary>
    private const string MicrosoftServices = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

    private static readonly IReadOnlyList<string> Kept = ["description", "notes", "tags", "loginUrl", "preferredSingleSignOnMode", "notificationEmailAddresses"];

    public static readonly EntitySet Set = new("servicePrincipals", new EntityType(
        "servicePrincipal",
        Edm.Key(),
        Edm.Time("deletedDateTime") with { ReadOnly = true },
        Edm.Flag("accountEnabled") with { Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Text("appDisplayName") with { ReadOnly = true },
        Edm.Id("appId") with { Required = true, Fixed = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Id("appOwnerOrganizationId") with { ReadOnly = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Flag("appRoleAssignmentRequired"),
        Edm.Text("description", 1024),
        Edm.Directory("displayName", 256) with { ReadOnly = true, Sort = true },
        Edm.Text("homepage") with { ReadOnly = true },
        Edm.Text("loginUrl", 255),
        Edm.Text("notes", 1024),
        new EntityProperty("notificationEmailAddresses", ValueKind.Text) { Many = true, Most = 256 },
        Edm.Text("preferredSingleSignOnMode", 40),
        new EntityProperty("replyUrls", ValueKind.Text) { Many = true, ReadOnly = true },
        new EntityProperty("servicePrincipalNames", ValueKind.Text) { Many = true, ReadOnly = true, Filter = ["any"] },
        Edm.Text("servicePrincipalType") with { ReadOnly = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Text("signInAudience") with { ReadOnly = true },
        new EntityProperty("tags", ValueKind.Text) { Many = true, Most = 256, Filter = ["any"] },
        Edm.Open("appRoles") with { ReadOnly = true },
        Edm.Open("keyCredentials") with { ReadOnly = true },
        Edm.Open("oauth2PermissionScopes") with { ReadOnly = true },
        Edm.Open("passwordCredentials") with { ReadOnly = true })
    {
        Relations = ["appRoleAssignedTo", "appRoleAssignments"],
    })
    {
        IsDirectory = true,
        Search = ["displayName"],
    };

    public static JsonObject Of(TwinServicePrincipal principal, TwinDirectory directory)
    {
        var resource = directory.FindResource(principal.AppId.ToString("D"));
        var app = resource?.Owner;
        JsonNode? Written(string name) => principal.Other[name]?.DeepClone();
        return new JsonObject
        {
            ["id"] = principal.Id.ToString("D"),
            ["deletedDateTime"] = null,
            ["accountEnabled"] = principal.Enabled,
            ["appDisplayName"] = app?.DisplayName ?? principal.DisplayName,
            ["appId"] = principal.AppId.ToString("D"),
            ["appOwnerOrganizationId"] = app is not null ? app.HomeTenantId.ToString("D") : resource is not null ? MicrosoftServices : null,
            ["appRoleAssignmentRequired"] = principal.AssignmentRequired,
            ["description"] = Written("description"),
            ["displayName"] = principal.DisplayName,
            ["homepage"] = app?.Other["web"]?["homePageUrl"]?.DeepClone(),
            ["loginUrl"] = Written("loginUrl"),
            ["notes"] = Written("notes"),
            ["notificationEmailAddresses"] = Written("notificationEmailAddresses") ?? new JsonArray(),
            ["preferredSingleSignOnMode"] = Written("preferredSingleSignOnMode"),
            ["replyUrls"] = new JsonArray([.. app?.Redirects.Select(redirect => JsonValue.Create(redirect.Uri)) ?? []]),
            ["servicePrincipalNames"] = new JsonArray([JsonValue.Create(principal.AppId.ToString("D")), .. Names(resource).Select(name => JsonValue.Create(name))]),
            ["servicePrincipalType"] = "Application",
            ["signInAudience"] = app is { MultiTenant: false } ? "AzureADMyOrg" : "AzureADMultipleOrgs",
            ["tags"] = Written("tags") ?? new JsonArray(),
            ["appRoles"] = app is not null ? app.Other["appRoles"]?.DeepClone() ?? new JsonArray() : new JsonArray([.. Offered(directory, resource, application: true).Select(Role)]),
            ["keyCredentials"] = new JsonArray(),
            ["oauth2PermissionScopes"] = app is not null ? app.Other["api"]?["oauth2PermissionScopes"]?.DeepClone() ?? new JsonArray() : new JsonArray([.. Offered(directory, resource, application: false).Select(Scope)]),
            ["passwordCredentials"] = new JsonArray(),
        };
    }

    /// <summary>The service principal with a validated change applied.</summary>
    public static TwinServicePrincipal With(TwinServicePrincipal principal, JsonObject change)
    {
        var other = (JsonObject)principal.Other.DeepClone();
        foreach (var (name, value) in change)
        {
            if (Kept.Contains(name)) other[name] = value?.DeepClone();
            principal = name switch
            {
                "accountEnabled" => principal with { Enabled = value?.GetValue<bool>() != false },
                "appRoleAssignmentRequired" => principal with { AssignmentRequired = value?.GetValue<bool>() == true },
                _ => principal,
            };
        }

        return principal with { Other = other };
    }

    private static IEnumerable<string> Names(TwinResource? resource) => resource is null ? [] : resource.Owner is { } owner ? owner.IdentifierUris : [resource.Identifier, .. resource.Aliases];

    private static IEnumerable<OfferedPermission> Offered(TwinDirectory directory, TwinResource? resource, bool application) =>
        resource is null ? [] : TwinPermissions.Of(directory, resource).Where(permission => permission.Application == application);

    private static JsonObject Role(OfferedPermission permission) => new()
    {
        ["allowedMemberTypes"] = new JsonArray("Application"),
        ["description"] = permission.Name,
        ["displayName"] = permission.Name,
        ["id"] = permission.Id.ToString("D"),
        ["isEnabled"] = true,
        ["origin"] = "Application",
        ["value"] = permission.Name,
    };

    private static JsonObject Scope(OfferedPermission permission) => new()
    {
        ["adminConsentDescription"] = permission.Name,
        ["adminConsentDisplayName"] = permission.Name,
        ["id"] = permission.Id.ToString("D"),
        ["isEnabled"] = true,
        ["type"] = permission.Name is "User.Read" or "openid" or "profile" or "email" or "offline_access" or "User.ReadBasic.All" or "user_impersonation" ? "User" : "Admin",
        ["userConsentDescription"] = permission.Name,
        ["userConsentDisplayName"] = permission.Name,
        ["value"] = permission.Name,
    };
}
