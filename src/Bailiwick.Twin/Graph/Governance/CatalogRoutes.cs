using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>catalogs</c>, what is in them, and <c>resourceRequests</c>. Source: the API reference page of each call, 2024–25.</summary>
internal sealed class CatalogRoutes(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/catalogs", GovernanceNeeds.ReadAll, "entitlementmanagement-list-catalogs 2024", call => call.ListAsync(Related(call), All(call)));
        routes.Post("/catalogs", GovernanceNeeds.WriteAll, "entitlementmanagement-post-catalogs 2024", CreateAsync);
        routes.Get("/catalogs/{id}", GovernanceNeeds.ReadAll, "accesspackagecatalog-get 2024", call => call.EntityAsync(Related(call), CatalogShape.Of(Find(call))));
        routes.Patch("/catalogs/{id}", GovernanceNeeds.WriteAll, "accesspackagecatalog-update 2024", ChangeAsync);
        routes.Delete("/catalogs/{id}", GovernanceNeeds.WriteAll, "accesspackagecatalog-delete 2024", DeleteAsync);
        routes.Get("/catalogs/{id}/resources", GovernanceNeeds.ReadAll, "accesspackagecatalog-list-resources 2025", call => call.ListAsync(CatalogShape.Resources, ResourcesOf(Find(call)).Select(item => CatalogShape.Of(item, governance))));
        routes.Get("/catalogs/{id}/resourceRoles", GovernanceNeeds.ReadAll, "accesspackagecatalog-list-resourceroles 2025", ListRolesAsync);
        routes.Get("/catalogs/{id}/resourceScopes", GovernanceNeeds.ReadAll, "accesspackagecatalog-list-resourcescopes 2025", call => call.ListAsync(CatalogShape.Scopes, ResourcesOf(Find(call)).Select(item => CatalogShape.ScopeOf(item, governance))));
        routes.Get("/catalogs/{id}/accessPackages", GovernanceNeeds.ReadAll, "accesspackagecatalog-list-accesspackages 2024", call => call.ListAsync(PackageShape.Related(call, governance), PackagesOf(call, Find(call))));
        routes.Get("/resourceRequests", GovernanceNeeds.ReadAll, "entitlementmanagement-list-resourcerequests 2024", call => call.ListAsync(Requests, _state.ResourceRequests.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(item => CatalogShape.Of(item, governance))));
        routes.Post("/resourceRequests", GovernanceNeeds.WriteAll, "entitlementmanagement-post-resourcerequests 2024", RequestAsync);
        routes.Get("/resourceRequests/{id}", GovernanceNeeds.ReadAll, "accesspackageresourcerequest 2024", call => call.EntityAsync(Requests, CatalogShape.Of(_state.Find(_state.ResourceRequests, call.Tenant.Id, call.RouteId(), "resource request"), governance)));
        routes.Post("/resources/{id}/refresh", GovernanceNeeds.WriteAll, "accesspackageresource-refresh 2025", RefreshAsync);
    }

    private static EntitySet Requests => CatalogShape.Requests with { Follow = (entity, relation) => entity[relation]?.DeepClone() };

    private Catalog Find(GraphCall call)
    {
        _state.General(call.Tenant.Id);
        return _state.Find(_state.Catalogs, call.Tenant.Id, call.RouteId(), "catalog");
    }

    private IEnumerable<JsonObject> All(GraphCall call)
    {
        _state.General(call.Tenant.Id);
        return _state.Catalogs.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(CatalogShape.Of);
    }

    private IEnumerable<CatalogResource> ResourcesOf(Catalog catalog) => _state.Resources.Of(catalog.TenantId).Where(item => item.CatalogId == catalog.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id);

    private IEnumerable<JsonObject> PackagesOf(GraphCall call, Catalog catalog) =>
        _state.Packages.Of(call.Tenant.Id).Where(item => item.CatalogId == catalog.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(item => PackageShape.Of(item, governance));

    private EntitySet Related(GraphCall call) => CatalogShape.Set with
    {
        Follow = (entity, relation) =>
        {
            var catalog = _state.Find(_state.Catalogs, call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()), "catalog");
            IEnumerable<JsonNode> found = relation switch
            {
                "accessPackages" => PackagesOf(call, catalog).Select(package => PackageShape.Set.Shape(package, null, [])),
                "resources" => ResourcesOf(catalog).Select(item => CatalogShape.Resources.Shape(CatalogShape.Of(item, governance), null, [])),
                "resourceRoles" => ResourcesOf(catalog).SelectMany(item => CatalogShape.RolesOf(item, governance, withResource: false)),
                _ => ResourcesOf(catalog).Select(item => CatalogShape.ScopeOf(item, governance)),
            };
            return new JsonArray([.. found]);
        },
    };

    /// <summary>The service answers this list only for one resource. Source: accesspackagecatalog-list-resourceroles, 2025.</summary>
    private Task ListRolesAsync(GraphCall call)
    {
        var catalog = Find(call);
        var named = call.Query.Filter is { } filter && FilterEvaluator.Uses(filter).Any(use => use.Property is "resource/id" or "originSystem");
        if (!named) throw GraphRefusal.BadRequest("A filter on the resource is needed: $filter=(originSystem eq 'AadGroup' and resource/id eq '…').", "BadRequest");
        return call.ListAsync(CatalogShape.Roles, ResourcesOf(catalog).SelectMany(item => CatalogShape.RolesOf(item, governance)));
    }

    private async Task CreateAsync(GraphCall call)
    {
        var body = CatalogShape.Set.Type.ReadNew(await call.ReadAsync());
        _state.General(call.Tenant.Id);
        var name = body["displayName"]!.GetValue<string>();
        var catalog = Written(new Catalog(_state.NewId(_state.Catalogs, call.Tenant.Id, "catalog", name), call.Tenant.Id, name) { CreatedAt = call.Now }, body, call.Now);
        governance.Catalogs.Put(catalog);
        _state.Audit(call.Tenant.Id, call.Actor, "Create catalog", "Create", [Target(catalog)]);
        await call.CreatedAsync(CatalogShape.Set, CatalogShape.Of(catalog));
    }

    private async Task ChangeAsync(GraphCall call)
    {
        Find(call);
        var change = CatalogShape.Set.Type.ReadChange(await call.ReadAsync());
        var catalog = Written(Find(call), change, call.Now);
        governance.Catalogs.Put(catalog);
        _state.Audit(call.Tenant.Id, call.Actor, "Update catalog", "Update", [Target(catalog)]);
        await call.DoneAsync(CatalogShape.Set, CatalogShape.Of(catalog));
    }

    private static Catalog Written(Catalog catalog, JsonObject body, DateTimeOffset now)
    {
        if (body["displayName"]?.GetValue<string>() is { } name) catalog = catalog with { DisplayName = name };
        if (body.TryGetPropertyValue("description", out var text)) catalog = catalog with { Description = text?.GetValue<string>() };
        if (body["state"]?.GetValue<string>() is { } word) catalog = catalog with { State = word };
        if (body["isExternallyVisible"]?.GetValue<bool>() is { } visible) catalog = catalog with { IsExternallyVisible = visible };
        return catalog with { ModifiedAt = now };
    }

    private Task DeleteAsync(GraphCall call)
    {
        var catalog = Find(call);
        governance.Catalogs.Remove(catalog);
        _state.Audit(call.Tenant.Id, call.Actor, "Delete catalog", "Delete", [Target(catalog)]);
        return call.DoneAsync();
    }

    private async Task RequestAsync(GraphCall call)
    {
        var body = CatalogShape.Requests.Type.ReadNew(await call.ReadAsync());
        var resource = body["resource"]!.AsObject();
        var type = body["requestType"]!.GetValue<string>();
        ResourceRequest request;
        if (type == "adminAdd")
        {
            if (body["catalog"]?["id"]?.GetValue<string>() is not { } named || !Guid.TryParse(named, out var id)) throw GraphRefusal.BadRequest("A value is required for property 'catalog/id'.", "BadRequest");
            if (resource["originId"]?.GetValue<string>() is not { Length: > 0 } origin || resource["originSystem"]?.GetValue<string>() is not { } system) throw GraphRefusal.BadRequest("Values are required for 'resource/originId' and 'resource/originSystem'.", "BadRequest");
            if (system is not ("AadGroup" or "AadApplication" or "SharePointOnline")) throw GraphRefusal.BadRequest($"'{(system.Length > 60 ? system[..60] : system)}' is not a supported originSystem.", "BadRequest");
            _state.General(call.Tenant.Id);
            CheckGroupRight(call, system);
            request = governance.Catalogs.AddResource(_state.Find(_state.Catalogs, call.Tenant.Id, id, "catalog"), origin, system);
        }
        else
        {
            if (resource["id"]?.GetValue<string>() is not { } named || !Guid.TryParse(named, out var id)) throw GraphRefusal.BadRequest("A value is required for property 'resource/id'.", "BadRequest");
            var present = _state.Find(_state.Resources, call.Tenant.Id, id, "resource");
            request = type == "adminRemove" ? governance.Catalogs.RemoveResource(present) : governance.Catalogs.Refresh(present);
        }

        _state.Audit(call.Tenant.Id, call.Actor, type == "adminRemove" ? "Remove resource from catalog" : "Add resource to catalog", "Create", [new TwinTarget(request.ResourceId.ToString("D"), "AccessPackageResource", null)]);
        await call.CreatedAsync(Requests, CatalogShape.Of(request, governance));
    }

    /// <summary>An application that adds a group also needs to be able to change groups. Source: accesspackageresourcerequest-post, 2024.</summary>
    private static void CheckGroupRight(GraphCall call, string system)
    {
        if (system == "AadGroup" && call.Caller.IsApplication && !call.Caller.Roles.Contains("Group.ReadWrite.All") && !call.Caller.Roles.Contains("Directory.ReadWrite.All"))
            throw GraphRefusal.Denied("Adding a group as a resource needs the application permission Group.ReadWrite.All too.");
    }

    private Task RefreshAsync(GraphCall call)
    {
        governance.Catalogs.Refresh(_state.Find(_state.Resources, call.Tenant.Id, call.RouteId(), "resource"));
        return call.DoneAsync();
    }

    private static TwinTarget Target(Catalog catalog) => new(catalog.Id.ToString("D"), "AccessPackageCatalog", catalog.DisplayName);
}
