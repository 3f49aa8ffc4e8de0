using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Catalogs, their resources, roles and scopes on the wire. Source: accesspackagecatalog, accesspackageresource, …role, …scope, …request resource types, 2024.</summary>
internal static class CatalogShape
{
    private const string Root = "identityGovernance/entitlementManagement";

    private static readonly EntityType ScopeType = new(
        "accessPackageResourceScope",
        Edm.Text("id") with { Filter = Edm.Equal }, Edm.Text("displayName"), Edm.Text("description"), Edm.Text("originId") with { Filter = Edm.Equal }, Edm.Text("originSystem") with { Filter = Edm.Equal }, Edm.Flag("isRootScope"));

    private static readonly IReadOnlyList<EntityProperty> RoleProperties =
        [Edm.Text("id") with { Filter = Edm.Equal }, Edm.Text("displayName") with { Filter = Edm.Texts }, Edm.Text("description"), Edm.Text("originId") with { Filter = Edm.Equal }, Edm.Text("originSystem") with { Filter = Edm.Equal }];

    private static readonly IReadOnlyList<EntityProperty> ResourceProperties =
    [
        Edm.Text("id") with { Filter = Edm.Equal },
        Edm.Text("displayName") with { Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Text("description"),
        Edm.Text("originId") with { Filter = Edm.Equal },
        Edm.Text("originSystem") with { Filter = Edm.Equal },
        Edm.Time("createdDateTime"),
        Edm.Time("modifiedDateTime"),
        Edm.Open("attributes") with { Many = true },
    ];

    private static readonly EntityType PlainResource = new("accessPackageResource", [.. ResourceProperties]);

    private static readonly EntityType RoleType = new("accessPackageResourceRole", [.. RoleProperties, Edm.Complex("resource", PlainResource) with { OnSelect = true }]) { Relations = ["resource"] };

    private static readonly EntityType ResourceType = new(
        "accessPackageResource",
        [
            .. ResourceProperties,
            Edm.Complex("roles", RoleType) with { Many = true, OnSelect = true, ReadOnly = true },
            Edm.Complex("scopes", ScopeType) with { Many = true, OnSelect = true, ReadOnly = true },
        ])
    {
        Relations = ["roles", "scopes", "environment"],
    };

    public static readonly EntitySet Set = new($"{Root}/catalogs", new EntityType(
        "accessPackageCatalog",
        Edm.Key(),
        Edm.Text("displayName", 256) with { Required = true, Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Text("description", 4096),
        Edm.Text("catalogType") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Member("state", "unpublished", "published") with { Filter = Edm.Equal },
        Edm.Flag("isExternallyVisible") with { Filter = Edm.Equal },
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Sort = true },
        Edm.Time("modifiedDateTime") with { ReadOnly = true, Filter = Edm.Order })
    {
        Relations = ["accessPackages", "resources", "resourceRoles", "resourceScopes"],
    });

    public static readonly EntitySet Resources = new($"{Root}/resources", ResourceType) { Follow = (entity, relation) => entity[relation]?.DeepClone() };

    public static readonly EntitySet Roles = new($"{Root}/resourceRoles", RoleType) { Follow = (entity, relation) => entity[relation]?.DeepClone() };

    public static readonly EntitySet Scopes = new($"{Root}/resourceScopes", ScopeType);

    /// <summary>A role and scope in a package; the body names both by where they come from, or by their ids.</summary>
    public static readonly EntitySet RoleScopes = new($"{Root}/resourceRoleScopes", new EntityType(
        "accessPackageResourceRoleScope",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Time("createdDateTime") with { ReadOnly = true },
        Edm.Complex("role", RoleType) with { OnSelect = true, Required = true },
        Edm.Complex("scope", ScopeType) with { OnSelect = true, Required = true })
    {
        Relations = ["role", "scope"],
    })
    {
        Follow = (entity, relation) => entity[relation]?.DeepClone(),
    };

    public static readonly EntitySet Requests = new($"{Root}/resourceRequests", new EntityType(
        "accessPackageResourceRequest",
        Edm.Key(),
        Edm.Member("requestType", "adminAdd", "adminUpdate", "adminRemove") with { Required = true, Filter = Edm.Equal },
        Edm.Text("state") with { ReadOnly = true, Filter = Edm.Equal },
        Edm.Time("createdDateTime") with { ReadOnly = true, Sort = true },
        Edm.Reference("catalog") with { Type = Set.Type, OnSelect = true },
        Edm.Complex("resource", ResourceType) with { OnSelect = true, Required = true })
    {
        Relations = ["catalog", "resource"],
    });

    public static JsonObject Of(Catalog catalog) => new()
    {
        ["id"] = catalog.Id.ToString("D"),
        ["displayName"] = catalog.DisplayName,
        ["description"] = catalog.Description,
        ["catalogType"] = catalog.CatalogType,
        ["state"] = catalog.State,
        ["isExternallyVisible"] = catalog.IsExternallyVisible,
        ["createdDateTime"] = GovernanceJson.Time(catalog.CreatedAt),
        ["modifiedDateTime"] = GovernanceJson.Time(catalog.ModifiedAt),
    };

    /// <summary>A resource with its roles and scope, which only <c>$expand</c> shows.</summary>
    public static JsonObject Of(CatalogResource resource, EntitlementManagement governance)
    {
        var shape = Plain(resource);
        shape["roles"] = new JsonArray([.. RolesOf(resource, governance, withResource: false)]);
        shape["scopes"] = new JsonArray(ScopeOf(resource, governance));
        return shape;
    }

    /// <summary>The roles a package can give: member and owner of a group, the roles of an application. Source: accesspackagecatalog-list-resourceroles, 2025.</summary>
    public static IEnumerable<JsonObject> RolesOf(CatalogResource resource, EntitlementManagement governance, bool withResource = true)
    {
        IReadOnlyList<(string Origin, string Name)> roles = resource.OriginSystem == "AadGroup"
            ? [($"Member_{resource.OriginId}", "Member"), ($"Owner_{resource.OriginId}", "Owner")]
            : [(Guid.Empty.ToString("D"), resource.OriginSystem == "AadApplication" ? "Default Access" : "Visitors")];
        foreach (var (origin, name) in roles) yield return Role(resource, governance, origin, name, withResource);
    }

    public static JsonObject ScopeOf(CatalogResource resource, EntitlementManagement governance) => new()
    {
        ["id"] = governance.State.Derived("scope", resource.Id).ToString("D"),
        ["displayName"] = "Root",
        ["description"] = "Root Scope",
        ["originId"] = resource.OriginId,
        ["originSystem"] = resource.OriginSystem,
        ["isRootScope"] = true,
    };

    public static JsonObject Of(RoleScope scope, AccessPackage package, EntitlementManagement governance)
    {
        var shape = new JsonObject { ["id"] = scope.Id, ["createdDateTime"] = GovernanceJson.Time(scope.CreatedAt), ["role"] = null, ["scope"] = null };
        if (governance.State.Resources.Find(GovernanceState.Key(package.TenantId, scope.ResourceId)) is not { } resource) return shape;
        shape["role"] = Role(resource, governance, scope.RoleOriginId, scope.RoleName, withResource: true);
        shape["scope"] = ScopeOf(resource, governance);
        return shape;
    }

    public static JsonObject Of(ResourceRequest request, EntitlementManagement governance)
    {
        var resource = governance.State.Resources.Find(GovernanceState.Key(request.TenantId, request.ResourceId));
        return new JsonObject
        {
            ["id"] = request.Id.ToString("D"),
            ["requestType"] = request.RequestType,
            ["state"] = "delivered",
            ["createdDateTime"] = GovernanceJson.Time(request.CreatedAt),
            ["catalog"] = governance.State.Catalogs.Find(GovernanceState.Key(request.TenantId, request.CatalogId)) is { } catalog ? Of(catalog) : null,
            ["resource"] = resource is null ? null : Of(resource, governance),
        };
    }

    private static JsonObject Role(CatalogResource resource, EntitlementManagement governance, string origin, string name, bool withResource)
    {
        var role = new JsonObject { ["id"] = governance.State.Derived("role", resource.Id, origin).ToString("D"), ["displayName"] = name, ["description"] = null, ["originId"] = origin, ["originSystem"] = resource.OriginSystem };
        if (withResource) role["resource"] = Plain(resource);
        return role;
    }

    private static JsonObject Plain(CatalogResource resource) => new()
    {
        ["id"] = resource.Id.ToString("D"),
        ["displayName"] = resource.DisplayName,
        ["description"] = resource.Description,
        ["originId"] = resource.OriginId,
        ["originSystem"] = resource.OriginSystem,
        ["createdDateTime"] = GovernanceJson.Time(resource.CreatedAt),
        ["modifiedDateTime"] = GovernanceJson.Time(resource.CreatedAt),
        ["attributes"] = new JsonArray(),
    };
}
