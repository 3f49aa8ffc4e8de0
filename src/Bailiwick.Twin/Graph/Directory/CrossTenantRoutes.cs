using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/policies/crossTenantAccessPolicy</c>: settings towards everybody, and towards single partners. Automatic consent that both sides allow spares a guest the question at the
/// first visit; the other settings are kept and answered. Source: crosstenantaccesspolicy-overview, crosstenantaccesspolicyconfigurationdefault-update,
/// crosstenantaccesspolicy-post-partners, crosstenantaccesspolicyconfigurationpartner-update, crosstenantidentitysyncpolicypartner-update, 2025.
/// </summary>
internal sealed class CrossTenantRoutes
{
    private const string Root = "/policies/crossTenantAccessPolicy";
    private const string Category = "CrossTenantAccessSettings";

    public void Map(GraphRoutes routes)
    {
        routes.Get(Root, AdministrationNeeds.ReadCrossTenant, "crosstenantaccesspolicy-get 2025", call => call.EntityAsync(CrossTenantShape.Policy, CrossTenantShape.PolicyOf(call.Directory.CrossTenantDefault(call.Tenant.Id))));
        routes.Patch(Root, AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicy-update 2025", ChangePolicyAsync);
        routes.Get($"{Root}/default", AdministrationNeeds.ReadCrossTenant, "crosstenantaccesspolicyconfigurationdefault-get 2025", call => call.EntityAsync(CrossTenantShape.Default, CrossTenantShape.DefaultOf(call.Directory.CrossTenantDefault(call.Tenant.Id))));
        routes.Patch($"{Root}/default", AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicyconfigurationdefault-update 2025", ChangeDefaultAsync);
        routes.Post($"{Root}/default/resetToSystemDefault", AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicyconfigurationdefault-resettosystemdefault 2025", ResetAsync);
        routes.Get($"{Root}/partners", AdministrationNeeds.ReadCrossTenant, "crosstenantaccesspolicy-list-partners 2025", call =>
            call.ListAsync(Related(call), call.Directory.Partners(call.Tenant.Id).OrderBy(partner => partner.PartnerId).Select(CrossTenantShape.PartnerOf)));
        routes.Post($"{Root}/partners", AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicy-post-partners 2025", AddAsync);
        routes.Get($"{Root}/partners/{{id}}", AdministrationNeeds.ReadCrossTenant, "crosstenantaccesspolicyconfigurationpartner-get 2025", call => call.EntityAsync(Related(call), CrossTenantShape.PartnerOf(Find(call))));
        routes.Patch($"{Root}/partners/{{id}}", AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicyconfigurationpartner-update 2025", ChangeAsync);
        routes.Delete($"{Root}/partners/{{id}}", AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicyconfigurationpartner-delete 2025", RemoveAsync);
        var synchronization = $"{Root}/partners/{{id}}/identitySynchronization";
        routes.Get(synchronization, AdministrationNeeds.ReadCrossTenant, "crosstenantidentitysyncpolicypartner-get 2025", call => call.EntityAsync(CrossTenantShape.Synchronization, CrossTenantShape.SynchronizationOf(Find(call)) ?? throw GraphRefusal.NotFound(call.Route("id"))));
        routes.Put(synchronization, AdministrationNeeds.WriteCrossTenant, "crosstenantaccesspolicyconfigurationpartner-put-identitysynchronization 2025", call => SynchronizeAsync(call, anew: true));
        routes.Patch(synchronization, AdministrationNeeds.WriteCrossTenant, "crosstenantidentitysyncpolicypartner-update 2025", call => SynchronizeAsync(call, anew: false));
        routes.Delete(synchronization, AdministrationNeeds.WriteCrossTenant, "crosstenantidentitysyncpolicypartner-delete 2025", EndSynchronizationAsync);
    }

    private static EntitySet Related(GraphCall call) => CrossTenantShape.Partners with
    {
        Follow = (entity, _) => CrossTenantShape.SynchronizationOf(call.Directory.FindPartner(call.Tenant.Id, Guid.Parse(entity["tenantId"]!.GetValue<string>()))!),
    };

    private static TwinPartner Find(GraphCall call) => call.Directory.FindPartner(call.Tenant.Id, call.RouteId()) ?? throw GraphRefusal.NotFound(call.Route("id"));

    private static async Task ChangePolicyAsync(GraphCall call)
    {
        var change = CrossTenantShape.Policy.Type.ReadChange(await call.ReadAsync());
        if (change["allowedCloudEndpoints"] is JsonArray endpoints) call.Directory.PutCloudEndpoints(call.Tenant.Id, [.. endpoints.Select(endpoint => endpoint!.GetValue<string>())]);
        call.Audit("Update the company default cross-tenant access setting", Category, "Update", Target(call, null));
        await call.DoneAsync();
    }

    private static async Task ChangeDefaultAsync(GraphCall call)
    {
        var change = CrossTenantShape.Default.Type.ReadChange(await call.ReadAsync());
        var merged = CrossTenantShape.Merge(CrossTenantShape.DefaultOf(call.Directory.CrossTenantDefault(call.Tenant.Id)), change);
        merged.Remove("isServiceDefault");
        call.Directory.PutCrossTenantDefault(call.Tenant.Id, merged);
        call.Audit("Update the company default cross-tenant access setting", Category, "Update", Target(call, null));
        await call.DoneAsync();
    }

    private static Task ResetAsync(GraphCall call)
    {
        call.Directory.PutCrossTenantDefault(call.Tenant.Id, null);
        call.Audit("Reset the cross-tenant access default setting", Category, "Update", Target(call, null));
        return call.DoneAsync();
    }

    private static async Task AddAsync(GraphCall call)
    {
        var body = CrossTenantShape.Partners.Type.ReadNew(await call.ReadAsync());
        var id = Guid.Parse(body["tenantId"]!.GetValue<string>());
        if (id == call.Tenant.Id || id == Guid.Empty) throw GraphRefusal.BadRequest("A tenant cannot be its own partner.");
        if (call.Directory.FindPartner(call.Tenant.Id, id) is not null) throw GraphRefusal.Conflict("Another object with the same value for property tenantId already exists.");
        body.Remove("tenantId");
        var partner = new TwinPartner(call.Tenant.Id, id, CrossTenantShape.Merge([], body));
        call.Directory.PutPartner(partner);
        call.Audit("Add a partner to cross-tenant access setting", Category, "Add", Target(call, id));
        await call.CreatedAsync(CrossTenantShape.Partners, CrossTenantShape.PartnerOf(partner));
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var partner = Find(call);
        var change = CrossTenantShape.Partners.Type.ReadChange(await call.ReadAsync());
        partner = partner with { Body = CrossTenantShape.Merge(partner.Body, change) };
        call.Directory.PutPartner(partner);
        call.Audit("Update partner cross-tenant access setting", Category, "Update", Target(call, partner.PartnerId));
        await call.DoneAsync(CrossTenantShape.Partners, CrossTenantShape.PartnerOf(partner));
    }

    private static Task RemoveAsync(GraphCall call)
    {
        var partner = Find(call);
        call.Directory.RemovePartner(call.Tenant.Id, partner.PartnerId);
        call.Audit("Delete partner specific cross-tenant access setting", Category, "Delete", Target(call, partner.PartnerId));
        return call.DoneAsync();
    }

    private static async Task SynchronizeAsync(GraphCall call, bool anew)
    {
        var partner = Find(call);
        var written = partner.Body["identitySynchronization"] as JsonObject;
        if (!anew && written is null) throw GraphRefusal.NotFound(call.Route("id"));
        var change = CrossTenantShape.Synchronization.Type.ReadChange(await call.ReadAsync());
        var body = (JsonObject)partner.Body.DeepClone();
        body["identitySynchronization"] = anew ? change.DeepClone() : CrossTenantShape.Merge(written!, change);
        call.Directory.PutPartner(partner with { Body = body });
        call.Audit(anew ? "Create a partner cross-tenant identity sync setting" : "Update partner cross-tenant identity sync setting", Category, anew ? "Add" : "Update", Target(call, partner.PartnerId));
        await call.DoneAsync();
    }

    private static Task EndSynchronizationAsync(GraphCall call)
    {
        var partner = Find(call);
        var body = (JsonObject)partner.Body.DeepClone();
        if (!body.Remove("identitySynchronization")) throw GraphRefusal.NotFound(call.Route("id"));
        call.Directory.PutPartner(partner with { Body = body });
        call.Audit("Delete partner cross-tenant identity sync setting", Category, "Delete", Target(call, partner.PartnerId));
        return call.DoneAsync();
    }

    private static TwinTarget Target(GraphCall call, Guid? partner) => new((partner ?? call.Tenant.Id).ToString("D"), "Policy", partner is { } id ? call.Directory.FindTenant(id)?.DisplayName : "Default");
}
