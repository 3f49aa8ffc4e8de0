using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/applications</c>. A registration alone signs nobody in: its service principal is a call of its own. Source: application-list, application-get, application-post-applications,
/// application-update, application-delete, application-addpassword, application-removepassword, 2024.
/// </summary>
internal sealed class ApplicationRoutes
{
    private const string Management = "ApplicationManagement";
    private const int MostApis = 50;
    private const int MostPermissions = 400;

    public void Map(GraphRoutes routes)
    {
        routes.Get("/applications", AdministrationNeeds.ReadApplications, "application-list 2024", call => call.ListAsync(Related(call), All(call)));
        routes.Get("/applications/$count", AdministrationNeeds.ReadApplications, "application-list 2024", call => call.CountAsync(Related(call), All(call)));
        routes.Post("/applications", AdministrationNeeds.WriteApplications, "application-post-applications 2024", CreateAsync);
        foreach (var path in new[] { "/applications/{id}", "/applications(appId='{appId}')" })
        {
            routes.Get(path, AdministrationNeeds.ReadApplications, "application-get 2024", call => call.EntityAsync(Related(call), ApplicationShape.Of(Find(call), call.Directory)));
            routes.Patch(path, AdministrationNeeds.WriteApplications, "application-update 2024", ChangeAsync);
            routes.Delete(path, AdministrationNeeds.WriteApplications, "application-delete 2024", DeleteAsync);
            routes.Post($"{path}/addPassword", AdministrationNeeds.WriteApplications, "application-addpassword 2024", AddPasswordAsync);
            routes.Post($"{path}/removePassword", AdministrationNeeds.WriteApplications, "application-removepassword 2024", RemovePasswordAsync);
            routes.Get($"{path}/owners", AdministrationNeeds.ReadApplications, "application-list-owners 2024", call => call.ListAsync(GroupRoutes.Objects, Owners(call, Find(call))));
        }
    }

    /// <summary>A registration as the audit log names it.</summary>
    public static TwinTarget Target(TwinApp app) => new(app.ObjectId.ToString("D"), "Application", app.DisplayName);

    /// <summary>Administrators change every registration, owners theirs; an application with <c>OwnedBy</c> alone those it owns. Source: users-default-permissions 2025.</summary>
    public static void CheckOwner(GraphCall call, TwinApp app)
    {
        if (call.Person is { } person ? call.Directory.RolesOf(person).Overlaps([DirectoryRoles.GlobalAdministrator, .. AdministrationNeeds.ApplicationRoles]) : HoldsAll(call)) return;
        if (!app.Owners.Contains(call.Caller.ObjectId)) throw GraphRefusal.Denied();
    }

    private static bool HoldsAll(GraphCall call) => call.Caller.Roles.Contains("Application.ReadWrite.All") || call.Caller.Roles.Contains("Directory.ReadWrite.All");

    private static TwinApp Find(GraphCall call)
    {
        var app = call.Context.Request.RouteValues.ContainsKey("appId")
            ? call.Directory.FindApp(call.RouteId("appId")) is { } known && known.HomeTenantId == call.Tenant.Id ? known : null
            : call.Directory.FindAppByObject(call.Tenant.Id, call.RouteId());
        return app is null || call.IsTooNew(app.CreatedAt) ? throw GraphRefusal.NotFound(call.Context.Request.RouteValues.ContainsKey("appId") ? call.Route("appId") : call.Route("id")) : app;
    }

    private static IEnumerable<JsonObject> All(GraphCall call) =>
        call.Directory.AppsOf(call.Tenant.Id).Where(app => !call.IsTooNew(app.CreatedAt)).OrderBy(app => app.CreatedAt).ThenBy(app => app.ObjectId).Select(app => ApplicationShape.Of(app, call.Directory));

    private static IEnumerable<JsonObject> Owners(GraphCall call, TwinApp app) => app.Owners.Select(id => GroupRoutes.Member(call, id)).OfType<JsonObject>();

    private static EntitySet Related(GraphCall call) => ApplicationShape.Set with
    {
        Follow = (entity, _) => new JsonArray([.. Owners(call, call.Directory.FindAppByObject(call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()))!)]),
    };

    private static async Task CreateAsync(GraphCall call)
    {
        var body = ApplicationShape.Set.Type.ReadNew(await call.ReadAsync());
        if (call.Person is { } person && !MayRegister(call, person)) throw GraphRefusal.Denied();
        if (body["uniqueName"] is { } unique && call.Directory.AppsOf(call.Tenant.Id).Any(known => known.Other["uniqueName"]?.GetValue<string>() == unique.GetValue<string>()))
            throw GraphRefusal.Conflict("Another object with the same value for property uniqueName already exists.");
        var appId = call.Directory.NewAppId(call.Tenant.Id, body["displayName"]!.GetValue<string>());
        var app = With(call, new TwinApp
        {
            AppId = appId,
            ObjectId = call.Directory.NewId("registration", appId.ToString()),
            HomeTenantId = call.Tenant.Id,
            DisplayName = "",
            CreatedAt = call.Now,
            Owners = [call.Caller.ObjectId],
        }, body);
        call.Directory.AddApp(app, withPrincipal: false);
        call.Audit("Add application", Management, "Add", Target(app));
        await call.CreatedAsync(ApplicationShape.Set, ApplicationShape.Of(app, call.Directory));
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var app = Find(call);
        CheckOwner(call, app);
        var change = ApplicationShape.Set.Type.ReadChange(await call.ReadAsync());
        var changed = With(call, app, change);
        call.Directory.UpdateApp(changed);
        if (call.Directory.FindServicePrincipal(call.Tenant.Id, app.AppId) is { } principal && principal.DisplayName != changed.DisplayName) call.Directory.UpdateServicePrincipal(principal with { DisplayName = changed.DisplayName });
        call.Audit(change.ContainsKey("keyCredentials") ? "Update application – Certificates and secrets management" : "Update application", Management, "Update", Target(changed));
        await call.DoneAsync(ApplicationShape.Set, ApplicationShape.Of(changed, call.Directory));
    }

    private static Task DeleteAsync(GraphCall call)
    {
        var app = Find(call);
        CheckOwner(call, app);
        call.Directory.DeleteApp(app);
        call.Audit("Delete application", Management, "Delete", Target(app));
        return call.DoneAsync();
    }

    private static async Task AddPasswordAsync(GraphCall call)
    {
        var app = Find(call);
        CheckOwner(call, app);
        var (kept, value) = ApplicationCredentials.Draw(await call.ReadAsync(), call.Now);
        call.Directory.UpdateApp(app with { Secrets = [.. app.Secrets, kept] });
        call.Audit("Update application – Certificates and secrets management", Management, "Update", Target(app));
        await call.ObjectAsync("microsoft.graph.passwordCredential", ApplicationShape.Secret(kept, value));
    }

    private static async Task RemovePasswordAsync(GraphCall call)
    {
        var app = Find(call);
        CheckOwner(call, app);
        var key = ApplicationCredentials.ReadKeyId(await call.ReadAsync());
        if (!app.Secrets.Any(secret => secret.KeyId == key)) throw GraphRefusal.BadRequest($"No password credential found with keyId {key:D}.");
        call.Directory.UpdateApp(app with { Secrets = [.. app.Secrets.Where(secret => secret.KeyId != key)] });
        call.Audit("Update application – Certificates and secrets management", Management, "Update", Target(app));
        await call.DoneAsync();
    }

    private static TwinApp With(GraphCall call, TwinApp app, JsonObject change)
    {
        var changed = ApplicationShape.With(app, change, call.Directory);
        if (change["keyCredentials"] is JsonArray keys) changed = changed with { Certificates = ApplicationCredentials.Read(keys, app.Certificates) };
        if (change["requiredResourceAccess"] is JsonArray apis && (apis.Count > MostApis || changed.Required.Count > MostPermissions)) throw GraphRefusal.BadRequest($"requiredResourceAccess holds more than {MostApis} resources or {MostPermissions} permissions.");
        foreach (var uri in changed.IdentifierUris.Except(app.IdentifierUris)) CheckIdentifier(call, changed, uri);
        return changed;
    }

    /// <summary>An App ID URI names the application, the tenant, or one of its verified domains. Source: identifier-uri-restrictions, 2025.</summary>
    private static void CheckIdentifier(GraphCall call, TwinApp app, string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed)) throw GraphRefusal.BadRequest($"Invalid value specified for property 'identifierUris' of resource 'Application': '{uri}' is not an absolute address.");
        var domain = call.Tenant.DefaultDomain;
        var own = parsed.Scheme == "api" && (uri.Contains(app.AppId.ToString("D"), StringComparison.OrdinalIgnoreCase) || uri.Contains(call.Tenant.Id.ToString("D"), StringComparison.OrdinalIgnoreCase));
        var verified = parsed.Host.Equals(domain, StringComparison.OrdinalIgnoreCase) || parsed.Host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
        if (!own && !verified) throw GraphRefusal.BadRequest("Values of identifierUris property must use a verified domain of the organization or its subdomain.", "HostNameNotOnVerifiedDomain");
        if (call.Directory.Apps.Any(other => other.AppId != app.AppId && other.IdentifierUris.Contains(uri, StringComparer.OrdinalIgnoreCase))) throw GraphRefusal.BadRequest("Another object with the same value for property identifierUris already exists.");
    }

    private static bool MayRegister(GraphCall call, TwinUser person)
    {
        if (call.Directory.RolesOf(person).Overlaps([DirectoryRoles.GlobalAdministrator, .. AdministrationNeeds.ApplicationRoles])) return true;
        var policy = call.Directory.AuthorizationPolicy(call.Tenant.Id).Other["defaultUserRolePermissions"]?["allowedToCreateApps"];
        return !person.IsGuestType && policy?.GetValue<bool>() != false;
    }
}
