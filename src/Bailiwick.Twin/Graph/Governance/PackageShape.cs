using System.Text.Json.Nodes;
using Bailiwick.Twin.Graph.Directory;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Access packages on the wire. Source: accesspackage resource type, 2024.</summary>
internal static class PackageShape
{
    public static readonly EntitySet Set = new("identityGovernance/entitlementManagement/accessPackages", new EntityType(
        "accessPackage",
        Edm.Key(),
        Edm.Text("displayName", 256) with { Required = true, Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Text("description", 4096),
        Edm.Flag("isHidden") with { Filter = Edm.Equal },
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Sort = true },
        Edm.Time("modifiedDateTime") with { ReadOnly = true, Filter = Edm.Order },
        Edm.Reference("catalog") with { Type = CatalogShape.Set.Type, OnSelect = true, Required = true, Fixed = true },
        Edm.Complex("resourceRoleScopes", CatalogShape.RoleScopes.Type) with { Many = true, OnSelect = true, ReadOnly = true })
    {
        Relations = ["catalog", "resourceRoleScopes", "assignmentPolicies", "incompatibleAccessPackages", "incompatibleGroups", "accessPackagesIncompatibleWith"],
    });

    public static JsonObject Of(AccessPackage package, EntitlementManagement governance) => new()
    {
        ["id"] = package.Id.ToString("D"),
        ["displayName"] = package.DisplayName,
        ["description"] = package.Description,
        ["isHidden"] = package.IsHidden,
        ["createdDateTime"] = GovernanceJson.Time(package.CreatedAt),
        ["modifiedDateTime"] = GovernanceJson.Time(package.ModifiedAt),
        ["catalog"] = governance.State.Catalogs.Find(GovernanceState.Key(package.TenantId, package.CatalogId)) is { } catalog ? CatalogShape.Of(catalog) : null,
    };

    /// <summary>The set with its relations followed.</summary>
    public static EntitySet Related(GraphCall call, EntitlementManagement governance) => Set with
    {
        Follow = (entity, relation) =>
        {
            var state = governance.State;
            var package = state.Find(state.Packages, call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()), "access package");
            return relation switch
            {
                "catalog" => entity["catalog"]?.DeepClone(),
                "resourceRoleScopes" => new JsonArray([.. package.RoleScopes.Select(scope => CatalogShape.Of(scope, package, governance))]),
                "assignmentPolicies" => new JsonArray([.. state.Policies.Of(package.TenantId).Where(policy => policy.PackageId == package.Id).OrderBy(policy => policy.CreatedAt).ThenBy(policy => policy.Id).Select(PolicyShape.Plain)]),
                "incompatibleGroups" => new JsonArray([.. package.IncompatibleGroups.Select(id => call.Directory.FindGroup(call.Tenant.Id, id)).OfType<World.TwinGroup>().Select(group => GroupShape.Set.Shape(GroupShape.Of(group), null, []))]),
                "incompatibleAccessPackages" => Plain(Incompatible(package, governance), governance),
                _ => Plain(IncompatibleWith(package, governance), governance),
            };
        },
    };

    /// <summary>Packages that the package names as incompatible.</summary>
    public static IEnumerable<AccessPackage> Incompatible(AccessPackage package, EntitlementManagement governance) =>
        package.IncompatiblePackages.Select(id => governance.State.Packages.Find(GovernanceState.Key(package.TenantId, id))).OfType<AccessPackage>();

    /// <summary>Packages that name this one as incompatible.</summary>
    public static IEnumerable<AccessPackage> IncompatibleWith(AccessPackage package, EntitlementManagement governance) =>
        governance.State.Packages.Of(package.TenantId).Where(other => other.IncompatiblePackages.Contains(package.Id)).OrderBy(other => other.CreatedAt).ThenBy(other => other.Id);

    private static JsonArray Plain(IEnumerable<AccessPackage> packages, EntitlementManagement governance) => new([.. packages.Select(package => Set.Shape(Of(package, governance), null, []))]);
}
