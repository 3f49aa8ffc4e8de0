using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// App role assignments as views of what the directory holds: application permissions of clients, and people and groups assigned to applications.
/// An assignment's id spells principal, resource and role. Source: approleassignment resource type, 2024.
/// </summary>
internal static class AppRoleAssignments
{
    public static readonly EntitySet Set = new("appRoleAssignments", new EntityType(
        "appRoleAssignment",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Time("deletedDateTime") with { ReadOnly = true },
        Edm.Id("appRoleId") with { Required = true },
        Edm.Time("createdDateTime") with { ReadOnly = true },
        Edm.Text("principalDisplayName") with { ReadOnly = true },
        Edm.Id("principalId") with { Required = true, Filter = ["eq"] },
        Edm.Text("principalType") with { ReadOnly = true },
        Edm.Text("resourceDisplayName") with { ReadOnly = true },
        Edm.Id("resourceId") with { Required = true, Filter = ["eq"] }));

    /// <summary>Who holds roles of a resource.</summary>
    public static IEnumerable<JsonObject> To(GraphCall call, TwinServicePrincipal resource)
    {
        foreach (var grant in call.Directory.GrantsIn(call.Tenant.Id).Where(grant => grant.Application && grant.ResourceId == resource.AppId))
        {
            if (call.Directory.FindPrincipalOf(call.Tenant.Id, grant.AppId) is { } client) yield return Shape(call, Key(call, grant, client, resource), client.DisplayName, "ServicePrincipal", resource);
        }

        foreach (var assignment in call.Directory.AssignmentsTo(call.Tenant.Id, resource.AppId).OrderBy(assignment => assignment.Key, StringComparer.Ordinal))
        {
            var (name, type) = Named(call, assignment.PrincipalId);
            if (type is not null) yield return Shape(call, Key(call, assignment, resource), name, type, resource);
        }
    }

    /// <summary>What a client holds.</summary>
    public static IEnumerable<JsonObject> Of(GraphCall call, TwinServicePrincipal client)
    {
        foreach (var grant in call.Directory.Grants(call.Tenant.Id, client.AppId).Where(grant => grant.Application))
        {
            if (call.Directory.FindPrincipalOf(call.Tenant.Id, grant.ResourceId) is { } resource) yield return Shape(call, Key(call, grant, client, resource), client.DisplayName, "ServicePrincipal", resource);
        }
    }

    /// <summary>Name and type of a user or group; no type when it is neither.</summary>
    public static (string? Name, string? Type) Named(GraphCall call, Guid id) =>
        call.Directory.FindUser(call.Tenant.Id, id) is { } user ? (user.DisplayName, "User") : call.Directory.FindGroup(call.Tenant.Id, id) is { } group ? (group.DisplayName, "Group") : (null, null);

    public static RoleKey Key(GraphCall call, TwinGrant grant, TwinServicePrincipal client, TwinServicePrincipal resource) => new(client.Id, resource.Id, RoleId(call, resource, grant.Name));

    public static RoleKey Key(GraphCall call, TwinAssignment assignment, TwinServicePrincipal resource) =>
        new(assignment.PrincipalId, resource.Id, assignment.Role is { } role ? RoleId(call, resource, role) : Guid.Empty);

    public static JsonObject Shape(GraphCall call, RoleKey key, string? name, string type, TwinServicePrincipal resource) => new()
    {
        ["id"] = key.Text,
        ["deletedDateTime"] = null,
        ["appRoleId"] = key.Role.ToString("D"),
        ["createdDateTime"] = null,
        ["principalDisplayName"] = name,
        ["principalId"] = key.Principal.ToString("D"),
        ["principalType"] = type,
        ["resourceDisplayName"] = resource.DisplayName,
        ["resourceId"] = resource.Id.ToString("D"),
    };

    private static Guid RoleId(GraphCall call, TwinServicePrincipal resource, string name) =>
        call.Directory.FindResource(resource.AppId.ToString("D")) is { } known ? TwinPermissions.IdOf(known, name, application: true) : Guid.Empty;

    /// <summary>What an assignment's id spells.</summary>
    /// <param name="Principal">Object id of the holder.</param>
    /// <param name="Resource">Object id of the resource's service principal.</param>
    /// <param name="Role">App role; all zero for default access.</param>
    internal sealed record RoleKey(Guid Principal, Guid Resource, Guid Role)
    {
        public string Text => Base64Url.Encode([.. Principal.ToByteArray(), .. Resource.ToByteArray(), .. Role.ToByteArray()]);

        /// <summary>Null when the text is no such id.</summary>
        public static RoleKey? Read(string text) =>
            Base64Url.TryDecode(text, out var bytes) && bytes.Length == 48 ? new RoleKey(new Guid(bytes.AsSpan(0, 16)), new Guid(bytes.AsSpan(16, 16)), new Guid(bytes.AsSpan(32, 16))) : null;
    }
}
