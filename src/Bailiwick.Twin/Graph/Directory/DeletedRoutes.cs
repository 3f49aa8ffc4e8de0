using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/directory/deletedItems</c>: users, groups and registrations for 30 days. A restored registration comes back without its service principal.
/// Source: directory-deleteditems-list, directory-deleteditems-get, directory-deleteditems-restore, directory-deleteditems-delete, 2024.
/// </summary>
internal sealed class DeletedRoutes
{
    private const string Root = "/directory/deletedItems";

    public void Map(GraphRoutes routes)
    {
        foreach (var prefix in new[] { "microsoft.graph", "graph" }) // the SDKs write the short one
        {
            routes.Get($"{Root}/{prefix}.user", AdministrationNeeds.ReadDeleted, "directory-deleteditems-list 2024", call => ListAsync(call, UserShape.Set, deleted => deleted.User is not null));
            routes.Get($"{Root}/{prefix}.group", AdministrationNeeds.ReadDeleted, "directory-deleteditems-list 2024", call => ListAsync(call, GroupShape.Set, deleted => deleted.Group is not null));
            routes.Get($"{Root}/{prefix}.application", AdministrationNeeds.ReadDeleted, "directory-deleteditems-list 2024", call => ListAsync(call, ApplicationShape.Set, deleted => deleted.App is not null));
        }

        routes.Get($"{Root}/{{id}}", AdministrationNeeds.ReadDeleted, "directory-deleteditems-get 2024", call =>
        {
            var (deleted, kind) = Find(call);
            var shape = Shape(call, deleted);
            shape.Insert(0, "@odata.type", $"#microsoft.graph.{kind.Type}");
            return call.EntityAsync(GroupRoutes.Objects, shape);
        });
        routes.Post($"{Root}/{{id}}/restore", AdministrationNeeds.WriteDeleted, "directory-deleteditems-restore 2024", RestoreAsync);
        routes.Delete($"{Root}/{{id}}", AdministrationNeeds.WriteDeleted, "directory-deleteditems-delete 2024", PurgeAsync);
    }

    private static Task ListAsync(GraphCall call, EntitySet set, Func<TwinDeletedObject, bool> which) =>
        call.ListAsync(set, call.Directory.Deleted(call.Tenant.Id).Where(which).OrderBy(deleted => deleted.DeletedAt).ThenBy(deleted => deleted.Id).Select(deleted => Shape(call, deleted)));

    private static Task RestoreAsync(GraphCall call)
    {
        var (deleted, kind) = Find(call);
        CheckRight(call, kind);
        try
        {
            call.Directory.Restore(deleted);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest($"The object cannot be restored: another one has its name now. {fault.Message}");
        }

        call.Audit($"Restore {kind.Audited}", kind.Category, "Update", Target(deleted));
        var shape = Shape(call, deleted);
        shape["deletedDateTime"] = null;
        shape.Insert(0, "@odata.type", $"#microsoft.graph.{kind.Type}");
        return call.EntityAsync(GroupRoutes.Objects, shape);
    }

    private static Task PurgeAsync(GraphCall call)
    {
        var (deleted, kind) = Find(call);
        CheckRight(call, kind);
        call.Directory.Purge(deleted);
        call.Audit($"Hard Delete {kind.Audited}", kind.Category, "Delete", Target(deleted));
        return call.DoneAsync();
    }

    private static (TwinDeletedObject Deleted, Kind Kind) Find(GraphCall call)
    {
        var deleted = call.Directory.FindDeleted(call.Tenant.Id, call.RouteId()) ?? throw GraphRefusal.NotFound(call.Route("id"));
        return (deleted, deleted switch
        {
            { User: not null } => new Kind("user", "user", "UserManagement", ["User.ReadWrite.All"], [DirectoryRoles.UserAdministrator]),
            { Group: not null } => new Kind("group", "group", "GroupManagement", ["Group.ReadWrite.All"], DirectoryNeeds.MemberAdmins),
            _ => new Kind("application", "application", "ApplicationManagement", ["Application.ReadWrite.All"], AdministrationNeeds.ApplicationRoles),
        });
    }

    /// <summary>The permission for the type, and of a person the role for it.</summary>
    private static void CheckRight(GraphCall call, Kind kind)
    {
        var held = call.Caller.IsApplication ? call.Caller.Roles : call.Caller.Scopes;
        if (!held.Overlaps([.. kind.Permissions, "Directory.ReadWrite.All"])) throw GraphRefusal.Denied();
        if (call.Person is { } person && !call.Directory.RolesOf(person).Overlaps([DirectoryRoles.GlobalAdministrator, .. kind.Roles])) throw GraphRefusal.Denied();
    }

    private static JsonObject Shape(GraphCall call, TwinDeletedObject deleted)
    {
        var shape = deleted.User is { } user ? UserShape.Of(user, call.Directory) : deleted.Group is { } group ? GroupShape.Of(group) : ApplicationShape.Of(deleted.App!, call.Directory);
        shape["deletedDateTime"] = UserShape.Second(deleted.DeletedAt);
        return shape;
    }

    private static TwinTarget Target(TwinDeletedObject deleted) =>
        deleted.User is { } user ? UserRoutes.Target(user) : deleted.Group is { } group ? GroupRoutes.Target(group) : ApplicationRoutes.Target(deleted.App!);

    private sealed record Kind(string Type, string Audited, string Category, IReadOnlyList<string> Permissions, IReadOnlyList<Guid> Roles);
}
