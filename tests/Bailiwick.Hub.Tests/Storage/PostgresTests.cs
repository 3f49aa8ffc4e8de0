using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Tests.Vault;
using Bailiwick.Hub.Vault;
using Bailiwick.ScaleOut;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Storage;

/// <summary>The stores besides the alert log, walked through once on a real PostgreSQL; what they mean is tested on SQLite.</summary>
public sealed class PostgresTests
{
    private static readonly Actor s_actor = new("key", "tests");

    [SkippableFact]
    public async Task Vault_audit_customers_keys_connections_and_sinks_hold_on_postgres()
    {
        await using var database = new PostgresDatabase(await PostgresServer.CreateDatabaseAsync());
        await Migrator.MigrateAsync(database, CancellationToken.None);
        using var temp = new TempDirectory();
        var folder = temp.Path;
        var time = new ManualTime();
        using var keyring = new VaultKeyring(database, new FileKekProvider(Path.Combine(folder, "keys")), time);
        (await keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        var vault = new CredentialVault(database, keyring, time);
        var audit = new AuditLog(keyring, time);
        var seal = new RowSeal(keyring);

        // The chain stays single when many connections append at once.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) await database.WriteAsync(write => audit.AppendAsync(write, new AuditEntry("sink.added", s_actor)), CancellationToken.None);
        })));
        (await AuditVerifier.VerifyAsync(database, keyring, Path.Combine(folder, "none"), CancellationToken.None)).ShouldBe(new AuditVerdict.Intact(80, 0));

        var customers = new CustomerStore(database, audit, time);
        var tenants = new TenantStore(database, audit, seal, new CloudCatalog(), time);
        var tenant = new TenantId(Guid.NewGuid());
        (await new CustomerImporter(database, customers, tenants).ImportAsync(s_actor, [new("Mill", tenant)], CancellationToken.None)).ShouldBe(new CustomerImportResult.Imported(1, 1, 0));
        (await tenants.GetAsync(tenant, CancellationToken.None))!.TenantKey.ShouldBe(1);
        var all = await customers.ListAsync(null, 10, null, CancellationToken.None);
        (await customers.ListAsync(null, 10, new HashSet<CustomerId> { all[0].Id }, CancellationToken.None)).Count.ShouldBe(1);
        (await customers.ListAsync(null, 10, new HashSet<CustomerId>(), CancellationToken.None)).ShouldBeEmpty();

        var keys = new ApiKeyStore(database, audit, keyring, seal, time);
        var path = await keys.EnsureOwnerKeyAsync(folder, CancellationToken.None);
        (await keys.AuthenticateAsync((await File.ReadAllTextAsync(path!)).Trim(), CancellationToken.None)).ShouldNotBeNull();
        var key = (await keys.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();
        (await keys.RevokeAsync(s_actor, key.Id, CancellationToken.None)).ShouldBeTrue();

        var applications = new ApplicationStore(database, vault, audit, seal, time);
        using var credential = ApplicationCredential.FromSecret(Secret.FromText("s"), time.GetUtcNow().AddDays(90));
        var application = (await applications.AddAsync(s_actor, "collect", Guid.NewGuid(), credential, CancellationToken.None))!;
        (await applications.ReplaceCredentialAsync(s_actor, application.Id, credential, CancellationToken.None)).ShouldBeTrue();
        var connections = new ConnectionStore(database, vault, audit, seal, time);
        using var token = Secret.FromText("t");
        var put = await database.WriteAsync(
            write => connections.PutAsync(write, s_actor, tenant, application.Id, ConnectionFlow.AuthorizationCode, SourceChoice.Of("GraphAlerts"), token), CancellationToken.None);
        (await connections.GetAsync(tenant, CancellationToken.None)).ShouldBe(put);
        (await connections.ListAllAsync(CancellationToken.None)).ShouldBe([put]);

        var id = put.Credential!.Value;
        await database.WriteAsync(write => vault.ReplaceAsync(write, id, VaultOwner.Of(tenant), "connection", token), CancellationToken.None);
        (await vault.OpenAllAsync(id, VaultOwner.Of(tenant), "connection", CancellationToken.None)).Count.ShouldBe(2);
        await database.WriteAsync(write => vault.ConfirmAsync(write, id), CancellationToken.None);
        await vault.RotateKekAsync(CredentialVaultTests.NoRecord, CancellationToken.None);
        time.Advance(TimeSpan.FromDays(91));
        (await vault.RotateDataKeysAsync(CredentialVaultTests.NoRecord, CancellationToken.None)).ShouldBe(2);
        (await vault.OpenAsync(id, VaultOwner.Of(tenant), "connection", CancellationToken.None)).RevealText().ShouldBe("t");
        await database.WriteAsync(write => vault.DestroyOwnerAsync(write, tenant), CancellationToken.None);

        var sinks = new SinkStore(database, vault, audit, seal, time);
        var settings = JsonSerializer.SerializeToElement(new { url = "https://splunk.example:8088" });
        var added = (await sinks.AddAsync("splunk", "splunk-hec", settings, token, SinkStart.Now, null, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Added>().Sink;
        (await sinks.ParkAsync("splunk", parked: true, s_actor, CancellationToken.None)).ShouldBeTrue();
        (await sinks.GetAsync("splunk", CancellationToken.None))!.ShouldSatisfyAllConditions(
            sink => sink.Id.ShouldBe(added.Id), sink => sink.Credential.ShouldBe(added.Credential), sink => sink.Parked.ShouldBeTrue(), sink => sink.Intact.ShouldBeTrue());
        (await sinks.RemoveAsync("splunk", s_actor, CancellationToken.None)).ShouldBeTrue();
        (await sinks.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }
}
