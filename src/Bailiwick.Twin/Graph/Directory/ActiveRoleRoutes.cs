using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/directoryRoles</c>, the older way to the same roles: only those that somebody holds or the tenant activated. Source: directoryrole-list, directoryrole-get,
/// directoryrole-post-directoryroles, directoryrole-list-members, directoryrole-post-members, directoryrole-delete-member, 2024.
/// </summary>
internal sealed class ActiveRoleRoutes
{
    public void Map(GraphRoutes routes)
    {
        routes.Get("/directoryRoles", AdministrationNeeds.ReadRoles, "directoryrole-list 2024", call => call.ListAsync(Related(call), call.Directory.ActiveRoles(call.Tenant.Id).Select(role => Shape(call, role))));
        routes.Post("/directoryRoles", AdministrationNeeds.WriteRoles, "directoryrole-post-directoryroles 2024", ActivateAsync);
        foreach (var path in new[] { "/directoryRoles/{id}", "/directoryRoles(roleTemplateId='{template}')" })
        {
            routes.Get(path, AdministrationNeeds.ReadRoles, "directoryrole-get 2024", call => call.EntityAsync(Related(call), Shape(call, Find(call))));
            routes.Get($"{path}/members", AdministrationNeeds.ReadRoles, "directoryrole-list-members 2024", call => call.ListAsync(GroupRoutes.Objects, Members(call, Find(call))));
            routes.Post($"{path}/members/$ref", AdministrationNeeds.WriteRoles, "directoryrole-post-members 2024", AddAsync);
            routes.Delete($"{path}/members/{{member}}/$ref", AdministrationNeeds.WriteRoles, "directoryrole-delete-member 2024", call =>
            {
                RoleRoutes.Take(call, new TwinRoleAssignment(Find(call), call.RouteId("member")));
                return call.DoneAsync();
            });
        }
    }

    private static Guid Find(GraphCall call)
    {
        var byTemplate = call.Context.Request.RouteValues.ContainsKey("template");
        var wanted = call.RouteId(byTemplate ? "template" : "id");
        foreach (var role in call.Directory.ActiveRoles(call.Tenant.Id)) if ((byTemplate ? role : Id(call, role)) == wanted) return role;
        throw GraphRefusal.NotFound(wanted.ToString("D"));
    }

    private static async Task ActivateAsync(GraphCall call)
    {
        var role = Guid.Parse(RoleShape.Active.Type.ReadNew(await call.ReadAsync())["roleTemplateId"]!.GetValue<string>());
        if (DirectoryRoles.NameOf(role) is null) throw GraphRefusal.BadRequest($"Invalid value specified for property 'roleTemplateId': {role:D} is no role template.");
        if (call.Directory.ActiveRoles(call.Tenant.Id).Contains(role)) throw GraphRefusal.BadRequest("A conflicting object with one or more of the specified property values is present in the directory.");
        call.Directory.ActivateRole(new TwinActiveRole(call.Tenant.Id, role));
        call.Audit("Add role from template", "RoleManagement", "Add", new TwinTarget(role.ToString("D"), "Role", DirectoryRoles.NameOf(role)));
        await call.CreatedAsync(RoleShape.Active, Shape(call, role));
    }

    private static async Task AddAsync(GraphCall call)
    {
        var role = Find(call);
        var member = GroupRoutes.Reference(call, await call.ReadAsync());
        RoleRoutes.Give(call, new TwinRoleAssignment(role, member), "One or more added object references already exist for the following modified properties: 'members'.");
        await call.DoneAsync();
    }

    private static EntitySet Related(GraphCall call) => RoleShape.Active with { Follow = (entity, _) => new JsonArray([.. Members(call, Guid.Parse(entity["roleTemplateId"]!.GetValue<string>()))]) };

    private static IEnumerable<JsonObject> Members(GraphCall call, Guid role) =>
        call.Directory.RoleAssignments(call.Tenant.Id).Where(assignment => assignment.Role == role).Select(assignment => GroupRoutes.Member(call, assignment.Principal)).OfType<JsonObject>();

    private static JsonObject Shape(GraphCall call, Guid role) => RoleShape.ActiveRole(Id(call, role), role);

    private static Guid Id(GraphCall call, Guid role) => call.Services.Random.Id("directory-role", call.Tenant.Id.ToString(), role.ToString());
}
