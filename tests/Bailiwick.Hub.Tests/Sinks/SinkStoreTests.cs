using System.Text.Json;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tests.Sinks;

public sealed class SinkStoreTests
{
    private const string Canary = "canary-7f3e";
    private static readonly Actor s_actor = Actor.Job("tests");
    private static readonly JsonElement s_splunk = Json("""{"url":"https://splunk.example:8088","acknowledgement":true}""");

    [Fact]
    public async Task A_sink_changed_outside_the_hub_is_shown_and_not_used()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        (await store.AddAsync("splunk", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Added>();
        (await store.ListAsync(CancellationToken.None)).Single().Intact.ShouldBeTrue();
        await temp.Database.WriteAsync(
            write => write.Connection.ExecuteAsync("UPDATE sinks SET settings = replace(settings, 'splunk.example', 'thief.example')", transaction: write.Transaction),
            CancellationToken.None);
        (await store.ListAsync(CancellationToken.None)).Single().Intact.ShouldBeFalse();

        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = new SinkSet(store, temp.Vault, outbound, new CloudCatalog(), temp.Time, NullLogger<SinkSet>.Instance);
        var open = (await set.OpenAsync(CancellationToken.None)).ShouldHaveSingleItem();
        var answer = await open.Sink.SendAsync(new AlertBatch(new TenantId(Guid.NewGuid()), new CustomerId(Guid.NewGuid()), "C", []), CancellationToken.None);
        answer.ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
        (await AuditLog.ListAsync(temp.Database, 0, 100, null, CancellationToken.None)).Select(record => record.Event).ShouldContain("sink.seal-broken");
    }

    [Fact]
    public async Task A_changed_sink_is_recorded_once_an_hour_however_often_the_sinks_are_opened()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        await AddFilesAsync(store);
        await ChangeAsync(temp, "kind = 'syslog'");
        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = Set(store, temp, outbound);
        for (var i = 0; i < 3; i++) await set.OpenAsync(CancellationToken.None);
        (await AuditLog.ListAsync(temp.Database, 0, 100, null, CancellationToken.None)).Count(record => record.Event == "sink.seal-broken").ShouldBe(1);
    }

    [Theory]
    [InlineData("settings = '{'")]
    [InlineData("sink_id = 'none'")]
    [InlineData("credential_id = 'none'")]
    [InlineData("created_at = -1")]
    public async Task A_changed_row_that_cannot_be_read_keeps_no_other_sink_from_its_alerts_and_can_be_removed(string change)
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        await AddFilesAsync(store);
        using var secret = Secret.FromText(Canary);
        await store.AddAsync("splunk", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        await ChangeAsync(temp, change, "splunk");
        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = Set(store, temp, outbound);
        (await set.OpenAsync(CancellationToken.None)).Select(sink => sink.Name).ShouldBe(["files", "splunk"]);
        (await store.RemoveAsync("splunk", s_actor, CancellationToken.None)).ShouldBeTrue();
        (await store.ListAsync(CancellationToken.None)).ShouldHaveSingleItem().Name.ShouldBe("files");
    }

    [Fact]
    public async Task An_open_sink_is_not_used_under_the_row_of_another()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = Set(store, temp, outbound);
        await AddFilesAsync(store);
        var first = (await set.OpenAsync(CancellationToken.None)).ShouldHaveSingleItem();
        await ChangeAsync(temp, "name = 'others'");
        var changed = (await set.OpenAsync(CancellationToken.None)).ShouldHaveSingleItem();
        (changed.Name, ReferenceEquals(changed.Sink, first.Sink)).ShouldBe(("others", false));
    }

    [Fact]
    public async Task Removing_a_changed_sink_destroys_its_own_secret_and_no_other()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        var one = (SinkAddition.Added)await store.AddAsync("one", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        var two = (SinkAddition.Added)await store.AddAsync("two", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        await ChangeAsync(temp, $"credential_id = '{one.Sink.Credential}'", "two");
        (await store.RemoveAsync("two", s_actor, CancellationToken.None)).ShouldBeTrue();
        using (var kept = await temp.Vault.OpenAsync(one.Sink.Credential!.Value, VaultOwner.Provider, SinkStore.PurposeOf(one.Sink.Id), CancellationToken.None)) kept.RevealText().ShouldBe(Canary);
        await Should.ThrowAsync<CredentialMissingException>(
            () => temp.Vault.OpenAsync(two.Sink.Credential!.Value, VaultOwner.Provider, SinkStore.PurposeOf(two.Sink.Id), CancellationToken.None));
    }

    [Fact]
    public async Task A_sink_that_did_not_open_is_tried_again_with_the_next_batch()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        await using var receiver = await HecReceiver.StartAsync(new HecReceiverOptions { Token = Canary }, CancellationToken.None);
        await store.AddAsync("splunk", "splunk-hec", Json($$"""{"url":"{{receiver.Url}}"}"""), secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        await SecretsAsync("aside");
        using var outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true });
        await using var set = Set(store, temp, outbound);
        var open = (await set.OpenAsync(CancellationToken.None)).ShouldHaveSingleItem();
        open.Class.ShouldBe(SinkClass.Accepted);
        (await open.Sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
        await SecretsAsync("provider");
        (await open.Sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        (await set.OpenAsync(CancellationToken.None)).Single().Sink.ShouldBeSameAs(open.Sink);

        Task SecretsAsync(string owner) => temp.Database.WriteAsync(
            write => write.Connection.ExecuteAsync("UPDATE vault_credentials SET owner = @owner", new { owner }, write.Transaction), CancellationToken.None);
    }

    [Fact]
    public async Task A_sink_is_stored_with_its_secret_in_the_vault_only()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        var added = (await store.AddAsync("splunk", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Added>();
        added.Sink.Credential.ShouldNotBeNull();
        var listed = (await store.ListAsync(CancellationToken.None)).ShouldHaveSingleItem();
        (listed.Name, listed.Kind, listed.Parked, listed.Id).ShouldBe(("splunk", "splunk-hec", false, added.Sink.Id));
        listed.Settings.GetRawText().ShouldBe(s_splunk.GetRawText());
        temp.Temp.ReadFiles().AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)).ShouldBe(-1);
        using var opened = await temp.Vault.OpenAsync(added.Sink.Credential.Value, VaultOwner.Provider, SinkStore.PurposeOf(added.Sink.Id), CancellationToken.None);
        opened.RevealText().ShouldBe(Canary);
    }

    [Fact]
    public async Task Every_fault_is_named_at_once_and_nothing_is_stored()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        var invalid = (await store.AddAsync("No Good", "splunk-hec", Json("""{"token":"x"}"""), null, SinkStart.Beginning, null, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Invalid>();
        invalid.Faults.Count.ShouldBe(4); // name, url, unknown member, secret
        (await store.AddAsync("files", "parchment", Json("{}"), null, SinkStart.Beginning, null, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Invalid>().Faults.Single().Sentence.ShouldContain("jsonlines");
        (await store.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        (await AddFilesAsync(store)).ShouldBeOfType<SinkAddition.Added>();
        (await AddFilesAsync(store)).ShouldBeOfType<SinkAddition.NameTaken>();
    }

    [Fact]
    public async Task Removing_destroys_the_secret_and_every_change_is_audited()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        var added = (SinkAddition.Added)await store.AddAsync("splunk", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        (await store.ParkAsync("splunk", parked: true, s_actor, CancellationToken.None)).ShouldBeTrue();
        (await store.GetAsync("splunk", CancellationToken.None))!.Parked.ShouldBeTrue();
        (await store.RemoveAsync("splunk", s_actor, CancellationToken.None)).ShouldBeTrue();
        (await store.RemoveAsync("splunk", s_actor, CancellationToken.None)).ShouldBeFalse();
        await Should.ThrowAsync<Exception>(() => temp.Vault.OpenAsync(added.Sink.Credential!.Value, VaultOwner.Provider, SinkStore.PurposeOf(added.Sink.Id), CancellationToken.None));
        await using var connection = await temp.Database.OpenAsync(CancellationToken.None);
        var events = await connection.QueryAsync<string>("SELECT event FROM audit_records WHERE event LIKE 'sink.%' ORDER BY 1");
        events.ShouldBe(["sink.added", "sink.parked", "sink.removed"]);
    }

    [Fact]
    public async Task Open_sinks_stay_the_same_objects_and_parked_ones_are_closed()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = new SinkSet(store, temp.Vault, outbound, new CloudCatalog(), temp.Time, NullLogger<SinkSet>.Instance);
        await AddFilesAsync(store);
        var first = (await set.OpenAsync(CancellationToken.None)).ShouldHaveSingleItem();
        (first.Name, first.Class).ShouldBe(("files", SinkClass.Confirmed));
        (await set.OpenAsync(CancellationToken.None)).Single().Sink.ShouldBeSameAs(first.Sink);
        await store.ParkAsync("files", parked: true, s_actor, CancellationToken.None);
        (await set.OpenAsync(CancellationToken.None)).ShouldBeEmpty();
        await store.ParkAsync("files", parked: false, s_actor, CancellationToken.None);
        (await set.OpenAsync(CancellationToken.None)).Single().Sink.ShouldNotBeSameAs(first.Sink);
    }

    [Fact]
    public async Task A_sink_whose_secret_is_gone_waits_and_keeps_no_other_from_opening()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        using var secret = Secret.FromText(Canary);
        var added = (SinkAddition.Added)await store.AddAsync("splunk", "splunk-hec", s_splunk, secret, SinkStart.Beginning, null, s_actor, CancellationToken.None);
        await AddFilesAsync(store);
        await temp.Database.WriteAsync(write => temp.Vault.DestroyAsync(write, added.Sink.Credential!.Value), CancellationToken.None);
        using var outbound = new OutboundFactory(new OutboundOptions());
        await using var set = new SinkSet(store, temp.Vault, outbound, new CloudCatalog(), temp.Time, NullLogger<SinkSet>.Instance);
        var sinks = await set.OpenAsync(CancellationToken.None);
        sinks.Select(sink => sink.Name).ShouldBe(["files", "splunk"]);
        (await sinks[1].Sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None))
            .ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    [Fact]
    public async Task What_a_sink_gets_is_kept_with_it_and_cannot_be_changed_outside_the_hub()
    {
        await using var temp = await TempVault.CreateAsync();
        var store = Store(temp);
        var routing = new V1.SinkRouting([new CustomerId(Guid.NewGuid())], ["high", "unknown"], ["GraphIncidents"], ["incident"], ["a.b"]);
        (await store.AddAsync("files", "jsonlines", Json("""{"directory":"/tmp"}"""), null, SinkStart.Beginning, routing, s_actor, CancellationToken.None)).ShouldBeOfType<SinkAddition.Added>();
        var kept = (await store.GetAsync("files", CancellationToken.None))!;
        kept.Intact.ShouldBeTrue();
        JsonSerializer.Serialize(kept.Routing.Wish).ShouldBe(JsonSerializer.Serialize(routing));
        await temp.Database.WriteAsync(write => write.Connection.ExecuteAsync("UPDATE sinks SET routing = '{}'", transaction: write.Transaction), CancellationToken.None);
        (await store.GetAsync("files", CancellationToken.None))!.Intact.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"severities":["High"]}""", "severities")]
    [InlineData("""{"severities":[]}""", "severities")]
    [InlineData("""{"sources":["GraphAlerts","GraphAlerts"]}""", "sources")]
    [InlineData("""{"sources":["Sentinel"]}""", "sources")]
    [InlineData("""{"kinds":["alarm"]}""", "kinds")]
    [InlineData("""{"redact":["a..b"]}""", "redact")]
    [InlineData("""{"customers":[]}""", "customers")]
    public async Task A_routing_that_cannot_be_meant_is_refused_by_member(string routing, string member)
    {
        await using var temp = await TempVault.CreateAsync();
        var wish = JsonSerializer.Deserialize<V1.SinkRouting>(routing, ApiJson.Strict);
        var refused = await Store(temp).AddAsync("files", "jsonlines", Json("""{"directory":"/tmp"}"""), null, SinkStart.Beginning, wish, s_actor, CancellationToken.None);
        refused.ShouldBeOfType<SinkAddition.Invalid>().Faults.Single().Field.ShouldBe($"routing.{member}");
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(25, 3)]
    [InlineData(60, 4)]
    public async Task A_sink_can_begin_at_a_time_of_collection(int minutes, long position)
    {
        await using var temp = await TempVault.CreateAsync();
        var time = new ManualTime();
        var log = new AlertLog(temp.Database, time);
        var tenant = new TenantId(Guid.NewGuid());
        var begin = time.GetUtcNow();
        foreach (var pause in (int[])[0, 10, 10, 10])
        {
            time.Advance(TimeSpan.FromMinutes(pause));
            var at = time.GetUtcNow();
            await log.AppendAsync(
                1, tenant, AlertSources.GraphAlerts, [new CollectedAlert($"a{at.Ticks}", at, at, AlertSeverity.Low, AlertStatus.New, new byte[32], "{}"u8.ToArray())], [], null, CancellationToken.None);
        }

        await Store(temp).AddAsync(
            "files", "jsonlines", Json("""{"directory":"/tmp"}"""), null, new SinkStart(false, begin.AddMinutes(minutes)), null, s_actor, CancellationToken.None);
        (await new Positions(temp.Database, temp.Time).ReadAsync("sink:files", CancellationToken.None)).GetValueOrDefault(1).ShouldBe(position);
    }

    [Fact]
    public async Task A_sink_begins_now_or_at_a_time_not_both()
    {
        await using var temp = await TempVault.CreateAsync();
        var refused = await Store(temp).AddAsync(
            "files", "jsonlines", Json("""{"directory":"/tmp"}"""), null, new SinkStart(true, temp.Time.GetUtcNow()), null, s_actor, CancellationToken.None);
        refused.ShouldBeOfType<SinkAddition.Invalid>().Faults.Single().Field.ShouldBe("startAt");
    }

    private static Task<SinkAddition> AddFilesAsync(SinkStore store) =>
        store.AddAsync("files", "jsonlines", Json("""{"directory":"/tmp"}"""), null, SinkStart.Beginning, null, s_actor, CancellationToken.None);

    private static Task ChangeAsync(TempVault temp, string change, string name = "files") => temp.Database.WriteAsync(
        write => write.Connection.ExecuteAsync($"UPDATE sinks SET {change} WHERE name = '{name}'", transaction: write.Transaction), CancellationToken.None);

    private static SinkSet Set(SinkStore store, TempVault temp, OutboundFactory outbound) => new(store, temp.Vault, outbound, new CloudCatalog(), temp.Time, NullLogger<SinkSet>.Instance);

    private static SinkStore Store(TempVault temp) => new(temp.Database, temp.Vault, new AuditLog(temp.Keyring, temp.Time), new RowSeal(temp.Keyring), temp.Time);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
