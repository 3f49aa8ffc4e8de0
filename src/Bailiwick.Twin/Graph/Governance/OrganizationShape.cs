using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Settings and connected organizations on the wire. Source: entitlementmanagementsettings, connectedorganization, identitysource resource types, 2024.</summary>
internal static class OrganizationShape
{
    private static readonly EntityProperty Name = Edm.Text("displayName", 256);

    private static readonly EntityType IdentitySources = new("identitySource")
    {
        Kinds =
        [
            new("azureActiveDirectoryTenant", Edm.Id("tenantId") with { Required = true }, Name),
            new("crossCloudAzureActiveDirectoryTenant", Edm.Id("tenantId") with { Required = true }, Name, Edm.Text("cloudInstance", 256)),
            new("domainIdentitySource", Edm.Text("domainName", 256) with { Required = true }, Name),
            new("externalDomainFederation", Edm.Text("domainName", 256) with { Required = true }, Name, Edm.Text("issuerUri", 1024)),
            new("socialIdentitySource", Edm.Member("socialIdentitySourceType", "facebook") with { Required = true }, Name),
        ],
    };

    public static readonly EntityType Settings = new(
        "entitlementManagementSettings",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Member("externalUserLifecycleAction", "none", "blockSignIn", "blockSignInAndDelete") with { Required = true },
        Edm.Duration("durationUntilExternalUserDeletedAfterBlocked") with { Required = true });

    public static readonly EntitySet Set = new("identityGovernance/entitlementManagement/connectedOrganizations", new EntityType(
        "connectedOrganization",
        Edm.Key(),
        Edm.Text("displayName", 256) with { Required = true, Filter = [.. Edm.Texts, "contains"], Sort = true },
        Edm.Text("description", 1024),
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Sort = true },
        Edm.Time("modifiedDateTime") with { ReadOnly = true, Filter = Edm.Order },
        Edm.Member("state", "configured", "proposed") with { Filter = Edm.Equal },
        Edm.Complex("identitySources", IdentitySources) with { Many = true, Required = true, Filter = ["any"] })
    {
        Relations = ["internalSponsors", "externalSponsors"],
    });

    public static JsonObject Of(GovernanceSettings settings)
    {
        var shape = GovernanceJson.Write(settings);
        shape.Remove("tenantId");
        return shape;
    }

    public static JsonObject Of(ConnectedOrganization organization) => new()
    {
        ["id"] = organization.Id.ToString("D"),
        ["displayName"] = organization.DisplayName,
        ["description"] = organization.Description,
        ["createdDateTime"] = GovernanceJson.Time(organization.CreatedAt),
        ["modifiedDateTime"] = GovernanceJson.Time(organization.ModifiedAt),
        ["state"] = organization.State,
        ["identitySources"] = new JsonArray([.. organization.IdentitySources.Select(source => GovernanceJson.Write(source))]),
    };
}
