using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Directory roles on the wire. Source: unifiedroledefinition, unifiedroleassignment and directoryrole resource types, 2024; permissions-reference, 2025.</summary>
internal static class RoleShape
{
    public static readonly EntitySet Definitions = new("roleManagement/directory/roleDefinitions", new EntityType(
        "unifiedRoleDefinition",
        Edm.Id("id") with { Filter = ["eq", "in"] },
        Edm.Text("description"),
        Edm.Text("displayName") with { Filter = ["eq", "startswith"] },
        Edm.Flag("isBuiltIn") with { Filter = ["eq"] },
        Edm.Flag("isEnabled"),
        Edm.Open("resourceScopes"),
        Edm.Open("rolePermissions"),
        Edm.Id("templateId"),
        Edm.Text("version")));

    public static readonly EntitySet Assignments = new("roleManagement/directory/roleAssignments", new EntityType(
        "unifiedRoleAssignment",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Text("directoryScopeId", 256) with { Required = true, Filter = ["eq"] },
        Edm.Text("appScopeId", 256),
        Edm.Id("principalId") with { Required = true, Filter = ["eq", "in"] },
        Edm.Id("roleDefinitionId") with { Required = true, Filter = ["eq", "in"] },
        Edm.Text("condition", 256))
    {
        Relations = ["principal", "roleDefinition"],
    });

    public static readonly EntitySet Active = new("directoryRoles", new EntityType(
        "directoryRole",
        Edm.Id("id") with { ReadOnly = true },
        Edm.Time("deletedDateTime") with { ReadOnly = true },
        Edm.Text("description") with { ReadOnly = true },
        Edm.Text("displayName") with { ReadOnly = true, Filter = ["eq"] },
        Edm.Id("roleTemplateId") with { Required = true, Filter = ["eq"] })
    {
        Relations = ["members"],
    });

    public static JsonObject Definition(Guid role)
    {
        var name = DirectoryRoles.NameOf(role);
        return new JsonObject
        {
            ["id"] = role.ToString("D"),
            ["description"] = name,
            ["displayName"] = name,
            ["isBuiltIn"] = true,
            ["isEnabled"] = true,
            ["resourceScopes"] = new JsonArray("/"),
            ["rolePermissions"] = new JsonArray(),
            ["templateId"] = role.ToString("D"),
            ["version"] = "1",
        };
    }

    public static JsonObject Assignment(TwinRoleAssignment assignment) => new()
    {
        ["id"] = assignment.Id,
        ["directoryScopeId"] = "/",
        ["principalId"] = assignment.Principal.ToString("D"),
        ["roleDefinitionId"] = assignment.Role.ToString("D"),
    };

    public static JsonObject ActiveRole(Guid id, Guid role)
    {
        var name = DirectoryRoles.NameOf(role);
        return new JsonObject { ["id"] = id.ToString("D"), ["deletedDateTime"] = null, ["description"] = name, ["displayName"] = name, ["roleTemplateId"] = role.ToString("D") };
    }
}
