using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Delegated admin relationships on the wire. Source: delegatedadminrelationship, delegatedadminaccessassignment and delegatedadmincustomer resource types, 2025.</summary>
internal static class RelationshipShape
{
    private static readonly EntityType Role = new("unifiedRole", Edm.Id("roleDefinitionId") with { Required = true });
    private static readonly EntityType Details = new("delegatedAdminAccessDetails", Edm.Complex("unifiedRoles", Role) with { Many = true, Required = true });

    private static readonly EntityType Container = new(
        "delegatedAdminAccessContainer", Edm.Id("accessContainerId") with { Required = true }, Edm.Member("accessContainerType", "securityGroup") with { Required = true });

    private static readonly EntityType Customer = new("delegatedAdminRelationshipCustomerParticipant", Edm.Id("tenantId") with { Filter = ["eq"] }, Edm.Text("displayName"));

    public static readonly EntitySet Relationships = new("tenantRelationships/delegatedAdminRelationships", new EntityType(
        "delegatedAdminRelationship",
        Edm.Text("id") with { ReadOnly = true, Filter = ["eq"] },
        Edm.Text("displayName", 50) with { Filter = ["eq"], Sort = true },
        Edm.Text("duration"),
        Edm.Text("autoExtendDuration"),
        Edm.Complex("customer", Customer) with { Filter = ["eq"] },
        Edm.Complex("accessDetails", Details),
        Edm.Text("status") with { Filter = ["eq", "in"] },
        Edm.Time("createdDateTime"),
        Edm.Time("lastModifiedDateTime"),
        Edm.Time("activatedDateTime"),
        Edm.Time("endDateTime") with { Filter = ["le", "lt", "ge", "gt"] })
    {
        Relations = ["accessAssignments"],
    })
    {
        MostPage = 300,
    };

    public static readonly EntitySet Assignments = new("accessAssignments", new EntityType(
        "delegatedAdminAccessAssignment",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Complex("accessContainer", Container) with { Required = true, Fixed = true },
        Edm.Complex("accessDetails", Details) with { Required = true },
        Edm.Text("status") with { ReadOnly = true, Filter = ["eq"] },
        Edm.Time("createdDateTime") with { ReadOnly = true },
        Edm.Time("lastModifiedDateTime") with { ReadOnly = true }));

    public static readonly EntitySet Customers = new("tenantRelationships/delegatedAdminCustomers", new EntityType(
        "delegatedAdminCustomer", Edm.Id("id"), Edm.Id("tenantId") with { Filter = ["eq"] }, Edm.Text("displayName") with { Filter = ["eq", "startswith"], Sort = true }));

    public static JsonObject Of(TwinRelationship relationship, TwinDirectory directory, DateTimeOffset now) => new()
    {
        ["@odata.etag"] = ETag(relationship.Version),
        ["id"] = relationship.Id,
        ["displayName"] = relationship.DisplayName,
        ["duration"] = TwinRelationship.Text(relationship.Duration),
        ["autoExtendDuration"] = TwinRelationship.Text(relationship.AutoExtend),
        ["customer"] = new JsonObject { ["tenantId"] = relationship.CustomerId.ToString("D"), ["displayName"] = directory.FindTenant(relationship.CustomerId)?.DisplayName },
        ["accessDetails"] = Roles(relationship.Roles),
        ["status"] = relationship.Status(now),
        ["createdDateTime"] = Time(relationship.CreatedAt),
        ["lastModifiedDateTime"] = Time(relationship.ActivatedAt ?? relationship.CreatedAt),
        ["activatedDateTime"] = relationship.ActivatedAt is { } activated ? Time(activated) : null,
        ["endDateTime"] = relationship.EndsAt is { } end ? Time(end) : null,
    };

    public static JsonObject Assignment(TwinRelationshipAccess access) => new()
    {
        ["@odata.etag"] = ETag(access.Version),
        ["id"] = access.Id.ToString("D"),
        ["accessContainer"] = new JsonObject { ["accessContainerId"] = access.Group.ToString("D"), ["accessContainerType"] = "securityGroup" },
        ["accessDetails"] = Roles(access.Roles),
        ["status"] = "active",
        ["createdDateTime"] = Time(access.CreatedAt),
        ["lastModifiedDateTime"] = Time(access.ChangedAt),
    };

    public static JsonObject CustomerOf(TwinTenant tenant) => new() { ["id"] = tenant.Id.ToString("D"), ["tenantId"] = tenant.Id.ToString("D"), ["displayName"] = tenant.DisplayName };

    /// <summary>A version as an ETag.</summary>
    public static string ETag(int version) => $"W/\"{Convert.ToBase64String(Encoding.ASCII.GetBytes(version.ToString("D6", CultureInfo.InvariantCulture)))}\"";

    private static JsonObject Roles(IReadOnlyList<Guid> roles) => new() { ["unifiedRoles"] = new JsonArray([.. roles.Select(role => new JsonObject { ["roleDefinitionId"] = role.ToString("D") })]) };

    private static string Time(DateTimeOffset time) => WireTime.Trimmed(time.UtcTicks);
}
