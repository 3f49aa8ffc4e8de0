using System.Text.Json.Nodes;
using Bailiwick.Twin.Graph.Directory;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>accessPackages</c> with their roles and what they exclude. Source: the API reference page of each call, 2024–25.</summary>
internal sealed class PackageRoutes(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/accessPackages", GovernanceNeeds.ReadAll, "entitlementmanagement-list-accesspackages 2024", call => call.ListAsync(PackageShape.Related(call, governance), Shapes(All(call))));
        routes.Post("/accessPackages", GovernanceNeeds.WriteAll, "entitlementmanagement-post-accesspackages 2024", CreateAsync);
        routes.Get("/accessPackages/filterByCurrentUser(on={on})", GovernanceNeeds.ReadMine, "accesspackage-filterbycurrentuser 2024", ListMineAsync);
        routes.Get("/accessPackages/{id}", GovernanceNeeds.ReadAll, "accesspackage-get 2024", call => call.EntityAsync(PackageShape.Related(call, governance), PackageShape.Of(Find(call), governance)));
        routes.Patch("/accessPackages/{id}", GovernanceNeeds.WriteAll, "accesspackage-update 2024", ChangeAsync);
        routes.Delete("/accessPackages/{id}", GovernanceNeeds.WriteAll, "accesspackage-delete 2024", DeleteAsync);
        routes.Get("/accessPackages/{id}/assignmentPolicies", GovernanceNeeds.ReadAll, "accesspackage-get 2024", call => call.ListAsync(PolicyShape.Related(call, governance), PoliciesOf(Find(call))));
        routes.Get("/accessPackages/{id}/resourceRoleScopes", GovernanceNeeds.ReadAll, "accesspackage-list-resourcerolescopes 2025", call => call.ListAsync(CatalogShape.RoleScopes, Find(call).RoleScopes.Select(scope => CatalogShape.Of(scope, Find(call), governance))));
        routes.Post("/accessPackages/{id}/resourceRoleScopes", GovernanceNeeds.WriteAll, "accesspackage-post-resourcerolescopes 2025", AddRoleAsync);
        routes.Get("/accessPackages/{id}/resourceRoleScopes/{scope}", GovernanceNeeds.ReadAll, "accesspackage-list-resourcerolescopes 2025", call => call.EntityAsync(CatalogShape.RoleScopes, CatalogShape.Of(FindScope(call), Find(call), governance)));
        routes.Delete("/accessPackages/{id}/resourceRoleScopes/{scope}", GovernanceNeeds.WriteAll, "accesspackage-delete-resourcerolescopes 2025", RemoveRoleAsync);
        routes.Get("/accessPackages/{id}/incompatibleAccessPackages", GovernanceNeeds.ReadAll, "accesspackage-list-incompatibleaccesspackages 2024", call => call.ListAsync(PackageShape.Related(call, governance), Shapes(PackageShape.Incompatible(Find(call), governance))));
        routes.Get("/accessPackages/{id}/accessPackagesIncompatibleWith", GovernanceNeeds.ReadAll, "accesspackage-list-accesspackagesincompatiblewith 2024", call => call.ListAsync(PackageShape.Related(call, governance), Shapes(PackageShape.IncompatibleWith(Find(call), governance))));
        routes.Get("/accessPackages/{id}/incompatibleGroups", GovernanceNeeds.ReadAll, "accesspackage-list-incompatiblegroups 2024", call => call.ListAsync(GroupShape.Set, Find(call).IncompatibleGroups.Select(id => call.Directory.FindGroup(call.Tenant.Id, id)).OfType<TwinGroup>().Select(GroupShape.Of)));
        foreach (var kind in (IReadOnlyList<string>)["incompatibleAccessPackages", "incompatibleGroups"])
        {
            var page = $"accesspackage-{{0}}-{kind.ToLowerInvariant()} 2024";
            routes.Post($"/accessPackages/{{id}}/{kind}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "post", StringComparison.Ordinal), call => ExcludeAsync(call, kind));
            routes.Delete($"/accessPackages/{{id}}/{kind}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "delete", StringComparison.Ordinal), call => IncludeAsync(call, kind, GovernanceRoutes.QueriedTarget(call)));
            routes.Delete($"/accessPackages/{{id}}/{kind}/{{member}}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "delete", StringComparison.Ordinal), call => IncludeAsync(call, kind, call.RouteId("member")));
        }

        routes.Post("/accessPackages/{id}/getApplicablePolicyRequirements", GovernanceNeeds.ReadMine, "accesspackage-getapplicablepolicyrequirements 2024", RequirementsAsync);
    }

    private IEnumerable<AccessPackage> All(GraphCall call) => _state.Packages.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id);

    private IEnumerable<JsonObject> PoliciesOf(AccessPackage package) =>
        _state.Policies.Of(package.TenantId).Where(policy => policy.PackageId == package.Id).OrderBy(policy => policy.CreatedAt).ThenBy(policy => policy.Id).Select(policy => PolicyShape.Of(policy, governance));

    private IEnumerable<JsonObject> Shapes(IEnumerable<AccessPackage> packages) => packages.Select(package => PackageShape.Of(package, governance));

    private AccessPackage Find(GraphCall call) => _state.Find(_state.Packages, call.Tenant.Id, call.RouteId(), "access package");

    private RoleScope FindScope(GraphCall call) => Find(call).RoleScopes.FirstOrDefault(scope => scope.Id.Equals(call.Route("scope"), StringComparison.OrdinalIgnoreCase)) ?? throw GraphRefusal.NotFound(call.Route("scope"));

    private Task ListMineAsync(GraphCall call)
    {
        if (GovernanceRoutes.Argument(call, "on") != "allowedRequestor") throw GraphRefusal.BadRequest("filterByCurrentUser of access packages takes on='allowedRequestor'.", "BadRequest");
        var person = governance.People.Of(call.Person!);
        var open = All(call).Where(package => !package.IsHidden && _state.Catalogs.Find(GovernanceState.Key(call.Tenant.Id, package.CatalogId)) is { State: "published" } catalog && (catalog.IsExternallyVisible || !call.Person!.IsGuestType));
        return call.ListAsync(PackageShape.Related(call, governance), Shapes(open.Where(package => governance.Requests.Rules.PoliciesFor(package, person).Count > 0)));
    }

    private async Task CreateAsync(GraphCall call)
    {
        var body = PackageShape.Set.Type.ReadNew(await call.ReadAsync());
        _state.General(call.Tenant.Id);
        var catalog = Guid.TryParse(body["catalog"]!["id"]!.GetValue<string>(), out var id) ? _state.Find(_state.Catalogs, call.Tenant.Id, id, "catalog") : throw GraphRefusal.BadRequest("'catalog/id' is not a GUID.", "BadRequest");
        var name = body["displayName"]!.GetValue<string>();
        var package = Written(new AccessPackage(_state.NewId(_state.Packages, call.Tenant.Id, "package", $"{catalog.Id}/{name}"), call.Tenant.Id, catalog.Id, name) { CreatedAt = call.Now }, body, call.Now);
        governance.Catalogs.Put(package);
        _state.Audit(call.Tenant.Id, call.Actor, "Create access package", "Create", [GovernanceAudit.Of(package)]);
        await call.CreatedAsync(PackageShape.Set, PackageShape.Of(package, governance));
    }

    private async Task ChangeAsync(GraphCall call)
    {
        Find(call);
        var change = PackageShape.Set.Type.ReadChange(await call.ReadAsync());
        AccessPackage package;
        lock (_state.Gate(call.Tenant.Id))
        {
            package = Written(Find(call), change, call.Now);
            governance.Catalogs.Put(package);
        }

        _state.Audit(call.Tenant.Id, call.Actor, "Update access package", "Update", [GovernanceAudit.Of(package)]);
        await call.DoneAsync(PackageShape.Set, PackageShape.Of(package, governance));
    }

    private static AccessPackage Written(AccessPackage package, JsonObject body, DateTimeOffset now)
    {
        if (body["displayName"]?.GetValue<string>() is { } name) package = package with { DisplayName = name };
        if (body.TryGetPropertyValue("description", out var text)) package = package with { Description = text?.GetValue<string>() };
        if (body["isHidden"]?.GetValue<bool>() is { } hidden) package = package with { IsHidden = hidden };
        return package with { ModifiedAt = now };
    }

    private Task DeleteAsync(GraphCall call)
    {
        var package = Find(call);
        governance.Catalogs.Remove(package);
        _state.Audit(call.Tenant.Id, call.Actor, "Delete access package", "Delete", [GovernanceAudit.Of(package)]);
        return call.DoneAsync();
    }

    private async Task AddRoleAsync(GraphCall call)
    {
        var package = Find(call);
        var body = CatalogShape.RoleScopes.Type.ReadNew(await call.ReadAsync());
        var role = body["role"]!.AsObject();
        var resource = ResourceOf(call, package, role, body["scope"]!.AsObject());
        var origin = role["originId"]?.GetValue<string>();
        var known = CatalogShape.RolesOf(resource, governance).FirstOrDefault(item => item["originId"]!.GetValue<string>().Equals(origin, StringComparison.OrdinalIgnoreCase) || item["id"]!.GetValue<string>().Equals(role["id"]?.GetValue<string>(), StringComparison.OrdinalIgnoreCase))
            ?? throw GraphRefusal.BadRequest($"The resource '{resource.DisplayName}' has no such role.", "BadRequest");
        var scope = governance.Catalogs.AddRole(package, resource, known["originId"]!.GetValue<string>(), known["displayName"]!.GetValue<string>());
        _state.Audit(call.Tenant.Id, call.Actor, "Add resource role to access package", "Create", [GovernanceAudit.Of(package), new TwinTarget(scope.Id, "AccessPackageResourceRoleScope", scope.RoleName)]);
        await call.CreatedAsync(CatalogShape.RoleScopes, CatalogShape.Of(scope, Find(call), governance));
    }

    /// <summary>The resource is named inside the role, by its id or by where it comes from; else by the scope's origin.</summary>
    private CatalogResource ResourceOf(GraphCall call, AccessPackage package, JsonObject role, JsonObject scope)
    {
        var named = role["resource"]?["id"]?.GetValue<string>();
        if (named is not null) return Guid.TryParse(named, out var id) ? _state.Find(_state.Resources, call.Tenant.Id, id, "resource") : throw GraphRefusal.BadRequest("'role/resource/id' is not a GUID.", "BadRequest");
        var origin = role["resource"]?["originId"]?.GetValue<string>() ?? scope["originId"]?.GetValue<string>();
        return _state.Resources.Of(call.Tenant.Id).FirstOrDefault(item => item.CatalogId == package.CatalogId && item.OriginId.Equals(origin, StringComparison.OrdinalIgnoreCase))
            ?? throw GraphRefusal.BadRequest("The resource of the role is not in the catalog of the access package.", "BadRequest");
    }

    private Task RemoveRoleAsync(GraphCall call)
    {
        var scope = FindScope(call);
        governance.Catalogs.RemoveRole(Find(call), scope);
        _state.Audit(call.Tenant.Id, call.Actor, "Remove resource role from access package", "Delete", [GovernanceAudit.Of(Find(call)), new TwinTarget(scope.Id, "AccessPackageResourceRoleScope", scope.RoleName)]);
        return call.DoneAsync();
    }

    private async Task ExcludeAsync(GraphCall call, string kind)
    {
        var named = Find(call);
        var id = GovernanceRoutes.Target((await call.ReadAsync())["@odata.id"]);
        if (id == named.Id) throw GraphRefusal.BadRequest("An access package cannot be incompatible with itself.", "BadRequest");
        if (kind == "incompatibleGroups" ? call.Directory.FindGroup(call.Tenant.Id, id) is null : _state.Packages.Find(GovernanceState.Key(call.Tenant.Id, id)) is null) throw GraphRefusal.NotFound(id.ToString("D"));
        lock (_state.Gate(call.Tenant.Id))
        {
            var package = Find(call);
            var held = kind == "incompatibleGroups" ? package.IncompatibleGroups : package.IncompatiblePackages;
            if (held.Contains(id)) throw GraphRefusal.BadRequest("The reference is there already.", "BadRequest");
            _state.Packages.Put(kind == "incompatibleGroups" ? package with { IncompatibleGroups = [.. held, id] } : package with { IncompatiblePackages = [.. held, id] });
        }

        await call.DoneAsync();
    }

    private Task IncludeAsync(GraphCall call, string kind, Guid id)
    {
        lock (_state.Gate(call.Tenant.Id))
        {
            var package = Find(call);
            var held = kind == "incompatibleGroups" ? package.IncompatibleGroups : package.IncompatiblePackages;
            if (!held.Contains(id)) throw GraphRefusal.NotFound(id.ToString("D"));
            List<Guid> left = [.. held.Where(item => item != id)];
            _state.Packages.Put(kind == "incompatibleGroups" ? package with { IncompatibleGroups = left } : package with { IncompatiblePackages = left });
        }

        return call.DoneAsync();
    }

    private Task RequirementsAsync(GraphCall call)
    {
        var policies = governance.Requests.Rules.PoliciesFor(Find(call), governance.People.Of(call.Person!));
        return call.ValuesAsync("Collection(microsoft.graph.accessPackageAssignmentRequestRequirements)", policies.Select(PolicyShape.Requirements));
    }
}
