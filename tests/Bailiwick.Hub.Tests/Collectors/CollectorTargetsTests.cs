using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class CollectorTargetsTests : IAsyncLifetime
{
    private static readonly Actor s_actor = new("key", "tests");

    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private TenantStore _tenants = null!;
    private ConnectionStore _connections = null!;
    private CustomerPauses _pauses = null!;
    private CollectorTargets _targets = null!;
    private CustomerId _customer;
    private Hub.Tokens.ApplicationId _application;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        var audit = new AuditLog(_temp.Keyring, _time);
        var clouds = new CloudCatalog(new Dictionary<string, CloudOptions>
        {
            ["small"] = new() { Login = "https://login.example", Graph = "https://graph.example", Defender = "https://defender.example" },
        });
        _tenants = new TenantStore(_temp.Database, audit, _temp.Seal, clouds, _time);
        _connections = new ConnectionStore(_temp.Database, _temp.Vault, audit, _temp.Seal, _time);
        _pauses = new CustomerPauses(_temp.Database, audit, _time);
        _targets = new CollectorTargets(_connections, _tenants, _pauses, clouds);
        _customer = ((AddCustomerResult.Added)await new CustomerStore(_temp.Database, audit, _time).AddAsync(s_actor, "Mill", default)).Customer.Id;
        using var secret = ApplicationCredential.FromSecret(Secret.FromText("s"), null);
        _application = (await new ApplicationStore(_temp.Database, _temp.Vault, audit, _temp.Seal, _time).AddAsync(s_actor, "collect", Guid.NewGuid(), secret, default))!.Id;
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task Alerts_and_incidents_of_a_connection_are_targets_and_its_other_alert_source_is_only_compared_with()
    {
        var tenant = await ConnectAsync("public", AlertSources.GraphAlerts, AlertSources.DefenderAlerts, AlertSources.GraphIncidents);
        await _tenants.AddAsync(s_actor, new TenantId(Guid.NewGuid()), _customer, "public", null, default); // not connected
        var list = await _targets.ListAsync(default);
        list.Targets.Select(target => (target.Tenant, target.Source)).ShouldBe([(tenant, AlertSources.GraphAlerts), (tenant, AlertSources.GraphIncidents)]);
        list.Holds.ShouldBeEmpty();
        (await _targets.ListPairsAsync(default)).Select(pair => (pair.Target.Source, pair.Other))
            .ShouldBe([(AlertSources.GraphAlerts, AlertSources.DefenderAlerts), (AlertSources.GraphAlerts, AlertSources.GraphIncidents)]);
    }

    [Theory]
    [InlineData(ConnectionFlow.AuthorizationCode, "GraphAlerts as the person sees it")]
    [InlineData(ConnectionFlow.AppOnly, null)] // the same eyes twice
    public async Task A_source_is_compared_with_itself_through_a_connection_of_the_other_kind_and_collected_once(ConnectionFlow second, string? other)
    {
        var tenant = await ConnectAsync("public", AlertSources.GraphAlerts);
        await _temp.Database.WriteAsync(
            write => _connections.PutAsync(write, s_actor, tenant, _application, second, SourceChoice.Of(AlertSources.GraphAlerts), null, ConnectionPurpose.Compare), default);
        (await _targets.ListAsync(default)).Targets.ShouldHaveSingleItem().Purpose.ShouldBe(ConnectionPurpose.Collect);
        var pairs = await _targets.ListPairsAsync(default);
        pairs.Select(pair => pair.Other).ShouldBe(other is null ? [] : [other]);
        pairs.ShouldAllBe(pair => pair.IsOneSource && pair.Target.Purpose == ConnectionPurpose.Collect && pair.With.Purpose == ConnectionPurpose.Compare);
    }

    [Fact]
    public async Task A_paused_customer_is_held_until_the_pause_ends()
    {
        await ConnectAsync("public", AlertSources.GraphAlerts, AlertSources.DefenderAlerts);
        var until = _time.GetUtcNow().AddHours(2);
        await _pauses.PauseAsync(s_actor, _customer, "Migration", until, default);
        (await HoldAsync()).ShouldSatisfyAllConditions(
            hold => hold.Reason.ShouldBe(HoldReasons.Paused), hold => hold.Since.ShouldBe(_time.GetUtcNow()), hold => hold.Until.ShouldBe(until));
        _time.Advance(TimeSpan.FromHours(2));
        (await _targets.ListAsync(default)).Targets.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_source_without_an_address_in_the_tenants_cloud_is_held_and_the_others_are_walked()
    {
        await ConnectAsync("small", AlertSources.AlertExporter, AlertSources.GraphIncidents);
        var list = await _targets.ListAsync(default);
        list.Targets.ShouldHaveSingleItem().Source.ShouldBe(AlertSources.GraphIncidents);
        list.Holds.ShouldHaveSingleItem().Reason.ShouldBe(HoldReasons.NoAddress);
        (await _targets.ListPairsAsync(default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UPDATE tenants SET cloud = 'usgov'")]
    [InlineData("UPDATE connections SET source = 'Invented'")]
    public async Task What_was_changed_outside_the_hub_is_held_and_never_just_missing(string sql)
    {
        await ConnectAsync("public", AlertSources.GraphAlerts, AlertSources.DefenderAlerts);
        await _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(sql, transaction: write.Transaction), default);
        (await HoldAsync()).Reason.ShouldBe(HoldReasons.RowChanged);
    }

    private async Task<CollectorHold> HoldAsync()
    {
        var list = await _targets.ListAsync(default);
        list.Targets.ShouldBeEmpty();
        (await _targets.ListPairsAsync(default)).ShouldBeEmpty();
        return list.Holds.ShouldHaveSingleItem();
    }

    private async Task<TenantId> ConnectAsync(string cloud, string primary, params string[] also)
    {
        var tenant = new TenantId(Guid.NewGuid());
        (await _tenants.AddAsync(s_actor, tenant, _customer, cloud, null, default)).ShouldBeOfType<AddTenantResult.Added>();
        await _temp.Database.WriteAsync(write => _connections.PutAsync(write, s_actor, tenant, _application, ConnectionFlow.AppOnly, new SourceChoice(primary, also), null), default);
        return tenant;
    }
}
