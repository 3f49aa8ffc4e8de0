using System.Text.Json.Nodes;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Granting application permissions, and assigning people to applications. Source: serviceprincipal-post-approleassignedto, serviceprincipal-list-approleassignedto,
/// serviceprincipal-delete-approleassignedto, serviceprincipal-list-approleassignments, 2024.
/// </summary>
internal sealed class AppRoleAssignmentRoutes
{
    private const string Management = "ApplicationManagement";

    public void Map(GraphRoutes routes)
    {
        foreach (var path in PrincipalRoutes.Paths)
        {
            routes.Get($"{path}/appRoleAssignedTo", AdministrationNeeds.ReadApplications, "serviceprincipal-list-approleassignedto 2024", call => call.ListAsync(AppRoleAssignments.Set, AppRoleAssignments.To(call, PrincipalRoutes.Find(call))));
            routes.Get($"{path}/appRoleAssignments", AdministrationNeeds.ReadApplications, "serviceprincipal-list-approleassignments 2024", call => call.ListAsync(AppRoleAssignments.Set, AppRoleAssignments.Of(call, PrincipalRoutes.Find(call))));
            routes.Post($"{path}/appRoleAssignedTo", AdministrationNeeds.AssignAppRoles, "serviceprincipal-post-approleassignedto 2024", call => AssignAsync(call, "resourceId"));
            routes.Post($"{path}/appRoleAssignments", AdministrationNeeds.AssignAppRoles, "serviceprincipal-post-approleassignments 2024", call => AssignAsync(call, "principalId"));
            foreach (var side in new[] { "appRoleAssignedTo", "appRoleAssignments" })
            {
                routes.Get($"{path}/{side}/{{assignment}}", AdministrationNeeds.ReadApplications, "approleassignment-get 2024", GetAsync);
                routes.Delete($"{path}/{side}/{{assignment}}", AdministrationNeeds.AssignAppRoles, "serviceprincipal-delete-approleassignedto 2024", RemoveAsync);
            }
        }
    }

    private static Task GetAsync(GraphCall call)
    {
        var (key, resource) = Read(call);
        return call.EntityAsync(AppRoleAssignments.Set, AppRoleAssignments.To(call, resource).FirstOrDefault(item => item["id"]!.GetValue<string>() == key.Text) ?? throw GraphRefusal.NotFound(call.Route("assignment")));
    }

    private static async Task AssignAsync(GraphCall call, string side)
    {
        var named = PrincipalRoutes.Find(call);
        var body = AppRoleAssignments.Set.Type.ReadNew(await call.ReadAsync());
        var key = new AppRoleAssignments.RoleKey(Id(body, "principalId"), Id(body, "resourceId"), Id(body, "appRoleId"));
        if (Id(body, side) != named.Id) throw GraphRefusal.BadRequest($"The '{side}' of the body is not the service principal of the address.");
        var resource = call.Directory.FindPrincipal(call.Tenant.Id, key.Resource) ?? throw GraphRefusal.NotFound(key.Resource.ToString("D"));
        if (AppRoleAssignments.To(call, resource).Any(item => item["id"]!.GetValue<string>() == key.Text)) throw GraphRefusal.BadRequest("Permission being assigned already exists on the object.");
        var (name, type) = call.Directory.FindPrincipal(call.Tenant.Id, key.Principal) is { } client ? Grant(call, client, resource, key.Role) : Assign(call, key, resource);
        await call.CreatedAsync(AppRoleAssignments.Set, AppRoleAssignments.Shape(call, key, name, type, resource));
    }

    private static (string? Name, string Type) Grant(GraphCall call, TwinServicePrincipal client, TwinServicePrincipal resource, Guid role)
    {
        var known = call.Directory.FindResource(resource.AppId.ToString("D"));
        var name = known is null ? null : TwinPermissions.NameOf(call.Directory, known, role, application: true);
        if (known is null || name is null) throw GraphRefusal.BadRequest($"Permission being assigned was not found on application '{resource.AppId:D}'.");
        var permission = new TwinPermission(known.Identifier, name, true);
        CheckRight(call, permission);
        if (call.Directory.FindApp(client.AppId) is not { } app) throw GraphRefusal.BadRequest($"The service principal '{client.DisplayName}' has no application that could be granted a permission.");
        try
        {
            call.Directory.Grant(call.Tenant.Id, app, [permission], null);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest(fault.Message);
        }

        call.Audit("Add app role assignment to service principal", Management, "Assign", PrincipalRoutes.Target(resource), PrincipalRoutes.Target(client));
        return (client.DisplayName, "ServicePrincipal");
    }

    private static (string? Name, string Type) Assign(GraphCall call, AppRoleAssignments.RoleKey key, TwinServicePrincipal resource)
    {
        var (name, type) = AppRoleAssignments.Named(call, key.Principal);
        if (type is null) throw GraphRefusal.NotFound(key.Principal.ToString("D"));
        var known = call.Directory.FindResource(resource.AppId.ToString("D"));
        var role = known is null || key.Role == Guid.Empty ? null : TwinPermissions.NameOf(call.Directory, known, key.Role, application: true);
        if (role is null && key.Role != Guid.Empty) throw GraphRefusal.BadRequest($"Permission being assigned was not found on application '{resource.AppId:D}'.");
        CheckRight(call, new TwinPermission(known?.Identifier ?? resource.AppId.ToString("D"), role ?? "", false));
        call.Directory.Assign(new TwinAssignment(call.Tenant.Id, resource.AppId, key.Principal, role));
        call.Audit(type == "User" ? "Add app role assignment grant to user" : "Add app role assignment to group", type == "User" ? "UserManagement" : "GroupManagement", "Assign", PrincipalRoutes.Target(resource), new TwinTarget(key.Principal.ToString("D"), type, name));
        return (name, type);
    }

    private static Task RemoveAsync(GraphCall call)
    {
        var (key, resource) = Read(call);
        var client = call.Directory.FindPrincipal(call.Tenant.Id, key.Principal);
        if (client is not null)
        {
            var held = call.Directory.Grants(call.Tenant.Id, client.AppId).FirstOrDefault(grant => grant.Application && grant.ResourceId == resource.AppId && AppRoleAssignments.Key(call, grant, client, resource) == key) ?? throw GraphRefusal.NotFound(call.Route("assignment"));
            CheckRight(call, new TwinPermission(resource.AppId.ToString("D"), held.Name, true));
            call.Directory.RemoveGrants(call.Tenant.Id, client.AppId, grant => grant == held);
            call.Audit("Remove app role assignment from service principal", Management, "Unassign", PrincipalRoutes.Target(resource), PrincipalRoutes.Target(client));
            return call.DoneAsync();
        }

        var assignment = call.Directory.AssignmentsTo(call.Tenant.Id, resource.AppId).FirstOrDefault(assignment => AppRoleAssignments.Key(call, assignment, resource) == key) ?? throw GraphRefusal.NotFound(call.Route("assignment"));
        CheckRight(call, new TwinPermission(resource.AppId.ToString("D"), assignment.Role ?? "", false));
        call.Directory.Unassign(assignment);
        var (name, type) = AppRoleAssignments.Named(call, key.Principal);
        call.Audit(type == "Group" ? "Remove app role assignment from group" : "Remove app role assignment from user", type == "Group" ? "GroupManagement" : "UserManagement", "Unassign", PrincipalRoutes.Target(resource), new TwinTarget(key.Principal.ToString("D"), type ?? "User", name));
        return call.DoneAsync();
    }

    /// <summary>The same administrators as on the consent page: application permissions of Graph are for Global and Privileged Role Administrators.</summary>
    private static void CheckRight(GraphCall call, TwinPermission permission)
    {
        if (call.Person is { } person && !ConsentRules.IsAdministrator(person with { Roles = [.. call.Directory.RolesOf(person)] }, [permission])) throw GraphRefusal.Denied();
    }

    private static (AppRoleAssignments.RoleKey Key, TwinServicePrincipal Resource) Read(GraphCall call)
    {
        var named = PrincipalRoutes.Find(call);
        var key = AppRoleAssignments.RoleKey.Read(call.Route("assignment"));
        if (key is null || (key.Resource != named.Id && key.Principal != named.Id)) throw GraphRefusal.NotFound(call.Route("assignment"));
        return (key, call.Directory.FindPrincipal(call.Tenant.Id, key.Resource) ?? throw GraphRefusal.NotFound(call.Route("assignment")));
    }

    private static Guid Id(JsonObject body, string name) => Guid.Parse(body[name]!.GetValue<string>());
}
