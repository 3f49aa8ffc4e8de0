using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Audit;

/// <summary>Rows that somebody changed in the database itself. Sinks have a test of their own.</summary>
public sealed class BrokenSealsTests : IAsyncLifetime
{
    private static readonly Actor s_actor = new("key", "tests");
    private static readonly TenantId s_tenant = new(Guid.Parse("11111111-1111-4111-8111-111111111111"));

    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private TenantStore _tenants = null!;
    private ApplicationStore _applications = null!;
    private ConnectionStore _connections = null!;
    private ApiKeyStore _keys = null!;
    private CustomerId _customer;
    private ProviderApplication _application = null!;
    private TenantConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        var audit = new AuditLog(_temp.Keyring, _time);
        _tenants = new TenantStore(_temp.Database, audit, _temp.Seal, new CloudCatalog(), _time);
        _applications = new ApplicationStore(_temp.Database, _temp.Vault, audit, _temp.Seal, _time);
        _connections = new ConnectionStore(_temp.Database, _temp.Vault, audit, _temp.Seal, _time);
        _keys = new ApiKeyStore(_temp.Database, audit, _temp.Keyring, _temp.Seal, _time);
        _customer = ((AddCustomerResult.Added)await new CustomerStore(_temp.Database, audit, _time).AddAsync(s_actor, "Mill", CancellationToken.None)).Customer.Id;
        (await _tenants.AddAsync(s_actor, s_tenant, _customer, "public", null, CancellationToken.None)).ShouldBeOfType<AddTenantResult.Added>();
        using var secret = ApplicationCredential.FromSecret(Secret.FromText("s"), null);
        _application = (await _applications.AddAsync(s_actor, "collect", Guid.NewGuid(), secret, CancellationToken.None))!;
        using var token = Secret.FromText("t");
        _connection = await _temp.Database.WriteAsync(
            write => _connections.PutAsync(write, s_actor, s_tenant, _application.Id, ConnectionFlow.AuthorizationCode, SourceChoice.Of("GraphAlerts"), token), CancellationToken.None);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_tenant_is_refused_marked_in_lists_and_recorded()
    {
        await ChangeAsync("UPDATE tenants SET cloud = 'usgov'");
        await Should.ThrowAsync<SealBrokenException>(() => _tenants.GetAsync(s_tenant, CancellationToken.None));
        (await _tenants.ListAllAsync(CancellationToken.None)).ShouldHaveSingleItem().Intact.ShouldBeFalse();
        (await _tenants.ListAsync(0, 10, null, CancellationToken.None)).ShouldHaveSingleItem().Intact.ShouldBeFalse();
        (await RecordsAsync()).ShouldBe([("tenant.seal-broken", s_tenant.ToString())]);
    }

    [Fact]
    public async Task A_tenant_that_was_given_to_another_customer_is_not_that_customers()
    {
        var other = new CustomerId(Guid.NewGuid());
        await ChangeAsync($"INSERT INTO customers (customer_id, name, name_key, created_at) VALUES ('{other}', 'Other', 'other', 1)");
        await ChangeAsync($"UPDATE tenants SET customer_id = '{other}'");
        (await _tenants.ListAsync(0, 10, new HashSet<CustomerId> { other }, CancellationToken.None)).ShouldBeEmpty();
        (await _tenants.ListAsync([other], CancellationToken.None)).ShouldBeEmpty();
        (await RecordsAsync()).ShouldBe([("tenant.seal-broken", s_tenant.ToString())]);
    }

    [Theory]
    [InlineData("", "GraphIncidents")]
    [InlineData("GraphIncidents", "")]
    [InlineData("GraphIncidents", "DefenderAlerts")]
    public async Task Further_sources_of_a_connection_cannot_be_added_taken_or_changed(string before, string after)
    {
        if (before.Length > 0)
        {
            await _temp.Database.WriteAsync(
                write => _connections.PutAsync(write, s_actor, s_tenant, _application.Id, ConnectionFlow.AppOnly, new SourceChoice("GraphAlerts", [before]), null), CancellationToken.None);
        }

        (await _connections.GetAsync(s_tenant, CancellationToken.None))!.Also.ShouldBe(before.Length == 0 ? [] : [before]);
        await ChangeAsync($"UPDATE connections SET also = '{after}'");
        await Should.ThrowAsync<SealBrokenException>(() => _connections.GetAsync(s_tenant, CancellationToken.None));
    }

    [Theory]
    [InlineData(ConnectionPurpose.Collect, ConnectionPurpose.Compare)]
    [InlineData(ConnectionPurpose.Compare, ConnectionPurpose.Collect)]
    public async Task The_purpose_of_a_connection_cannot_be_changed(ConnectionPurpose before, ConnectionPurpose after)
    {
        await _connections.RemoveAsync(s_actor, s_tenant, onlyComparing: false, CancellationToken.None);
        await _temp.Database.WriteAsync(
            write => _connections.PutAsync(write, s_actor, s_tenant, _application.Id, ConnectionFlow.AppOnly, SourceChoice.Of("GraphAlerts"), null, before), CancellationToken.None);
        (await _connections.GetAsync(s_tenant, before, CancellationToken.None)).ShouldNotBeNull();
        await ChangeAsync($"UPDATE connections SET purpose = '{after}'");
        (await _connections.GetAsync(s_tenant, before, CancellationToken.None)).ShouldBeNull();
        await Should.ThrowAsync<SealBrokenException>(() => _connections.GetAsync(s_tenant, after, CancellationToken.None));
    }

    [Theory]
    [InlineData("flow = 'x'")]
    [InlineData("purpose = 'x'")]
    [InlineData("proven_at = -1")]
    public async Task A_connection_that_cannot_be_read_keeps_no_other_from_being_read(string change)
    {
        var other = new TenantId(Guid.NewGuid());
        await _tenants.AddAsync(s_actor, other, _customer, "public", null, CancellationToken.None);
        await _temp.Database.WriteAsync(
            write => _connections.PutAsync(write, s_actor, other, _application.Id, ConnectionFlow.AppOnly, SourceChoice.Of("GraphAlerts"), null), CancellationToken.None);
        await ChangeAsync($"UPDATE connections SET {change} WHERE tenant_id = '{s_tenant}'");
        (await _connections.ListAllAsync(CancellationToken.None)).ShouldHaveSingleItem().Tenant.ShouldBe(other);
        if (!change.StartsWith("purpose", StringComparison.Ordinal)) await Should.ThrowAsync<SealBrokenException>(() => _connections.GetAsync(s_tenant, CancellationToken.None));
        (await _connections.RemoveAsync(s_actor, s_tenant, onlyComparing: false, CancellationToken.None)).ShouldBe(!change.StartsWith("purpose", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_is_recorded_without_anybody_asking_for_the_single_row()
    {
        await ChangeAsync("UPDATE tenants SET cloud = 'usgov'");
        await ChangeAsync("UPDATE applications SET client_id = '22222222-2222-4222-8222-222222222222'");
        await ChangeAsync("UPDATE connections SET source = 'DefenderAlerts'");
        await _tenants.ListAllAsync(CancellationToken.None);
        await _applications.ListAsync(CancellationToken.None);
        await _connections.ListAllAsync(CancellationToken.None);
        (await RecordsAsync()).Select(record => record.Event).ShouldBe(["tenant.seal-broken", "application.seal-broken", "connection.seal-broken"]);
    }

    [Fact]
    public async Task An_application_is_refused_and_gets_no_new_seal_with_a_new_credential()
    {
        await ChangeAsync("UPDATE applications SET client_id = '22222222-2222-4222-8222-222222222222'");
        using var secret = ApplicationCredential.FromSecret(Secret.FromText("new"), null);
        await Should.ThrowAsync<SealBrokenException>(() => _applications.ReplaceCredentialAsync(s_actor, _application.Id, secret, CancellationToken.None));
        await Should.ThrowAsync<SealBrokenException>(() => _applications.GetAsync(_application.Id, CancellationToken.None));
        await Should.ThrowAsync<SealBrokenException>(() => _applications.FindByNameAsync("collect", CancellationToken.None));
        (await RecordsAsync()).ShouldBe([("application.seal-broken", _application.Id.ToString())]);
    }

    [Fact]
    public async Task A_connection_is_refused_and_removing_it_destroys_its_own_credential_only()
    {
        await ChangeAsync($"UPDATE connections SET credential_id = '{_application.Credential}'");
        await Should.ThrowAsync<SealBrokenException>(() => _connections.GetAsync(s_tenant, CancellationToken.None));
        (await _connections.RemoveAsync(s_actor, s_tenant, onlyComparing: false, CancellationToken.None)).ShouldBeTrue();
        (await CredentialsAsync()).ShouldBe([_application.Credential.ToString()]);
        (await RecordsAsync()).ShouldBe([("connection.seal-broken", _connection.Id.ToString("D"))]);
    }

    [Fact]
    public async Task A_key_signs_nobody_in_and_is_recorded()
    {
        var (key, text) = await _keys.CreateAsync(s_actor, new NewApiKey("feed", Role.Analyst, null, null, _time.GetUtcNow().AddDays(1)), CancellationToken.None);
        await ChangeAsync("UPDATE api_keys SET role = 'Owner'");
        (await _keys.AuthenticateAsync(text.RevealText(), CancellationToken.None)).ShouldBeNull();
        (await RecordsAsync()).ShouldBe([("key.seal-broken", key.Id.ToString("D"))]);
    }

    [Fact]
    public async Task One_row_is_recorded_once_an_hour()
    {
        await ChangeAsync("UPDATE tenants SET cloud = 'usgov'");
        for (var i = 0; i < 3; i++) await _tenants.ListAllAsync(CancellationToken.None);
        (await RecordsAsync()).Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(1));
        await _tenants.ListAllAsync(CancellationToken.None);
        (await RecordsAsync()).Count.ShouldBe(2);
    }

    private async Task<List<(string Event, string? Id)>> RecordsAsync() =>
        [.. (await AuditLog.ListAsync(_temp.Database, 0, 1000, null, CancellationToken.None))
            .Where(record => record.Event.EndsWith(".seal-broken", StringComparison.Ordinal)).Select(record => (record.Event, record.ObjectId))];

    private async Task<List<string>> CredentialsAsync()
    {
        await using var connection = await _temp.Database.OpenAsync(CancellationToken.None);
        return [.. await connection.QueryAsync<string>("SELECT credential_id FROM vault_credentials")];
    }

    private Task<int> ChangeAsync(string sql) =>
        _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(sql, transaction: write.Transaction), CancellationToken.None);
}
