using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/oauth2PermissionGrants</c>: delegated permissions of a client on a resource, for everybody or for one person. A view of what the directory holds; the id spells client,
/// resource and person. Source: oauth2permissiongrant-list, oauth2permissiongrant-post, oauth2permissiongrant-update, oauth2permissiongrant-delete, 2024.
/// </summary>
internal sealed class PermissionGrantRoutes
{
    private const string Management = "ApplicationManagement";
    private const int MostScope = 3850;

    private static readonly EntitySet Set = new("oauth2PermissionGrants", new EntityType(
        "oAuth2PermissionGrant",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Id("clientId") with { Required = true, Fixed = true, Filter = ["eq"] },
        Edm.Member("consentType", "AllPrincipals", "Principal") with { Required = true, Fixed = true, Filter = ["eq"] },
        Edm.Id("principalId") with { Fixed = true, Filter = ["eq"] },
        Edm.Id("resourceId") with { Required = true, Fixed = true, Filter = ["eq"] },
        Edm.Text("scope", MostScope) with { Required = true }));

    public void Map(GraphRoutes routes)
    {
        routes.Get("/oauth2PermissionGrants", AdministrationNeeds.ReadGrants, "oauth2permissiongrant-list 2024", call => call.ListAsync(Set, All(call).Select(Shape)));
        routes.Post("/oauth2PermissionGrants", AdministrationNeeds.WriteGrants, "oauth2permissiongrant-post 2024", CreateAsync);
        routes.Get("/oauth2PermissionGrants/{id}", AdministrationNeeds.ReadGrants, "oauth2permissiongrant-get 2024", call => call.EntityAsync(Set, Shape(Find(call))));
        routes.Patch("/oauth2PermissionGrants/{id}", AdministrationNeeds.WriteGrants, "oauth2permissiongrant-update 2024", ChangeAsync);
        routes.Delete("/oauth2PermissionGrants/{id}", AdministrationNeeds.WriteGrants, "oauth2permissiongrant-delete 2024", RemoveAsync);
        foreach (var path in PrincipalRoutes.Paths)
        {
            routes.Get($"{path}/oauth2PermissionGrants", AdministrationNeeds.ReadGrants, "serviceprincipal-list-oauth2permissiongrants 2024", call =>
            {
                var client = PrincipalRoutes.Find(call);
                return call.ListAsync(Set, All(call).Where(grant => grant.Client.Id == client.Id).Select(Shape));
            });
        }
    }

    private static IEnumerable<Grant> All(GraphCall call) => call.Directory.GrantsIn(call.Tenant.Id).Where(grant => !grant.Application).GroupBy(grant => (grant.AppId, grant.ResourceId, grant.PrincipalId))
        .Select(group => (Client: call.Directory.FindPrincipalOf(call.Tenant.Id, group.Key.AppId), Resource: call.Directory.FindPrincipalOf(call.Tenant.Id, group.Key.ResourceId), group.Key.PrincipalId, Names: group.Select(grant => grant.Name).ToList()))
        .Where(found => found.Client is not null && found.Resource is not null).Select(found => new Grant(found.Client!, found.Resource!, found.PrincipalId, found.Names));

    private static Grant Find(GraphCall call) => All(call).FirstOrDefault(grant => grant.Id == call.Route("id")) ?? throw GraphRefusal.NotFound(call.Route("id"));

    private static async Task CreateAsync(GraphCall call)
    {
        var body = Set.Type.ReadNew(await call.ReadAsync());
        var (client, resource) = (Principal(call, body, "clientId"), Principal(call, body, "resourceId"));
        Guid? person = body["principalId"]?.GetValue<string>() is { } text ? Guid.Parse(text) : null;
        if (body["consentType"]!.GetValue<string>() == "AllPrincipals" != person is null) throw GraphRefusal.BadRequest("principalId names the person of a grant of consentType Principal, and must be null for AllPrincipals.");
        if (person is { } id && call.Directory.FindUser(call.Tenant.Id, id) is null) throw GraphRefusal.NotFound(id.ToString("D"));
        var grant = new Grant(client, resource, person, Names(body));
        if (All(call).Any(known => known.Id == grant.Id)) throw GraphRefusal.Conflict("Permission entry already exists.");
        Give(call, grant, grant.Names);
        call.Audit("Add delegated permission grant", Management, "Assign", PrincipalRoutes.Target(resource), PrincipalRoutes.Target(client));
        await call.CreatedAsync(Set, Shape(grant));
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var grant = Find(call);
        var change = Set.Type.ReadChange(await call.ReadAsync());
        var changed = change.ContainsKey("scope") ? grant with { Names = Names(change) } : grant;
        Give(call, grant, [.. changed.Names.Except(grant.Names)]);
        Take(call, grant, name => !changed.Names.Contains(name));
        call.Audit("Add delegated permission grant", Management, "Update", PrincipalRoutes.Target(grant.Resource), PrincipalRoutes.Target(grant.Client));
        await call.DoneAsync(Set, Shape(changed));
    }

    private static Task RemoveAsync(GraphCall call)
    {
        var grant = Find(call);
        Take(call, grant, _ => true);
        call.Audit("Remove delegated permission grant", Management, "Unassign", PrincipalRoutes.Target(grant.Resource), PrincipalRoutes.Target(grant.Client));
        return call.DoneAsync();
    }

    private static void Give(GraphCall call, Grant grant, IReadOnlyList<string> names)
    {
        if (call.Directory.FindApp(grant.Client.AppId) is not { } app) throw GraphRefusal.BadRequest($"The service principal '{grant.Client.DisplayName}' has no application that could be granted a permission.");
        try
        {
            call.Directory.Grant(call.Tenant.Id, app, [.. names.Select(name => new TwinPermission(grant.Resource.AppId.ToString("D"), name, false))], grant.Person);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest(fault.Message);
        }
    }

    private static void Take(GraphCall call, Grant grant, Func<string, bool> which) =>
        call.Directory.RemoveGrants(call.Tenant.Id, grant.Client.AppId, held => !held.Application && held.ResourceId == grant.Resource.AppId && held.PrincipalId == grant.Person && which(held.Name));

    private static TwinServicePrincipal Principal(GraphCall call, JsonObject body, string name) =>
        call.Directory.FindPrincipal(call.Tenant.Id, Guid.Parse(body[name]!.GetValue<string>())) ?? throw GraphRefusal.NotFound(body[name]!.GetValue<string>());

    private static List<string> Names(JsonObject body) => [.. body["scope"]!.GetValue<string>().Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];

    private static JsonObject Shape(Grant grant) => new()
    {
        ["id"] = grant.Id,
        ["clientId"] = grant.Client.Id.ToString("D"),
        ["consentType"] = grant.Person is null ? "AllPrincipals" : "Principal",
        ["principalId"] = grant.Person?.ToString("D"),
        ["resourceId"] = grant.Resource.Id.ToString("D"),
        ["scope"] = string.Join(' ', grant.Names),
    };

    /// <summary>One grant as Graph shows it.</summary>
    private sealed record Grant(TwinServicePrincipal Client, TwinServicePrincipal Resource, Guid? Person, IReadOnlyList<string> Names)
    {
        public string Id => Base64Url.Encode([.. Client.Id.ToByteArray(), .. Resource.Id.ToByteArray(), .. (Person ?? Guid.Empty).ToByteArray()]);
    }
}
