using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Application registrations on the wire. Source: application resource type 2024, aad-advanced-queries 2025.</summary>
internal static class ApplicationShape
{
    /// <summary>What sign-in does not depend on: kept and answered as written.</summary>
    private static readonly IReadOnlyList<string> Kept = ["description", "notes", "tags", "info", "optionalClaims", "groupMembershipClaims", "serviceManagementReference", "signInAudience", "uniqueName", "appRoles"];

    private static readonly EntityType ImplicitGrant = new("implicitGrantSettings", Edm.Flag("enableAccessTokenIssuance"), Edm.Flag("enableIdTokenIssuance"));

    private static readonly EntityType Web = new(
        "webApplication", Edm.Text("homePageUrl", 255), Edm.Text("logoutUrl", 255), Addresses(), Edm.Complex("implicitGrantSettings", ImplicitGrant), Edm.Open("redirectUriSettings") with { Many = true });

    private static readonly EntityType Spa = new("spaApplication", Addresses());
    private static readonly EntityType PublicClient = new("publicClientApplication", Addresses());
    private static readonly EntityType Access = new("resourceAccess", Edm.Id("id") with { Required = true }, Edm.Member("type", "Scope", "Role") with { Required = true });

    private static readonly EntityType RequiredAccess = new("requiredResourceAccess", Edm.Id("resourceAppId") with { Required = true }, Edm.Complex("resourceAccess", Access) with { Many = true });

    private static readonly EntityType Scope = new(
        "permissionScope", Edm.Id("id") with { Required = true }, Edm.Text("value", 120), Edm.Member("type", "User", "Admin"), Edm.Flag("isEnabled"), Edm.Text("adminConsentDescription"), Edm.Text("adminConsentDisplayName", 256),
        Edm.Text("userConsentDescription"), Edm.Text("userConsentDisplayName", 256), Edm.Text("origin"));

    private static readonly EntityType PreAuthorized = new("preAuthorizedApplication", Edm.Id("appId"), new EntityProperty("delegatedPermissionIds", ValueKind.Text) { Many = true });

    private static readonly EntityType Api = new(
        "apiApplication", Edm.Flag("acceptMappedClaims"), new EntityProperty("knownClientApplications", ValueKind.Id) { Many = true }, Edm.Complex("oauth2PermissionScopes", Scope) with { Many = true },
        Edm.Complex("preAuthorizedApplications", PreAuthorized) with { Many = true }, Edm.Number("requestedAccessTokenVersion"));

    private static readonly EntityType Role = new(
        "appRole", Edm.Id("id") with { Required = true }, Edm.Text("value", 120), Edm.Text("displayName", 100) with { Required = true }, Edm.Text("description", 1024), Edm.Flag("isEnabled"), Edm.Text("origin"),
        Edm.Member("allowedMemberTypes", "User", "Application") with { Many = true });

    private static readonly EntityType Key = new(
        "keyCredential", Edm.Text("customKeyIdentifier", 100), Edm.Text("displayName", 90), Edm.Time("startDateTime"), Edm.Time("endDateTime"), Edm.Text("key", 16_384), Edm.Id("keyId"), Edm.Text("type", 40), Edm.Text("usage", 40));

    public static readonly EntitySet Set = new("applications", new EntityType(
        "application",
        Edm.Key(),
        Edm.Time("deletedDateTime") with { ReadOnly = true },
        Edm.Id("appId") with { ReadOnly = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Text("applicationTemplateId") with { ReadOnly = true },
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Advanced = ["ne", "not"] },
        Edm.Directory("displayName", 256) with { Required = true, Sort = true },
        Edm.Text("description", 1024),
        Edm.Text("groupMembershipClaims", 256),
        new EntityProperty("identifierUris", ValueKind.Text) { Many = true, Most = 255, Filter = ["any"] },
        Edm.Flag("isFallbackPublicClient"),
        Edm.Text("notes", 1024),
        Edm.Text("publisherDomain") with { ReadOnly = true },
        Edm.Text("serviceManagementReference", 256),
        Edm.Member("signInAudience", "AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount") with { Filter = Edm.Equal, Advanced = ["ne", "not"] },
        new EntityProperty("tags", ValueKind.Text) { Many = true, Most = 256, Filter = ["any"] },
        Edm.Directory("uniqueName", 128) with { Fixed = true },
        Edm.Complex("api", Api),
        Edm.Complex("appRoles", Role) with { Many = true },
        Edm.Open("info"),
        Edm.Complex("keyCredentials", Key) with { Many = true },
        Edm.Open("optionalClaims"),
        Edm.Open("passwordCredentials") with { Many = true, ReadOnly = true },
        Edm.Complex("publicClient", PublicClient),
        Edm.Complex("requiredResourceAccess", RequiredAccess) with { Many = true },
        Edm.Complex("spa", Spa),
        Edm.Complex("web", Web))
    {
        Relations = ["owners"],
    })
    {
        IsDirectory = true,
        Search = ["displayName"],
    };

    public static JsonObject Of(TwinApp app, TwinDirectory directory)
    {
        JsonNode? Written(string name) => app.Other[name]?.DeepClone();
        var web = app.Other["web"];
        return new JsonObject
        {
            ["id"] = app.ObjectId.ToString("D"),
            ["deletedDateTime"] = null,
            ["appId"] = app.AppId.ToString("D"),
            ["applicationTemplateId"] = null,
            ["createdDateTime"] = UserShape.Second(app.CreatedAt),
            ["displayName"] = app.DisplayName,
            ["description"] = Written("description"),
            ["groupMembershipClaims"] = Written("groupMembershipClaims"),
            ["identifierUris"] = Texts(app.IdentifierUris),
            ["isFallbackPublicClient"] = app.PublicClient,
            ["notes"] = Written("notes"),
            ["publisherDomain"] = directory.FindTenant(app.HomeTenantId)?.DefaultDomain,
            ["serviceManagementReference"] = Written("serviceManagementReference"),
            ["signInAudience"] = Written("signInAudience") ?? (app.MultiTenant ? "AzureADMultipleOrgs" : "AzureADMyOrg"),
            ["tags"] = Written("tags") ?? new JsonArray(),
            ["uniqueName"] = Written("uniqueName"),
            ["api"] = Apis(app),
            ["appRoles"] = Written("appRoles") ?? new JsonArray(),
            ["info"] = Written("info") ?? new JsonObject { ["logoUrl"] = null, ["marketingUrl"] = null, ["privacyStatementUrl"] = null, ["supportUrl"] = null, ["termsOfServiceUrl"] = null },
            ["keyCredentials"] = new JsonArray([.. app.Certificates.Select(Certificate)]),
            ["optionalClaims"] = Written("optionalClaims"),
            ["passwordCredentials"] = new JsonArray([.. app.Secrets.Select(secret => Secret(secret, value: null))]),
            ["publicClient"] = new JsonObject { ["redirectUris"] = Redirects(app, RedirectPlatform.PublicClient) },
            ["requiredResourceAccess"] = RequiredAccesses(app, directory),
            ["spa"] = new JsonObject { ["redirectUris"] = Redirects(app, RedirectPlatform.Spa) },
            ["web"] = new JsonObject
            {
                ["homePageUrl"] = web?["homePageUrl"]?.DeepClone(),
                ["logoutUrl"] = web?["logoutUrl"]?.DeepClone(),
                ["redirectUris"] = Redirects(app, RedirectPlatform.Web),
                ["implicitGrantSettings"] = new JsonObject { ["enableAccessTokenIssuance"] = web?["implicitGrantSettings"]?["enableAccessTokenIssuance"]?.DeepClone() ?? false, ["enableIdTokenIssuance"] = app.IssuesIdTokens },
                ["redirectUriSettings"] = new JsonArray([.. app.Redirects.Where(redirect => redirect.Platform == RedirectPlatform.Web).Select(redirect => new JsonObject { ["uri"] = redirect.Uri, ["index"] = null })]),
            },
        };
    }

    /// <summary>A secret; its value only in the answer to its making.</summary>
    public static JsonObject Secret(TwinSecret secret, string? value) => new()
    {
        ["customKeyIdentifier"] = null,
        ["displayName"] = secret.DisplayName,
        ["endDateTime"] = WireTime.Trimmed(secret.EndsAt.UtcTicks),
        ["hint"] = secret.Hint,
        ["keyId"] = secret.KeyId.ToString("D"),
        ["secretText"] = value,
        ["startDateTime"] = WireTime.Trimmed(secret.StartsAt.UtcTicks),
    };

    /// <summary>The registration with a validated change applied; credentials are the route's.</summary>
    /// <exception cref="GraphRefusal">A redirect URI cannot be registered, or a resource is unknown.</exception>
    public static TwinApp With(TwinApp app, JsonObject change, TwinDirectory directory)
    {
        var other = (JsonObject)app.Other.DeepClone();
        foreach (var (name, value) in change)
        {
            if (Kept.Contains(name)) other[name] = value?.DeepClone();
            app = name switch
            {
                "displayName" => app with { DisplayName = value!.GetValue<string>() },
                "signInAudience" => app with { MultiTenant = value?.GetValue<string>() is not (null or "AzureADMyOrg") },
                "identifierUris" => app with { IdentifierUris = List(value) },
                "isFallbackPublicClient" => app with { PublicClient = value?.GetValue<bool>() == true },
                "requiredResourceAccess" => app with { Required = Permissions(value!.AsArray(), directory) },
                "spa" => WithRedirects(app, value, RedirectPlatform.Spa),
                "publicClient" => WithRedirects(app, value, RedirectPlatform.PublicClient),
                "web" => WithWeb(app, value as JsonObject, other),
                "api" => WithApi(app, value as JsonObject, other),
                _ => app,
            };
        }

        return app with { Other = other };
    }

    private static TwinApp WithWeb(TwinApp app, JsonObject? web, JsonObject other)
    {
        var kept = other["web"] as JsonObject ?? [];
        foreach (var (name, value) in web ?? []) if (name != "redirectUris") kept[name] = value?.DeepClone();
        other["web"] = web is null ? null : kept.DeepClone();
        if (web?["implicitGrantSettings"]?["enableIdTokenIssuance"] is { } issues) app = app with { IssuesIdTokens = issues.GetValue<bool>() };
        return WithRedirects(app, web, RedirectPlatform.Web);
    }

    private static TwinApp WithApi(TwinApp app, JsonObject? api, JsonObject other)
    {
        var kept = other["api"] as JsonObject ?? [];
        foreach (var (name, value) in api ?? []) kept[name] = value?.DeepClone();
        other["api"] = api is null ? null : kept.DeepClone();
        return kept["requestedAccessTokenVersion"]?.GetValue<int>() switch
        {
            null or 1 => app with { AccessTokenVersion = 1 },
            2 => app with { AccessTokenVersion = 2 },
            _ => throw GraphRefusal.BadRequest("Property 'api/requestedAccessTokenVersion' is 1, 2 or null."),
        };
    }

    /// <summary>What a platform does not name stays: a change of the sign-out address leaves the redirect URIs alone.</summary>
    private static TwinApp WithRedirects(TwinApp app, JsonNode? platform, RedirectPlatform kind)
    {
        if (platform is JsonObject given && !given.ContainsKey("redirectUris")) return app;
        var wanted = List(platform?["redirectUris"]);
        foreach (var uri in wanted) if (RedirectRules.Fault(uri) is { } fault) throw GraphRefusal.BadRequest($"Invalid value specified for property 'redirectUris' of resource 'Application'. {fault}");
        return app with { Redirects = [.. app.Redirects.Where(redirect => redirect.Platform != kind), .. wanted.Select(uri => new TwinRedirect(uri, kind))] };
    }

    private static List<TwinPermission> Permissions(JsonArray accesses, TwinDirectory directory)
    {
        List<TwinPermission> permissions = [];
        foreach (var access in accesses)
        {
            var text = access!["resourceAppId"]!.GetValue<string>();
            var resource = directory.FindResource(text) ?? throw GraphRefusal.BadRequest($"Property requiredResourceAccess names the resource '{text}', which does not exist.");
            foreach (var item in access["resourceAccess"]?.AsArray() ?? [])
            {
                var (id, application) = (Guid.Parse(item!["id"]!.GetValue<string>()), item["type"]!.GetValue<string>() == "Role");
                permissions.Add(new TwinPermission(resource.Identifier, TwinPermissions.NameOf(directory, resource, id, application) ?? id.ToString("D"), application));
            }
        }

        return [.. permissions.Distinct()];
    }

    private static JsonArray RequiredAccesses(TwinApp app, TwinDirectory directory) => new([.. app.Required
        .Select(permission => (Resource: directory.FindResource(permission.Resource), Permission: permission)).Where(pair => pair.Resource is not null).GroupBy(pair => pair.Resource!.AppId)
        .Select(group => new JsonObject
        {
            ["resourceAppId"] = group.Key.ToString("D"),
            ["resourceAccess"] = new JsonArray([.. group.Select(pair => new JsonObject
            {
                ["id"] = TwinPermissions.IdOf(pair.Resource!, pair.Permission.Name, pair.Permission.Application).ToString("D"),
                ["type"] = pair.Permission.Application ? "Role" : "Scope",
            })]),
        })]);

    private static JsonObject Apis(TwinApp app)
    {
        var api = app.Other["api"];
        return new JsonObject
        {
            ["acceptMappedClaims"] = api?["acceptMappedClaims"]?.DeepClone(),
            ["knownClientApplications"] = api?["knownClientApplications"]?.DeepClone() ?? new JsonArray(),
            ["oauth2PermissionScopes"] = api?["oauth2PermissionScopes"]?.DeepClone() ?? new JsonArray(),
            ["preAuthorizedApplications"] = api?["preAuthorizedApplications"]?.DeepClone() ?? new JsonArray(),
            ["requestedAccessTokenVersion"] = api?["requestedAccessTokenVersion"]?.DeepClone() ?? (app.AccessTokenVersion == 2 ? 2 : null),
        };
    }

    private static JsonObject Certificate(TwinCertificate certificate) => new()
    {
        ["customKeyIdentifier"] = certificate.Sha1,
        ["displayName"] = certificate.DisplayName,
        ["endDateTime"] = WireTime.Trimmed(certificate.EndsAt.UtcTicks),
        ["key"] = null,
        ["keyId"] = certificate.KeyId.ToString("D"),
        ["startDateTime"] = WireTime.Trimmed(certificate.StartsAt.UtcTicks),
        ["type"] = "AsymmetricX509Cert",
        ["usage"] = "Verify",
    };

    private static EntityProperty Addresses() => new("redirectUris", ValueKind.Text) { Many = true };

    private static JsonArray Redirects(TwinApp app, RedirectPlatform platform) => Texts(app.Redirects.Where(redirect => redirect.Platform == platform).Select(redirect => redirect.Uri));

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static List<string> List(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => item!.GetValue<string>()).Distinct()];
}
