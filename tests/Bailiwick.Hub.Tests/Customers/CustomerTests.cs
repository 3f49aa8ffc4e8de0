using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Customers;

public sealed class CustomerTests : IAsyncLifetime
{
    private static readonly Actor s_actor = new("key", "tests");

    private TempVault _temp = null!;
    private CustomerStore _customers = null!;
    private TenantStore _tenants = null!;
    private CustomerImporter _importer = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync();
        var audit = new AuditLog(_temp.Keyring, _temp.Time);
        _customers = new CustomerStore(_temp.Database, audit, _temp.Time);
        _tenants = new TenantStore(_temp.Database, audit, _temp.Seal, new CloudCatalog(), _temp.Time);
        _importer = new CustomerImporter(_temp.Database, _customers, _tenants);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_name_is_taken_without_regard_to_case_and_spacing()
    {
        var added = (await _customers.AddAsync(s_actor, "Ångström  AB", CancellationToken.None)).ShouldBeOfType<AddCustomerResult.Added>();

        (await _customers.AddAsync(s_actor, " ångström ab", CancellationToken.None)).ShouldBeOfType<AddCustomerResult.NameTaken>().Existing.ShouldBe(added.Customer);
        (await _customers.FindByNameAsync("ÅNGSTRÖM AB", CancellationToken.None)).ShouldBe(added.Customer);
        (await _customers.GetAsync(added.Customer.Id, CancellationToken.None)).ShouldBe(added.Customer);
        (await _customers.GetAsync(new CustomerId(Guid.NewGuid()), CancellationToken.None)).ShouldBeNull();
        (await _customers.AddAsync(s_actor, "a\nb", CancellationToken.None)).ShouldBeOfType<AddCustomerResult.BadName>();
        (await _customers.AddAsync(s_actor, "", CancellationToken.None)).ShouldBeOfType<AddCustomerResult.BadName>();
    }

    [Fact]
    public async Task Pages_follow_each_other_and_show_only_what_is_asked_for()
    {
        var ids = new List<CustomerId>();
        for (var i = 0; i < 5; i++) ids.Add(((AddCustomerResult.Added)await _customers.AddAsync(s_actor, $"c{i}", CancellationToken.None)).Customer.Id);
        ids.Sort((left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

        var first = await _customers.ListAsync(null, 3, null, CancellationToken.None);
        var second = await _customers.ListAsync(first[^1].Id, 3, null, CancellationToken.None);

        first.Concat(second).Select(customer => customer.Id).ShouldBe(ids);
        (await _customers.ListAsync(null, 10, new HashSet<CustomerId> { ids[3] }, CancellationToken.None)).ShouldHaveSingleItem().Id.ShouldBe(ids[3]);
        (await _customers.ListAsync(null, 10, new HashSet<CustomerId>(), CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thousand_rows_are_imported_once()
    {
        var rows = Enumerable.Range(0, 1000).Select(i => new CustomerImportRow($"Customer {i / 2}", new TenantId(Guid.NewGuid()), i % 2 == 0 ? null : "usgov")).ToList();

        (await _importer.ImportAsync(s_actor, rows, CancellationToken.None)).ShouldBe(new CustomerImportResult.Imported(500, 1000, 0));
        (await _importer.ImportAsync(s_actor, rows, CancellationToken.None)).ShouldBe(new CustomerImportResult.Imported(0, 0, 1000));

        var tenants = await _tenants.ListAllAsync(CancellationToken.None);
        tenants.Select(tenant => tenant.TenantKey).ShouldBe(Enumerable.Range(1, 1000).Select(i => (long)i));
        (await _tenants.ListAsync(tenants[0].Customer, CancellationToken.None)).Count.ShouldBe(2);
        (await AuditVerifier.VerifyAsync(_temp.Database, _temp.Keyring, "/nowhere", CancellationToken.None)).ShouldBe(new AuditVerdict.Intact(1500, 0));
    }

    [Fact]
    public async Task One_bad_row_keeps_the_whole_import_out_and_every_fault_is_named()
    {
        var tenant = new TenantId(Guid.NewGuid());
        var refused = (await _importer.ImportAsync(
            s_actor,
            [
                new("Good", tenant),
                new("Bad cloud", new TenantId(Guid.NewGuid()), "atlantis"),
                new("Thief", tenant),
                new(" ", null),
                new("Bad region", new TenantId(Guid.NewGuid()), "public", "moon"),
            ],
            CancellationToken.None)).ShouldBeOfType<CustomerImportResult.Refused>();

        refused.Faults.Select(fault => fault.Row).ShouldBe([2, 3, 4, 5]);
        (await _customers.ListAsync(null, 10, null, CancellationToken.None)).ShouldBeEmpty();
        (await _tenants.ListAllAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenants_row_changed_outside_the_hub_is_not_used()
    {
        var tenant = new TenantId(Guid.NewGuid());
        await _importer.ImportAsync(s_actor, [new("Good", tenant)], CancellationToken.None);
        (await _tenants.GetAsync(tenant, CancellationToken.None))!.Cloud.ShouldBe("public");

        await _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync("UPDATE tenants SET cloud = 'usgov'", transaction: write.Transaction), CancellationToken.None);

        await Should.ThrowAsync<SealBrokenException>(() => _tenants.GetAsync(tenant, CancellationToken.None));
    }

    [Fact]
    public void The_built_in_clouds_have_microsofts_addresses()
    {
        var clouds = new CloudCatalog();

        clouds.Names.ShouldBe(["public", "usgov"]);
        clouds.Get("public").Login.ShouldBe(new Uri("https://login.microsoftonline.com/"));
        clouds.Get("public").DefenderIn("eu").ShouldBe(new Uri("https://eu.api.security.microsoft.com/"));
        clouds.Get("public").DefenderIn(null).ShouldBe(new Uri("https://api.security.microsoft.com/"));
        clouds.Get("usgov").Graph.ShouldBe(new Uri("https://graph.microsoft.us/"));
        clouds.SignInHosts.ShouldBe(["login.microsoftonline.com", "login.microsoftonline.us"], ignoreOrder: true);
    }

    [Fact]
    public void A_configured_cloud_is_checked_as_a_whole()
    {
        var fault = Should.Throw<InvalidOperationException>(() => new CloudCatalog(new Dictionary<string, CloudOptions>
        {
            ["twin"] = new() { Login = "http://127.0.0.1:9443", Graph = "nonsense" },
        }));

        fault.Message.ShouldContain("Clouds:twin:Login 'http://127.0.0.1:9443' must be https");
        fault.Message.ShouldContain("Clouds:twin:Graph 'nonsense'");
        fault.Message.ShouldContain("Clouds:twin:Defender is missing");
    }

    [Fact]
    public void A_cloud_may_lack_the_legacy_exporter()
    {
        var clouds = new CloudCatalog(new Dictionary<string, CloudOptions>
        {
            ["twin"] = new() { Login = "https://127.0.0.1:9443", Graph = "https://127.0.0.1:9443/graph", Defender = "https://127.0.0.1:9443/defender" },
        });

        clouds.Get("twin").ExporterIn("eu").ShouldBeNull();
    }

    [Fact]
    public void A_stand_in_never_counts_as_microsoft_and_overriding_a_base_drops_its_regions()
    {
        var local = new CloudOptions { Login = "https://127.0.0.1:9443", Graph = "https://127.0.0.1:9443/graph", Defender = "https://127.0.0.1:9443/d", Exporter = "https://127.0.0.1:9443/e" };
        var clouds = new CloudCatalog(new Dictionary<string, CloudOptions> { ["Twin"] = local, ["public"] = new() { Defender = "https://defender.example.test" } });

        clouds.Get("twin").IsMicrosoft.ShouldBeFalse();
        clouds.Get("twin").Graph.ShouldBe(new Uri("https://127.0.0.1:9443/graph/"));
        clouds.Get("public").IsMicrosoft.ShouldBeTrue();
        clouds.Get("public").DefenderIn("eu").ShouldBe(new Uri("https://defender.example.test/"));
    }
}
