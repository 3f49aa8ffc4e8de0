using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Directory roles through <c>/roleManagement/directory</c>, the whole tenant being the only scope. Source: rbacapplication-list-roledefinitions, unifiedroledefinition-get,
/// rbacapplication-list-roleassignments, rbacapplication-post-roleassignments, unifiedroleassignment-get, unifiedroleassignment-delete, 2024.
/// </summary>
internal sealed class RoleRoutes
{
    private const string Root = "/roleManagement/directory";

    public void Map(GraphRoutes routes)
    {
        routes.Get($"{Root}/roleDefinitions", AdministrationNeeds.ReadRoles, "rbacapplication-list-roledefinitions 2024", call => call.ListAsync(RoleShape.Definitions, DirectoryRoles.ByName.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => RoleShape.Definition(pair.Value))));
        routes.Get($"{Root}/roleDefinitions/{{id}}", AdministrationNeeds.ReadRoles, "unifiedroledefinition-get 2024", call =>
            call.EntityAsync(RoleShape.Definitions, DirectoryRoles.NameOf(call.RouteId()) is null ? throw GraphRefusal.NotFound(call.Route("id")) : RoleShape.Definition(call.RouteId())));
        routes.Get($"{Root}/roleAssignments", AdministrationNeeds.ReadRoles, "rbacapplication-list-roleassignments 2024", call => call.ListAsync(Related(call), call.Directory.RoleAssignments(call.Tenant.Id).Select(RoleShape.Assignment)));
        routes.Post($"{Root}/roleAssignments", AdministrationNeeds.WriteRoles, "rbacapplication-post-roleassignments 2024", AssignAsync);
        routes.Get($"{Root}/roleAssignments/{{id}}", AdministrationNeeds.ReadRoles, "unifiedroleassignment-get 2024", call => call.EntityAsync(Related(call), RoleShape.Assignment(Find(call))));
        routes.Delete($"{Root}/roleAssignments/{{id}}", AdministrationNeeds.WriteRoles, "unifiedroleassignment-delete 2024", call =>
        {
            Take(call, Find(call));
            return call.DoneAsync();
        });
    }

    /// <summary>Gives a role and writes it to the audit log.</summary>
    /// <exception cref="GraphRefusal">It is held already, or the principal cannot hold it.</exception>
    public static void Give(GraphCall call, TwinRoleAssignment assignment, string held)
    {
        try
        {
            if (!call.Directory.AssignRole(call.Tenant.Id, assignment)) throw GraphRefusal.BadRequest(held);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest(fault.Message);
        }

        call.Audit("Add member to role", "RoleManagement", "Assign", Target(call, assignment.Principal), RoleTarget(assignment.Role));
    }

    /// <summary>Takes a role back and writes it to the audit log.</summary>
    /// <exception cref="GraphRefusal">It is not held, or is the last of its kind.</exception>
    public static void Take(GraphCall call, TwinRoleAssignment assignment)
    {
        try
        {
            if (!call.Directory.UnassignRole(call.Tenant.Id, assignment)) throw GraphRefusal.NotFound(assignment.Principal.ToString("D"));
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest(fault.Message);
        }

        call.Audit("Remove member from role", "RoleManagement", "Unassign", Target(call, assignment.Principal), RoleTarget(assignment.Role));
    }

    private static TwinRoleAssignment Find(GraphCall call)
    {
        var assignment = TwinRoleAssignment.Read(call.Route("id"));
        return assignment is not null && call.Directory.RoleAssignments(call.Tenant.Id).Contains(assignment) ? assignment : throw GraphRefusal.NotFound(call.Route("id"));
    }

    private static async Task AssignAsync(GraphCall call)
    {
        var body = RoleShape.Assignments.Type.ReadNew(await call.ReadAsync());
        var assignment = new TwinRoleAssignment(Guid.Parse(body["roleDefinitionId"]!.GetValue<string>()), Guid.Parse(body["principalId"]!.GetValue<string>()));
        if (body["directoryScopeId"]!.GetValue<string>() != "/" || body["appScopeId"]?.GetValue<string>() is { } || body["condition"]?.GetValue<string>() is { })
            throw GraphRefusal.BadRequest("The only scope of a role here is the whole tenant: directoryScopeId must be '/'.");
        if (DirectoryRoles.NameOf(assignment.Role) is null) throw GraphRefusal.NotFound(assignment.Role.ToString("D"));
        if (GroupRoutes.Member(call, assignment.Principal) is null) throw GraphRefusal.NotFound(assignment.Principal.ToString("D"));
        Give(call, assignment, "A conflicting object with one or more of the specified property values is present in the directory.");
        await call.CreatedAsync(RoleShape.Assignments, RoleShape.Assignment(assignment));
    }

    private static EntitySet Related(GraphCall call) => RoleShape.Assignments with
    {
        Follow = (entity, relation) => relation == "principal"
            ? GroupRoutes.Member(call, Guid.Parse(entity["principalId"]!.GetValue<string>()))
            : RoleShape.Definition(Guid.Parse(entity["roleDefinitionId"]!.GetValue<string>())),
    };

    private static TwinTarget RoleTarget(Guid role) => new(role.ToString("D"), "Role", DirectoryRoles.NameOf(role));

    private static TwinTarget Target(GraphCall call, Guid id)
    {
        if (call.Directory.FindUser(call.Tenant.Id, id) is { } user) return UserRoutes.Target(user);
        if (call.Directory.FindGroup(call.Tenant.Id, id) is { } group) return GroupRoutes.Target(group);
        return call.Directory.FindPrincipal(call.Tenant.Id, id) is { } principal ? PrincipalRoutes.Target(principal) : new TwinTarget(id.ToString("D"), "Other", null);
    }
}
