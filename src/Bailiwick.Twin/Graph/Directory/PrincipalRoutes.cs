using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/servicePrincipals</c>: presence of applications in the tenant. Those of Microsoft's own resources are there from the beginning and cannot be changed.
/// Source: serviceprincipal-list, serviceprincipal-get, serviceprincipal-post-serviceprincipals, serviceprincipal-update, serviceprincipal-delete, 2024.
/// </summary>
internal sealed class PrincipalRoutes
{
    private const string Management = "ApplicationManagement";

    public void Map(GraphRoutes routes)
    {
        routes.Get("/servicePrincipals", AdministrationNeeds.ReadApplications, "serviceprincipal-list 2024", call => call.ListAsync(Related(call), All(call)));
        routes.Get("/servicePrincipals/$count", AdministrationNeeds.ReadApplications, "serviceprincipal-list 2024", call => call.CountAsync(Related(call), All(call)));
        routes.Post("/servicePrincipals", AdministrationNeeds.WriteApplications, "serviceprincipal-post-serviceprincipals 2024", CreateAsync);
        foreach (var path in Paths)
        {
            routes.Get(path, AdministrationNeeds.ReadApplications, "serviceprincipal-get 2024", call => call.EntityAsync(Related(call), PrincipalShape.Of(Find(call), call.Directory)));
            routes.Patch(path, AdministrationNeeds.WriteApplications, "serviceprincipal-update 2024", ChangeAsync);
            routes.Delete(path, AdministrationNeeds.WriteApplications, "serviceprincipal-delete 2024", DeleteAsync);
        }
    }

    /// <summary>By object id and by client id.</summary>
    public static IReadOnlyList<string> Paths { get; } = ["/servicePrincipals/{id}", "/servicePrincipals(appId='{appId}')"];

    /// <summary>The service principal a route names.</summary>
    /// <exception cref="GraphRefusal">404.</exception>
    public static TwinServicePrincipal Find(GraphCall call)
    {
        var byApp = call.Context.Request.RouteValues.ContainsKey("appId");
        var found = byApp ? call.Directory.FindPrincipalOf(call.Tenant.Id, call.RouteId("appId")) : call.Directory.FindPrincipal(call.Tenant.Id, call.RouteId());
        return found ?? throw GraphRefusal.NotFound(call.Route(byApp ? "appId" : "id"));
    }

    /// <summary>A service principal as the audit log names it.</summary>
    public static TwinTarget Target(TwinServicePrincipal principal) => new(principal.Id.ToString("D"), "ServicePrincipal", principal.DisplayName);

    private static IEnumerable<JsonObject> All(GraphCall call) =>
        call.Directory.Principals(call.Tenant.Id).OrderBy(principal => principal.DisplayName, StringComparer.Ordinal).ThenBy(principal => principal.Id).Select(principal => PrincipalShape.Of(principal, call.Directory));

    private static EntitySet Related(GraphCall call) => PrincipalShape.Set with
    {
        Follow = (entity, relation) =>
        {
            var principal = call.Directory.FindPrincipal(call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()))!;
            return new JsonArray([.. relation == "appRoleAssignedTo" ? AppRoleAssignments.To(call, principal) : AppRoleAssignments.Of(call, principal)]);
        },
    };

    private static async Task CreateAsync(GraphCall call)
    {
        var body = PrincipalShape.Set.Type.ReadNew(await call.ReadAsync());
        var appId = Guid.Parse(body["appId"]!.GetValue<string>());
        if (call.Person is { } person && !call.Directory.RolesOf(person).Overlaps([DirectoryRoles.GlobalAdministrator, .. AdministrationNeeds.ApplicationRoles])) throw GraphRefusal.Denied();
        if (call.Directory.FindPrincipalOf(call.Tenant.Id, appId) is not null)
            throw GraphRefusal.Conflict($"The service principal cannot be created, updated, or restored because the service principal name {appId:D} is already in use.");
        if (call.Directory.FindApp(appId) is not { } app || (!app.MultiTenant && app.HomeTenantId != call.Tenant.Id))
            throw GraphRefusal.BadRequest($"The appId '{appId:D}' of the service principal does not reference a valid application object.");
        if (app.HomeTenantId == call.Tenant.Id) ApplicationRoutes.CheckOwner(call, app);
        var principal = PrincipalShape.With(call.Directory.AddServicePrincipal(call.Tenant.Id, app), body);
        call.Directory.UpdateServicePrincipal(principal);
        call.Audit("Add service principal", Management, "Add", Target(principal));
        await call.CreatedAsync(PrincipalShape.Set, PrincipalShape.Of(principal, call.Directory));
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var principal = Find(call);
        CheckRight(call, principal);
        principal = PrincipalShape.With(principal, PrincipalShape.Set.Type.ReadChange(await call.ReadAsync()));
        call.Directory.UpdateServicePrincipal(principal);
        call.Audit("Update service principal", Management, "Update", Target(principal));
        await call.DoneAsync(PrincipalShape.Set, PrincipalShape.Of(principal, call.Directory));
    }

    private static Task DeleteAsync(GraphCall call)
    {
        var principal = Find(call);
        CheckRight(call, principal);
        call.Directory.RemoveServicePrincipal(call.Tenant.Id, principal.AppId);
        call.Audit("Remove service principal", Management, "Delete", Target(principal));
        return call.DoneAsync();
    }

    private static void CheckRight(GraphCall call, TwinServicePrincipal principal)
    {
        if (call.Directory.FindServicePrincipal(call.Tenant.Id, principal.AppId) is null) throw GraphRefusal.Denied($"The service principal '{principal.DisplayName}' belongs to Microsoft and cannot be changed here.");
        if (call.Person is { } person)
        {
            if (!call.Directory.RolesOf(person).Overlaps([DirectoryRoles.GlobalAdministrator, .. AdministrationNeeds.ApplicationRoles])) throw GraphRefusal.Denied();
        }
        else if (call.Directory.FindApp(principal.AppId) is { } app)
        {
            ApplicationRoutes.CheckOwner(call, app);
        }
    }
}
