using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class TenantTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    private static readonly Guid P2 = new("eec0eb4f-6444-4f95-aba0-50c24d67f998");
    private static readonly Guid Governance = new("e866a266-3cff-43a3-acca-0c90a7e00c8b");
    private static readonly Guid Defender = new("871d91ec-ec1a-452b-a83f-bd76c7d770ef");

    [Fact]
    public async Task Organization_is_the_callers_tenant_with_its_domain_and_plans()
    {
        var graph = await twin.GraphAsync();

        var organization = (await graph.Organization.GetAsync())!.Value!.ShouldHaveSingleItem();

        organization.Id.ShouldBe(twin.Twin.Alder.Id.ToString());
        organization.TenantType.ShouldBe("AAD");
        organization.VerifiedDomains!.Single().Name.ShouldBe("alder.example");
        organization.AssignedPlans!.Select(plan => plan.ServicePlanId).ShouldContain(P2);
        (await graph.Organization[organization.Id].GetAsync())!.DisplayName.ShouldBe("Alder Mills");
        (await twin.SendAsync(HttpMethod.Get, $"/organization/{twin.Twin.Birch.Id}")).Error.ShouldBe("Request_ResourceNotFound");
    }

    [Fact]
    public async Task Organization_needs_a_permission_for_it()
    {
        var (_, token) = await twin.Twin.TokenAsync(twin.Twin.Alder.Id, twin.Twin.AppOnly());

        var refused = await twin.SendAsync(HttpMethod.Get, "/organization", token: token.GetProperty("access_token").GetString());

        (refused.Status, refused.Error).ShouldBe((403, "Authorization_RequestDenied"));
    }

    [Fact]
    public async Task Domains_are_listed_and_read_by_name()
    {
        var graph = await twin.GraphAsync();

        (await graph.Domains.GetAsync())!.Value!.Single().IsDefault.ShouldBe(true);
        (await graph.Domains["alder.example"].GetAsync())!.AuthenticationType.ShouldBe("Managed");
        (await twin.SendAsync(HttpMethod.Get, "/domains/birch.example")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_dropped_licence_shows_in_SKUs_and_plans_at_once()
    {
        var tenant = await twin.Twin.Control.CreateTenantAsync(new NewTenant { Name = "Elm Estates", Domain = "elm.example", Plan = EntraPlan.Governance }, default);
        await twin.Twin.Control.ConsentAsync(tenant.Id, new NewConsent { AppId = twin.App.AppId }, default);
        await twin.Twin.Control.CreateUserAsync(tenant.Id, new NewUser { Name = "Eva Elm", Upn = "eva@elm.example", Password = RunningTwin.Password }, default);
        var graph = await twin.GraphAsync(tenant);
        var before = (await graph.SubscribedSkus.GetAsync())!.Value!;

        await twin.Twin.Control.ChangeTenantAsync(tenant.Id, new TenantChange(EntraPlan.P1, Licensed: false), default);

        before.SelectMany(sku => sku.ServicePlans!).Select(plan => plan.ServicePlanId).ShouldBe([new Guid("41781fb2-bc02-4b7c-bd55-b576c07bb09d"), P2, Governance, Defender], ignoreOrder: true);
        before.ShouldAllBe(sku => sku.ConsumedUnits == 1 && sku.CapabilityStatus == "Enabled");
        var after = (await graph.SubscribedSkus.GetAsync())!.Value!.ShouldHaveSingleItem();
        after.SkuPartNumber.ShouldBe("AAD_PREMIUM");
        (await graph.SubscribedSkus[after.Id].GetAsync())!.SkuId.ShouldBe(after.SkuId);
        (await graph.Organization.GetAsync())!.Value!.Single().AssignedPlans!.ShouldNotContain(plan => plan.ServicePlanId == Defender);
    }
}
