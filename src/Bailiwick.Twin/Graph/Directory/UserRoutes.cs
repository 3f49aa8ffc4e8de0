using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary><c>/users</c> and <c>/me</c>. Source: user-list, user-get, user-post-users, user-update, user-delete, user-revokesigninsessions, checkmembergroups, 2024.</summary>
internal sealed class UserRoutes
{
    private const string UserManagement = "UserManagement";
    private static readonly EntityType CheckParameters = new("checkMemberGroups", new EntityProperty("groupIds", ValueKind.Text) { Many = true });
    private static readonly EntityType GetParameters = new("getMemberGroups", Edm.Flag("securityEnabledOnly"));

    public void Map(GraphRoutes routes)
    {
        routes.Get("/users", DirectoryNeeds.ReadUsers, "user-list 2024", ListAsync);
        routes.Get("/users/$count", DirectoryNeeds.ReadUsers, "user-list 2024", call => call.CountAsync(Related(call), All(call)));
        routes.Post("/users", DirectoryNeeds.WriteUsers, "user-post-users 2024", CreateAsync);
        routes.Get("/me", DirectoryNeeds.Me, "user-get 2024", call => call.EntityAsync(Related(call), UserShape.Of(call.Person!, call.Directory)));
        routes.Get("/me/memberOf", DirectoryNeeds.Me, "user-list-memberof 2024", call => MemberOfAsync(call, call.Person!, transitive: false));
        routes.Get("/me/transitiveMemberOf", DirectoryNeeds.Me, "user-list-transitivememberof 2024", call => MemberOfAsync(call, call.Person!, transitive: true));
        routes.Get("/users/{id}", DirectoryNeeds.ReadUser, "user-get 2024", call => call.EntityAsync(Related(call), UserShape.Of(Find(call), call.Directory)));
        routes.Patch("/users/{id}", DirectoryNeeds.WriteUsers, "user-update 2024", ChangeAsync);
        routes.Delete("/users/{id}", DirectoryNeeds.WriteUsers, "user-delete 2024", DeleteAsync);
        routes.Get("/users/{id}/memberOf", DirectoryNeeds.ReadUsers, "user-list-memberof 2024", call => MemberOfAsync(call, Find(call), transitive: false));
        routes.Get("/users/{id}/transitiveMemberOf", DirectoryNeeds.ReadUsers, "user-list-transitivememberof 2024", call => MemberOfAsync(call, Find(call), transitive: true));
        routes.Get("/users/{id}/sponsors", DirectoryNeeds.ReadUsers, "user-list-sponsors 2024", call => call.ListAsync(GroupRoutes.Objects, Sponsors(call, Find(call))));
        routes.Post("/users/{id}/revokeSignInSessions", DirectoryNeeds.WriteUsers, "user-revokesigninsessions 2024", RevokeAsync);
        routes.Post("/users/{id}/checkMemberGroups", DirectoryNeeds.ReadUsers, "directoryobject-checkmembergroups 2024", CheckGroupsAsync);
        routes.Post("/users/{id}/getMemberGroups", DirectoryNeeds.ReadUsers, "directoryobject-getmembergroups 2024", GetGroupsAsync);
    }

    /// <summary>A user by object id or principal name.</summary>
    /// <exception cref="GraphRefusal">404.</exception>
    public static TwinUser Find(GraphCall call, string name = "id")
    {
        var key = call.Route(name);
        var user = Guid.TryParse(key, out var id) ? call.Directory.FindUser(call.Tenant.Id, id) : call.Directory.FindUserByName(key) is { } named && named.TenantId == call.Tenant.Id ? named : null;
        return user is null || call.IsTooNew(user.CreatedAt) ? throw GraphRefusal.NotFound(key) : user;
    }

    /// <summary>A user as the audit log names it.</summary>
    public static TwinTarget Target(TwinUser user) => new(user.Id.ToString("D"), "User", user.DisplayName, user.UserPrincipalName);

    private static EntitySet Related(GraphCall call) => UserShape.Set with
    {
        Follow = (entity, relation) =>
        {
            var user = call.Directory.FindUser(call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()))!;
            return relation switch
            {
                "memberOf" => new JsonArray([.. Groups(call, user, transitive: false)]),
                "transitiveMemberOf" => new JsonArray([.. Groups(call, user, transitive: true)]),
                "sponsors" => new JsonArray([.. Sponsors(call, user)]),
                _ => null,
            };
        },
    };

    private static IEnumerable<JsonObject> All(GraphCall call) =>
        call.Directory.Users(call.Tenant.Id).Where(user => !call.IsTooNew(user.CreatedAt)).OrderBy(user => user.CreatedAt).ThenBy(user => user.Id).Select(user => UserShape.Of(user, call.Directory));

    private static Task ListAsync(GraphCall call) => call.ListAsync(Related(call), All(call));

    private static async Task CreateAsync(GraphCall call)
    {
        var body = UserShape.Set.Type.ReadNew(await call.ReadAsync());
        if (body["passwordProfile"] is not JsonObject password) throw GraphRefusal.BadRequest("A value is required for property 'passwordProfile' of resource 'user'.");
        var name = body["userPrincipalName"]!.GetValue<string>();
        CheckName(call, name);
        TwinUser made;
        try
        {
            made = call.Directory.AddMember(call.Tenant.Id, body["displayName"]!.GetValue<string>(), name, password["password"]!.GetValue<string>(), []);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest($"Another object with the same value for property userPrincipalName already exists. {fault.Message}");
        }

        body.Remove("passwordProfile");
        made = UserShape.With(made, body);
        call.Directory.UpdateUser(made);
        call.Audit("Add user", UserManagement, "Add", Target(made));
        await call.CreatedAsync(UserShape.Set, UserShape.Of(made, call.Directory));
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var user = Find(call);
        var change = UserShape.Set.Type.ReadChange(await call.ReadAsync());
        if (change["userPrincipalName"] is { } name) CheckName(call, name.GetValue<string>());
        if (change.ContainsKey("passwordProfile") && user.IsGuest) throw GraphRefusal.BadRequest("The password of a user who authenticates elsewhere cannot be set.");
        var changed = UserShape.With(user, change);
        try
        {
            call.Directory.UpdateUser(changed);
        }
        catch (TwinDirectoryException)
        {
            throw GraphRefusal.BadRequest("Another object with the same value for property userPrincipalName already exists.");
        }

        var activity = (user.Enabled, changed.Enabled) switch { (true, false) => "Disable account", (false, true) => "Enable account", _ => "Update user" };
        call.Audit(activity, UserManagement, "Update", Target(changed));
        await call.DoneAsync(UserShape.Set, UserShape.Of(changed, call.Directory));
    }

    private static Task DeleteAsync(GraphCall call)
    {
        var user = Find(call);
        if (IsAdministrator(user) && call.Directory.Users(call.Tenant.Id).Count(IsAdministrator) == 1)
            throw GraphRefusal.BadRequest("The last Global Administrator of a tenant cannot be deleted.");
        call.Directory.RemoveUser(user);
        call.Audit("Delete user", UserManagement, "Delete", Target(user));
        return call.DoneAsync();

        bool IsAdministrator(TwinUser known) => call.Directory.RolesOf(known).Contains(DirectoryRoles.GlobalAdministrator);
    }

    private static Task RevokeAsync(GraphCall call)
    {
        var user = Find(call);
        call.Directory.RevokeSessions(user);
        call.Audit("Update StsRefreshTokenValidFrom Timestamp", UserManagement, "Update", Target(user));
        return call.ObjectAsync("Edm.Boolean", new JsonObject { ["value"] = true });
    }

    private static Task MemberOfAsync(GraphCall call, TwinUser user, bool transitive) => call.ListAsync(GroupRoutes.Objects, Groups(call, user, transitive));

    private static IEnumerable<JsonObject> Groups(GraphCall call, TwinUser user, bool transitive) =>
        (transitive ? call.Directory.GroupsOf(call.Tenant.Id, user.Id) : call.Directory.Groups(call.Tenant.Id).Where(group => group.Members.Contains(user.Id)))
            .OrderBy(group => group.CreatedAt).ThenBy(group => group.Id).Select(GroupShape.AsMember);

    private static IEnumerable<JsonObject> Sponsors(GraphCall call, TwinUser user) => user.Sponsors.Select(id => GroupRoutes.Member(call, id)).OfType<JsonObject>();

    private static async Task CheckGroupsAsync(GraphCall call)
    {
        var user = Find(call);
        var asked = Ids(CheckParameters.ReadNew(await call.ReadAsync()), "groupIds", most: 20);
        var held = call.Directory.GroupsOf(call.Tenant.Id, user.Id).Select(group => group.Id).ToHashSet();
        await call.ValuesAsync("Collection(Edm.String)", asked.Where(held.Contains).Select(id => (JsonNode?)JsonValue.Create(id.ToString("D"))));
    }

    private static async Task GetGroupsAsync(GraphCall call)
    {
        var user = Find(call);
        var body = GetParameters.ReadNew(await call.ReadAsync());
        var secure = body["securityEnabledOnly"] is JsonValue flag && flag.TryGetValue<bool>(out var only) ? only : throw GraphRefusal.BadRequest("A value is required for parameter 'securityEnabledOnly'.");
        var groups = call.Directory.GroupsOf(call.Tenant.Id, user.Id).Where(group => !secure || group.SecurityEnabled).Select(group => group.Id).Order();
        await call.ValuesAsync("Collection(Edm.String)", groups.Select(id => (JsonNode?)JsonValue.Create(id.ToString("D"))));
    }

    private static List<Guid> Ids(JsonObject body, string name, int most)
    {
        if (body[name] is not JsonArray list) throw GraphRefusal.BadRequest($"A value is required for parameter '{name}'.");
        if (list.Count > most) throw GraphRefusal.BadRequest($"The number of elements in '{name}' exceeds the maximum allowed, {most}.");
        return [.. list.Select(item => item is JsonValue value && value.TryGetValue<string>(out var text) && Guid.TryParse(text, out var id) ? id : throw GraphRefusal.BadRequest($"'{name}' must hold GUIDs."))];
    }

    private static void CheckName(GraphCall call, string name)
    {
        var at = name.LastIndexOf('@');
        if (at <= 0 || !name[(at + 1)..].Equals(call.Tenant.DefaultDomain, StringComparison.OrdinalIgnoreCase) || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || name[..at].Contains('@'))
            throw GraphRefusal.BadRequest("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.");
    }
}
