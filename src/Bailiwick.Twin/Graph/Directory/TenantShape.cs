using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>A tenant's own data on the wire. Source: organization, domain and subscribedSku resource types, 2024.</summary>
internal static class TenantShape
{
    private const string Since = "2024-01-15T09:00:00Z";

    public static readonly EntitySet Organizations = new("organization", new EntityType(
        "organization",
        Edm.Key(),
        Edm.Time("deletedDateTime"),
        Edm.Open("businessPhones"),
        Edm.Text("city"),
        Edm.Text("countryLetterCode"),
        Edm.Time("createdDateTime"),
        Edm.Text("defaultUsageLocation"),
        Edm.Text("displayName"),
        Edm.Open("marketingNotificationEmails"),
        Edm.Text("onPremisesSyncEnabled"),
        Edm.Text("partnerTenantType"),
        Edm.Text("preferredLanguage"),
        Edm.Open("securityComplianceNotificationMails"),
        Edm.Open("technicalNotificationMails"),
        Edm.Text("tenantType"),
        Edm.Open("assignedPlans"),
        Edm.Open("provisionedPlans"),
        Edm.Open("verifiedDomains")));

    public static readonly EntitySet Domains = new("domains", new EntityType(
        "domain",
        Edm.Text("id"),
        Edm.Text("authenticationType"),
        Edm.Text("availabilityStatus"),
        Edm.Flag("isAdminManaged"),
        Edm.Flag("isDefault"),
        Edm.Flag("isInitial"),
        Edm.Flag("isRoot"),
        Edm.Flag("isVerified"),
        Edm.Open("supportedServices")));

    public static readonly EntitySet Skus = new("subscribedSkus", new EntityType(
        "subscribedSku",
        Edm.Text("id"),
        Edm.Text("accountId"),
        Edm.Text("accountName"),
        Edm.Text("appliesTo"),
        Edm.Text("capabilityStatus"),
        Edm.Number("consumedUnits"),
        Edm.Open("prepaidUnits"),
        Edm.Open("servicePlans"),
        Edm.Id("skuId"),
        Edm.Text("skuPartNumber"),
        Edm.Open("subscriptionIds")));

    public static JsonObject Organization(TwinTenant tenant)
    {
        var plans = TwinLicences.Of(tenant).SelectMany(sku => sku.Plans).Distinct().ToList();
        return new JsonObject
        {
            ["id"] = tenant.Id.ToString("D"),
            ["deletedDateTime"] = null,
            ["businessPhones"] = new JsonArray(),
            ["city"] = null,
            ["countryLetterCode"] = tenant.CountryLetterCode,
            ["createdDateTime"] = "2019-04-02T07:21:40Z",
            ["defaultUsageLocation"] = null,
            ["displayName"] = tenant.DisplayName,
            ["marketingNotificationEmails"] = new JsonArray(),
            ["onPremisesSyncEnabled"] = null,
            ["partnerTenantType"] = null,
            ["preferredLanguage"] = "en",
            ["securityComplianceNotificationMails"] = new JsonArray(),
            ["technicalNotificationMails"] = new JsonArray($"it@{tenant.DefaultDomain}"),
            ["tenantType"] = "AAD",
            ["assignedPlans"] = new JsonArray([.. plans.Select(plan => new JsonObject { ["assignedDateTime"] = Since, ["capabilityStatus"] = "Enabled", ["service"] = plan.Service, ["servicePlanId"] = plan.Id.ToString("D") })]),
            ["provisionedPlans"] = new JsonArray([.. plans.Select(plan => plan.Service).Distinct().Select(service => new JsonObject { ["capabilityStatus"] = "Enabled", ["provisioningStatus"] = "Success", ["service"] = service })]),
            ["verifiedDomains"] = new JsonArray(new JsonObject { ["capabilities"] = "Email, OfficeCommunicationsOnline", ["isDefault"] = true, ["isInitial"] = true, ["name"] = tenant.DefaultDomain, ["type"] = "Managed" }),
        };
    }

    public static JsonObject Domain(TwinTenant tenant) => new()
    {
        ["id"] = tenant.DefaultDomain,
        ["authenticationType"] = "Managed",
        ["availabilityStatus"] = null,
        ["isAdminManaged"] = true,
        ["isDefault"] = true,
        ["isInitial"] = true,
        ["isRoot"] = true,
        ["isVerified"] = true,
        ["supportedServices"] = new JsonArray("Email", "OfficeCommunicationsOnline"),
    };

    /// <summary>One SKU; every enabled member of the tenant consumes a unit.</summary>
    public static JsonObject Sku(TwinTenant tenant, TwinSku sku, int members) => new()
    {
        ["id"] = $"{tenant.Id:D}_{sku.Id:D}",
        ["accountId"] = tenant.Id.ToString("D"),
        ["accountName"] = tenant.DefaultDomain.Split('.')[0],
        ["appliesTo"] = "User",
        ["capabilityStatus"] = "Enabled",
        ["consumedUnits"] = members,
        ["prepaidUnits"] = new JsonObject { ["enabled"] = Math.Max(25, members), ["suspended"] = 0, ["warning"] = 0, ["lockedOut"] = 0 },
        ["servicePlans"] = new JsonArray([.. sku.Plans.Select(plan => new JsonObject { ["servicePlanId"] = plan.Id.ToString("D"), ["servicePlanName"] = plan.Name, ["provisioningStatus"] = "Success", ["appliesTo"] = "User" })]),
        ["skuId"] = sku.Id.ToString("D"),
        ["skuPartNumber"] = sku.PartNumber,
        ["subscriptionIds"] = new JsonArray(),
    };
}
