using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/groups</c> with members and owners. Source: group-list, group-post-groups, group-upsert, group-post-members, group-delete-members, group-list-transitivemembers, 2024–25.
/// </summary>
internal sealed class GroupRoutes
{
    private const string GroupManagement = "GroupManagement";
    private const int MostBound = 20;
    private static readonly EntityType ReferenceBody = new("reference");

    /// <summary>Lists of several types.</summary>
    public static readonly EntitySet Objects = new("directoryObjects", new EntityType(
        "directoryObject",
        [Edm.Key(), .. UserShape.Set.Type.Properties.Where(property => property.Name != "id"), .. GroupShape.Set.Type.Properties.Where(property => UserShape.Set.Type.Find(property.Name) is null)]))
    {
        IsDirectory = true,
        Search = ["displayName"],
    };

    public void Map(GraphRoutes routes)
    {
        routes.Get("/groups", DirectoryNeeds.ReadGroups, "group-list 2025", call => call.ListAsync(Related(call), All(call)));
        routes.Get("/groups/$count", DirectoryNeeds.ReadGroups, "group-list 2025", call => call.CountAsync(Related(call), All(call)));
        routes.Post("/groups", DirectoryNeeds.CreateGroups, "group-post-groups 2025", CreateAsync);
        foreach (var (path, source) in new[] { ("/groups/{id}", "group-get 2025"), ("/groups(uniqueName='{name}')", "group-upsert 2025") })
        {
            routes.Get(path, DirectoryNeeds.ReadGroups, source, call => call.EntityAsync(Related(call), GroupShape.Of(Find(call))));
            routes.Delete(path, DirectoryNeeds.WriteGroups, source, DeleteAsync);
        }

        routes.Patch("/groups/{id}", DirectoryNeeds.WriteMembers, "group-update 2025", ChangeAsync);
        routes.Patch("/groups(uniqueName='{name}')", DirectoryNeeds.CreateGroups, "group-upsert 2025", UpsertAsync);
        routes.Get("/groups/{id}/members", DirectoryNeeds.ReadGroups, "group-list-members 2025", call => call.ListAsync(Objects, Members(call, Find(call).Members)));
        routes.Get("/groups/{id}/members/$count", DirectoryNeeds.ReadGroups, "group-list-members 2025", call => call.CountAsync(Objects, Members(call, Find(call).Members)));
        routes.Get("/groups/{id}/transitiveMembers", DirectoryNeeds.ReadGroups, "group-list-transitivemembers 2025", call => call.ListAsync(Objects, Members(call, Transitive(call, Find(call)))));
        foreach (var cast in new[] { "microsoft.graph.user", "graph.user" })
        {
            routes.Get($"/groups/{{id}}/members/{cast}", DirectoryNeeds.ReadGroups, "group-list-members 2025", call => call.ListAsync(UserShape.Set, Users(call, Find(call).Members)));
            routes.Get($"/groups/{{id}}/transitiveMembers/{cast}", DirectoryNeeds.ReadGroups, "group-list-transitivemembers 2025", call => call.ListAsync(UserShape.Set, Users(call, Transitive(call, Find(call)))));
        }

        routes.Get("/groups/{id}/owners", DirectoryNeeds.ReadGroups, "group-list-owners 2025", call => call.ListAsync(Objects, Members(call, Find(call).Owners)));
        routes.Post("/groups/{id}/members/$ref", DirectoryNeeds.WriteMembers, "group-post-members 2025", AddMemberAsync);
        routes.Delete("/groups/{id}/members/{member}/$ref", DirectoryNeeds.WriteMembers, "group-delete-members 2025", RemoveMemberAsync);
        routes.Post("/groups/{id}/owners/$ref", DirectoryNeeds.WriteGroups, "group-post-owners 2025", AddOwnerAsync);
        routes.Delete("/groups/{id}/owners/{member}/$ref", DirectoryNeeds.WriteGroups, "group-delete-owners 2025", RemoveOwnerAsync);
    }

    /// <summary>Any object that can be a member, as it stands in lists of several types; null where there is none.</summary>
    public static JsonObject? Member(GraphCall call, Guid id)
    {
        if (call.Directory.FindUser(call.Tenant.Id, id) is { } user) return UserShape.AsMember(user, call.Directory);
        if (call.Directory.FindGroup(call.Tenant.Id, id) is { } group) return GroupShape.AsMember(group);
        return call.Directory.FindServicePrincipalById(call.Tenant.Id, id) is { } principal
            ? new JsonObject { ["@odata.type"] = "#microsoft.graph.servicePrincipal", ["id"] = id.ToString("D"), ["displayName"] = principal.DisplayName, ["appId"] = principal.AppId.ToString("D") }
            : null;
    }

    /// <summary>A group as the audit log names it.</summary>
    public static TwinTarget Target(TwinGroup group) => new(group.Id.ToString("D"), "Group", group.DisplayName);

    private static TwinGroup Find(GraphCall call)
    {
        var group = call.Context.Request.RouteValues.TryGetValue("name", out var name)
            ? call.Directory.Groups(call.Tenant.Id).FirstOrDefault(known => known.UniqueName == (string?)name)
            : call.Directory.FindGroup(call.Tenant.Id, call.RouteId());
        return group is null || call.IsTooNew(group.CreatedAt) ? throw GraphRefusal.NotFound(name as string ?? call.Route("id")) : group;
    }

    private static IEnumerable<JsonObject> All(GraphCall call) =>
        call.Directory.Groups(call.Tenant.Id).Where(group => !call.IsTooNew(group.CreatedAt)).OrderBy(group => group.CreatedAt).ThenBy(group => group.Id).Select(GroupShape.Of);

    private static IEnumerable<JsonObject> Members(GraphCall call, IEnumerable<Guid> ids) => ids.Select(id => Member(call, id)).OfType<JsonObject>();

    private static IEnumerable<JsonObject> Users(GraphCall call, IEnumerable<Guid> ids) =>
        ids.Select(id => call.Directory.FindUser(call.Tenant.Id, id)).OfType<TwinUser>().Select(user => UserShape.Of(user, call.Directory));

    private static IEnumerable<Guid> Transitive(GraphCall call, TwinGroup group)
    {
        HashSet<Guid> seen = [];
        Queue<Guid> open = new(group.Members);
        while (open.TryDequeue(out var id))
        {
            if (!seen.Add(id)) continue;
            yield return id;
            foreach (var nested in call.Directory.FindGroup(call.Tenant.Id, id)?.Members ?? []) open.Enqueue(nested);
        }
    }

    private static EntitySet Related(GraphCall call) => GroupShape.Set with
    {
        Follow = (entity, relation) =>
        {
            var group = call.Directory.FindGroup(call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()))!;
            return relation switch
            {
                "members" => new JsonArray([.. Members(call, group.Members).Take(MostBound)]),
                "owners" => new JsonArray([.. Members(call, group.Owners).Take(MostBound)]),
                "transitiveMembers" => new JsonArray([.. Members(call, Transitive(call, group))]),
                _ => new JsonArray([.. Members(call, call.Directory.Groups(call.Tenant.Id).Where(other => other.Members.Contains(group.Id)).Select(other => other.Id))]),
            };
        },
    };

    private static async Task CreateAsync(GraphCall call) => await CreateAsync(call, await call.ReadAsync(), uniqueName: null);

    private static async Task CreateAsync(GraphCall call, JsonObject sent, string? uniqueName)
    {
        if (uniqueName is not null) sent["uniqueName"] = uniqueName;
        var body = GroupShape.Set.Type.ReadNew(sent);
        CheckNickname(body);
        var (secure, mail) = (body["securityEnabled"]!.GetValue<bool>(), body["mailEnabled"]!.GetValue<bool>());
        var types = body["groupTypes"]?.AsArray().Select(type => type!.GetValue<string>()).ToList() ?? [];
        if (!secure && !types.Contains("Unified")) throw GraphRefusal.BadRequest("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.");
        if (mail && !types.Contains("Unified")) throw GraphRefusal.BadRequest("The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.");
        if (body["isAssignableToRole"]?.GetValue<bool>() == true) CheckRoleAssignable(call);
        if (body["uniqueName"] is { } unique && call.Directory.Groups(call.Tenant.Id).Any(known => known.UniqueName == unique.GetValue<string>()))
            throw GraphRefusal.Conflict("Another object with the same value for property uniqueName already exists.");
        var members = Bound(call, sent, "members@odata.bind");
        var owners = Bound(call, sent, "owners@odata.bind");
        if (owners.Count == 0 && call.Person is { } creator) owners = [creator.Id];
        var group = GroupShape.With(new TwinGroup(call.Directory.NewGroupId(call.Tenant.Id, body["displayName"]!.GetValue<string>()), call.Tenant.Id, "", members) { Owners = owners, CreatedAt = call.Now }, body);
        call.Directory.PutGroup(group);
        call.Audit("Add group", GroupManagement, "Add", Target(group));
        await call.CreatedAsync(GroupShape.Set, GroupShape.Of(group));
    }

    private static async Task UpsertAsync(GraphCall call)
    {
        var name = call.Route("name");
        if (call.Directory.Groups(call.Tenant.Id).Any(group => group.UniqueName == name))
        {
            await ChangeAsync(call);
            return;
        }

        if (!call.Context.Request.Headers.TryGetValue("Prefer", out var prefer) || !prefer.ToString().Contains("create-if-missing", StringComparison.OrdinalIgnoreCase)) throw GraphRefusal.NotFound(name);
        await CreateAsync(call, await call.ReadAsync(), name);
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var group = Find(call);
        CheckOwner(call, group);
        var sent = await call.ReadAsync();
        var change = GroupShape.Set.Type.ReadChange(sent);
        CheckNickname(change);
        var added = Bound(call, sent, "members@odata.bind");
        if (added.Exists(group.Members.Contains)) throw GraphRefusal.BadRequest("One or more added object references already exist for the following modified properties: 'members'.");
        group = GroupShape.With(group, change) with { Members = [.. group.Members, .. added] };
        call.Directory.PutGroup(group);
        foreach (var member in added) call.Audit("Add member to group", GroupManagement, "Assign", TargetOf(call, member), Target(group));
        if (change.Count > 0) call.Audit("Update group", GroupManagement, "Update", Target(group));
        await call.DoneAsync(GroupShape.Set, GroupShape.Of(group));
    }

    private static Task DeleteAsync(GraphCall call)
    {
        var group = Find(call);
        call.Directory.RemoveGroup(group);
        call.Audit("Delete group", GroupManagement, "Delete", Target(group));
        return call.DoneAsync();
    }

    private static async Task AddMemberAsync(GraphCall call)
    {
        var group = Find(call);
        CheckOwner(call, group);
        var member = Reference(call, await call.ReadAsync());
        if (member == group.Id) throw GraphRefusal.BadRequest("A group cannot be added to itself.");
        if (!call.Directory.AddMember(call.Tenant.Id, group.Id, member)) throw GraphRefusal.BadRequest("One or more added object references already exist for the following modified properties: 'members'.");
        call.Audit("Add member to group", GroupManagement, "Assign", TargetOf(call, member), Target(group));
        await call.DoneAsync();
    }

    private static Task RemoveMemberAsync(GraphCall call)
    {
        var group = Find(call);
        CheckOwner(call, group, leaving: call.RouteId("member"));
        if (!call.Directory.RemoveMember(call.Tenant.Id, group.Id, call.RouteId("member"))) throw GraphRefusal.NotFound(call.Route("member"));
        call.Audit("Remove member from group", GroupManagement, "Unassign", TargetOf(call, call.RouteId("member")), Target(group));
        return call.DoneAsync();
    }

    private static async Task AddOwnerAsync(GraphCall call)
    {
        var group = Find(call);
        var owner = Reference(call, await call.ReadAsync());
        if (group.Owners.Contains(owner)) throw GraphRefusal.BadRequest("One or more added object references already exist for the following modified properties: 'owners'.");
        call.Directory.PutGroup(group with { Owners = [.. group.Owners, owner] });
        call.Audit("Add owner to group", GroupManagement, "Assign", TargetOf(call, owner), Target(group));
        await call.DoneAsync();
    }

    private static Task RemoveOwnerAsync(GraphCall call)
    {
        var group = Find(call);
        var owner = call.RouteId("member");
        if (!group.Owners.Contains(owner)) throw GraphRefusal.NotFound(call.Route("member"));
        call.Directory.PutGroup(group with { Owners = [.. group.Owners.Where(id => id != owner)] });
        call.Audit("Remove owner from group", GroupManagement, "Unassign", TargetOf(call, owner), Target(group));
        return call.DoneAsync();
    }

    /// <summary>Without an administrator's role only owners change a group, and everybody may leave. Role-assignable groups are for Privileged Role Administrators.</summary>
    private static void CheckOwner(GraphCall call, TwinGroup group, Guid? leaving = null)
    {
        if (call.Person is not { } person || group.Owners.Contains(person.Id) || leaving == person.Id) return;
        var roles = call.Directory.RolesOf(person);
        IReadOnlyList<Guid> enough = group.RoleAssignable ? [DirectoryRoles.PrivilegedRoleAdministrator] : DirectoryNeeds.MemberAdmins;
        if (!enough.Any(roles.Contains) && !roles.Contains(DirectoryRoles.GlobalAdministrator)) throw GraphRefusal.Denied();
    }

    private static void CheckRoleAssignable(GraphCall call)
    {
        if (call.Tenant.Plan < EntraPlan.P1) throw GraphRefusal.BadRequest("The tenant needs an Entra ID P1 license to create groups that can be assigned to roles.");
        var held = call.Caller.IsApplication ? call.Caller.Roles : call.Caller.Scopes;
        if (!held.Contains("RoleManagement.ReadWrite.Directory")) throw GraphRefusal.Denied();
        if (call.Person is { } person && !call.Directory.RolesOf(person).Overlaps([DirectoryRoles.PrivilegedRoleAdministrator, DirectoryRoles.GlobalAdministrator])) throw GraphRefusal.Denied();
    }

    private static void CheckNickname(JsonObject body)
    {
        if (body["mailNickname"]?.GetValue<string>() is { } nickname && nickname.Any(c => c > '~' || c <= ' ' || "@()\\[]\";:<>,".Contains(c)))
            throw GraphRefusal.BadRequest("Invalid value specified for property 'mailNickname' of resource 'Group'.");
    }

    private static TwinTarget TargetOf(GraphCall call, Guid id)
    {
        if (call.Directory.FindUser(call.Tenant.Id, id) is { } user) return UserRoutes.Target(user);
        return call.Directory.FindGroup(call.Tenant.Id, id) is { } group ? Target(group) : new TwinTarget(id.ToString("D"), "ServicePrincipal", null);
    }

    private static List<Guid> Bound(GraphCall call, JsonObject body, string name)
    {
        if (!body.TryGetPropertyValue(name, out var value)) return [];
        if (value is not JsonArray list) throw GraphRefusal.BadRequest($"Property '{name}' must be a collection of addresses.");
        if (list.Count > MostBound) throw GraphRefusal.BadRequest($"The number of references in '{name}' exceeds the maximum allowed, {MostBound}.");
        var ids = list.Select(item => Target(call, item)).ToList();
        return ids.Distinct().Count() == ids.Count ? ids : throw GraphRefusal.BadRequest($"'{name}' names an object twice.");
    }

    /// <summary>The object that the body of a <c>$ref</c> call names.</summary>
    /// <exception cref="GraphRefusal">It names none, or says more.</exception>
    public static Guid Reference(GraphCall call, JsonObject body)
    {
        ReferenceBody.ReadNew(body);
        return Target(call, body["@odata.id"]);
    }

    /// <summary>The object that an address ends in: <c>…/directoryObjects/{id}</c>, <c>…/users/{id}</c>. Its host does not matter, as in the service.</summary>
    private static Guid Target(GraphCall call, JsonNode? address)
    {
        if (address is not JsonValue value || value.GetValueKind() != JsonValueKind.String) throw GraphRefusal.BadRequest("Invalid object reference: '@odata.id' must be the address of a directory object.");
        var text = value.GetValue<string>();
        var last = text.TrimEnd('/').Split('/')[^1];
        if (!text.Contains('/') || !Guid.TryParse(last, out var id)) throw GraphRefusal.BadRequest($"Invalid object reference: '{(text.Length > 80 ? text[..80] : text)}'.");
        return Member(call, id) is null ? throw GraphRefusal.NotFound(last) : id;
    }
}
