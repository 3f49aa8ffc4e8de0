using System.Text.Json.Nodes;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Who a tenant is, by id or by domain, over all tenants of the twin. The parameter may stand in quotes, in encoded quotes or bare, as clients differ.
/// Source: tenantrelationship-findtenantinformationbytenantid, tenantrelationship-findtenantinformationbydomainname, 2024.
/// </summary>
internal sealed class TenantInformationRoutes
{
    public void Map(GraphRoutes routes)
    {
        routes.Get("/tenantRelationships/findTenantInformationByTenantId(tenantId={id})", AdministrationNeeds.TenantInformation, "tenantrelationship-findtenantinformationbytenantid 2024", call =>
        {
            var text = Plain(call, "id");
            return AnswerAsync(call, Guid.TryParse(text, out var id) ? call.Directory.FindTenant(id) : throw GraphRefusal.BadRequest($"'{text}' is not a tenant id."), text);
        });
        routes.Get("/tenantRelationships/findTenantInformationByDomainName(domainName={name})", AdministrationNeeds.TenantInformation, "tenantrelationship-findtenantinformationbydomainname 2024", call =>
        {
            var text = Plain(call, "name");
            return AnswerAsync(call, call.Directory.FindTenantByDomain(text), text);
        });
    }

    private static string Plain(GraphCall call, string name) => Uri.UnescapeDataString(call.Route(name)).Trim('\'');

    private static Task AnswerAsync(GraphCall call, TwinTenant? tenant, string asked) => tenant is null ? throw GraphRefusal.NotFound(asked) : call.ObjectAsync("microsoft.graph.tenantInformation", new JsonObject
    {
        ["tenantId"] = tenant.Id.ToString("D"),
        ["federationBrandName"] = null,
        ["displayName"] = tenant.DisplayName,
        ["defaultDomainName"] = tenant.DefaultDomain,
    });
}
