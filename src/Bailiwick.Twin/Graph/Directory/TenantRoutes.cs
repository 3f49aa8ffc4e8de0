using System.Text.Json.Nodes;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/organization</c>, a collection of one: the caller's tenant; its domains and what it is licensed for. Source: organization-get, organization-list, domain-list, domain-get,
/// subscribedsku-list, subscribedsku-get, 2024.
/// </summary>
internal sealed class TenantRoutes
{
    public void Map(GraphRoutes routes)
    {
        routes.Get("/organization", AdministrationNeeds.Organization, "organization-list 2024", call => call.ListAsync(TenantShape.Organizations, [TenantShape.Organization(call.Tenant)]));
        routes.Get("/organization/{id}", AdministrationNeeds.Organization, "organization-get 2024", call =>
            call.RouteId() == call.Tenant.Id ? call.EntityAsync(TenantShape.Organizations, TenantShape.Organization(call.Tenant)) : throw GraphRefusal.NotFound(call.Route("id")));
        routes.Get("/domains", AdministrationNeeds.Domains, "domain-list 2024", call => call.ListAsync(TenantShape.Domains, [TenantShape.Domain(call.Tenant)]));
        routes.Get("/domains/{id}", AdministrationNeeds.Domains, "domain-get 2024", call =>
            call.Route("id").Equals(call.Tenant.DefaultDomain, StringComparison.OrdinalIgnoreCase) ? call.EntityAsync(TenantShape.Domains, TenantShape.Domain(call.Tenant)) : throw GraphRefusal.NotFound(call.Route("id")));
        routes.Get("/subscribedSkus", AdministrationNeeds.Licences, "subscribedsku-list 2024", call => call.ListAsync(TenantShape.Skus, Skus(call)));
        routes.Get("/subscribedSkus/{id}", AdministrationNeeds.Licences, "subscribedsku-get 2024", call =>
            call.EntityAsync(TenantShape.Skus, Skus(call).FirstOrDefault(sku => sku["id"]!.GetValue<string>() == call.Route("id")) ?? throw GraphRefusal.NotFound(call.Route("id"))));
    }

    private static IEnumerable<JsonObject> Skus(GraphCall call)
    {
        var members = call.Directory.Users(call.Tenant.Id).Count(user => user is { IsGuest: false, Enabled: true });
        return TwinLicences.Of(call.Tenant).Select(sku => TenantShape.Sku(call.Tenant, sku, members));
    }
}
