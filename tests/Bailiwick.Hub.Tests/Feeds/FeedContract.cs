using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Feeds;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tests.Storage;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Feeds;

/// <summary>What a feed promises, on both engines.</summary>
public abstract class FeedContract : StoreContract, IAsyncLifetime
{
    private static readonly Actor s_actor = Actor.Job("tests");
    private static readonly CustomerScope s_all = new(All: true, new HashSet<CustomerId>());
    private readonly TempDirectory _keys = new();
    private readonly List<TenantRecord> _tenants = [];
    private VaultKeyring _keyring = null!;
    private FeedStore _store = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _keyring = new VaultKeyring(Database, new FileKekProvider(Path.Combine(_keys.Path, "keys")), Time);
        (await _keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        _store = Store();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        _keyring?.Dispose();
        await DisposeAsync();
        _keys.Dispose();
    }

    [SkippableFact]
    public async Task The_same_bytes_and_receipt_come_until_they_are_confirmed_also_from_new_objects()
    {
        var tenant = await AddTenantAsync();
        await AppendAsync(tenant, "a", "b", "c");
        var feed = await AddFeedAsync();
        var first = await NextAsync(feed, 2);
        await AppendAsync(tenant, "d");
        var again = await NextAsync(feed, 2);
        again.Receipt.ShouldBe(first.Receipt);
        again.Body.ToArray().ShouldBe(first.Body.ToArray());
        IdsOf(first).ShouldBe(["a", "b"]);
        (await ConfirmAsync(feed, first.Receipt!)).ShouldBe(new FeedConfirmation.Confirmed(2));
        IdsOf(await NextAsync(feed, 2)).ShouldBe(["c", "d"]);
    }

    [SkippableFact]
    public async Task An_older_foreign_or_repeated_receipt_moves_nothing()
    {
        var tenant = await AddTenantAsync();
        await AppendAsync(tenant, "a", "b", "c");
        var feed = await AddFeedAsync();
        var other = await AddFeedAsync("other");
        var first = await NextAsync(feed, 1);
        (await ConfirmAsync(other, first.Receipt!)).ShouldBeOfType<FeedConfirmation.Unknown>();
        (await ConfirmAsync(feed, first.Receipt!)).ShouldBeOfType<FeedConfirmation.Confirmed>();
        (await ConfirmAsync(feed, first.Receipt!)).ShouldBeOfType<FeedConfirmation.Already>();
        var second = await NextAsync(feed, 1);
        (await ConfirmAsync(feed, first.Receipt!)).ShouldBeOfType<FeedConfirmation.Unknown>();
        (await PositionAsync(feed, tenant)).ShouldBe(1);
        (await PositionAsync(other, tenant)).ShouldBe(0);
        IdsOf(second).ShouldBe(["b"]);
    }

    [SkippableFact]
    public async Task A_consumer_killed_anywhere_reads_every_change_once_and_in_order_per_tenant()
    {
        var feed = await AddFeedAsync();
        var random = new Random(20260311);
        for (var i = 0; i < 4; i++) await AddTenantAsync();
        var expected = _tenants.ToDictionary(tenant => tenant.Id.ToString(), _ => new List<string>());
        var kept = new Dictionary<string, string>(StringComparer.Ordinal); // the consumer's store: a file per receipt
        var order = new List<string>();
        for (var step = 0; step < 160; step++)
        {
            var tenant = _tenants[random.Next(_tenants.Count)];
            var ids = Enumerable.Range(0, random.Next(3)).Select(i => $"s{step}-{i}").ToArray();
            await AppendAsync(tenant, ids);
            expected[tenant.Id.ToString()].AddRange(ids);
            var batch = await NextAsync(feed, random.Next(1, 6));
            if (batch.Receipt is null || random.Next(4) == 0) continue; // killed before it kept anything
            var text = Encoding.UTF8.GetString(batch.Body.Span);
            if (!kept.TryAdd(batch.Receipt, text)) kept[batch.Receipt].ShouldBe(text);
            else order.Add(batch.Receipt);
            if (random.Next(4) == 0) continue; // killed before it confirmed
            await ConfirmAsync(feed, batch.Receipt);
            if (random.Next(4) == 0) (await ConfirmAsync(feed, batch.Receipt)).ShouldBeOfType<FeedConfirmation.Already>(); // its answer was lost
        }

        while (await NextAsync(feed, 7) is { Receipt: { } receipt } batch)
        {
            if (kept.TryAdd(receipt, Encoding.UTF8.GetString(batch.Body.Span))) order.Add(receipt);
            await ConfirmAsync(feed, receipt);
        }

        order.ShouldBe(order.Order(StringComparer.Ordinal)); // a consumer may sort its files by their names
        var read = order.SelectMany(receipt => RecordsOf(kept[receipt])).ToLookup(record => record.Tenant, record => record.Id);
        foreach (var (tenant, ids) in expected) read[tenant].ShouldBe(ids);
    }

    [SkippableFact]
    public async Task A_key_gets_only_the_customers_that_it_and_the_feed_have_in_common()
    {
        var (ours, theirs, third) = (await AddTenantAsync(), await AddTenantAsync(), await AddTenantAsync());
        foreach (var tenant in _tenants) await AppendAsync(tenant, $"of-{tenant.TenantKey}");
        var feed = await AddFeedAsync("two", ours.Customer, theirs.Customer);
        IdsOf(await NextAsync(feed, 10, ScopeOf(ours, third))).ShouldBe([$"of-{ours.TenantKey}"]);
        FeedAudience.Of(feed, ScopeOf(third)).ShouldBeNull();
        (await AllOfAsync(feed)).ShouldBe([$"of-{theirs.TenantKey}"]);
    }

    [SkippableFact]
    public async Task A_receipt_is_nothing_in_the_hands_of_another_audience()
    {
        var (ours, theirs) = (await AddTenantAsync(), await AddTenantAsync());
        await AppendAsync(ours, "a");
        await AppendAsync(theirs, "b");
        var feed = await AddFeedAsync();
        var batch = await NextAsync(feed, 10, ScopeOf(ours));
        (await ConfirmAsync(feed, batch.Receipt!, ScopeOf(theirs))).ShouldBeOfType<FeedConfirmation.Unknown>();
        (await ConfirmAsync(feed, batch.Receipt!)).ShouldBeOfType<FeedConfirmation.Unknown>();
        (await PositionAsync(feed, ours)).ShouldBe(0);
    }

    [SkippableFact]
    public async Task A_tenant_is_in_one_outstanding_batch_only_until_its_time_is_over()
    {
        var tenant = await AddTenantAsync();
        await AppendAsync(tenant, "a", "b");
        var feed = await AddFeedAsync();
        var scoped = await NextAsync(feed, 10, ScopeOf(tenant));
        (await NextAsync(feed, 10)).Receipt.ShouldBeNull();
        Time.Advance(FeedReader.Lease);
        var taken = await NextAsync(feed, 10);
        IdsOf(taken).ShouldBe(["a", "b"]);
        (await ConfirmAsync(feed, scoped.Receipt!, ScopeOf(tenant))).ShouldBeOfType<FeedConfirmation.Unknown>();
        (await ConfirmAsync(feed, taken.Receipt!)).ShouldBe(new FeedConfirmation.Confirmed(2));
    }

    [SkippableFact]
    public async Task After_its_time_a_batch_too_large_is_taken_apart_by_a_smaller_max_and_else_stays()
    {
        await AppendAsync(await AddTenantAsync(), "a", "b", "c");
        var feed = await AddFeedAsync();
        var large = await NextAsync(feed, 3);
        (await NextAsync(feed, 1)).Receipt.ShouldBe(large.Receipt);
        Time.Advance(FeedReader.Lease);
        (await NextAsync(feed, 3)).Receipt.ShouldBe(large.Receipt);
        var small = await NextAsync(feed, 1);
        IdsOf(small).ShouldBe(["a"]);
        (await ConfirmAsync(feed, large.Receipt!)).ShouldBeOfType<FeedConfirmation.Unknown>();
    }

    [SkippableFact]
    public async Task Tenants_take_turns_however_much_one_of_them_has()
    {
        for (var i = 0; i < 3; i++) await AddTenantAsync();
        await AppendAsync(_tenants[0], [.. Enumerable.Range(0, 50).Select(i => $"flood-{i}")]);
        await AppendAsync(_tenants[1], "x");
        await AppendAsync(_tenants[2], "y");
        var feed = await AddFeedAsync();
        var first = await NextAsync(feed, 2);
        IdsOf(first).ShouldBe(["flood-0", "x"]);
        await ConfirmAsync(feed, first.Receipt!);
        IdsOf(await NextAsync(feed, 2)).ShouldBe(["y", "flood-1"]);
    }

    [SkippableFact]
    public async Task A_record_that_cannot_be_written_is_set_aside_with_the_move_and_blocks_nothing()
    {
        var (tenant, broken) = (await AddTenantAsync(), await AddTenantAsync());
        await AppendAsync(tenant, "a", "!b", "c");
        await AppendAsync(broken, "!only", "!these");
        var feed = await AddFeedAsync();
        var batch = await NextAsync(feed, 10);
        IdsOf(batch).ShouldBe(["a", "c"]);
        (await LettersAsync(tenant)).ShouldBeEmpty();
        (await LettersAsync(broken)).ShouldBe([1, 2]);
        (await PositionAsync(feed, broken)).ShouldBe(2);
        await ConfirmAsync(feed, batch.Receipt!);
        (await LettersAsync(tenant)).ShouldBe([2]);
        (await NextAsync(feed, 10)).Receipt.ShouldBeNull();
    }

    [SkippableFact]
    public async Task Two_who_ask_at_once_get_the_same_batch()
    {
        for (var i = 0; i < 3; i++) await AppendAsync(await AddTenantAsync(), "a", "b");
        var feed = await AddFeedAsync();
        var batches = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => NextAsync(feed, 4))));
        batches.Select(batch => batch.Receipt).Distinct().ShouldHaveSingleItem();
        var confirmed = await Task.WhenAll(batches.Select(batch => Task.Run(() => ConfirmAsync(feed, batch.Receipt!))));
        confirmed.Count(one => one is FeedConfirmation.Confirmed).ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_feed_from_now_gives_only_what_comes_later()
    {
        var tenant = await AddTenantAsync();
        await AppendAsync(tenant, "before");
        var feed = ((FeedAddition.Added)await _store.AddAsync("late", null, "raw", fromNow: true, s_actor, CancellationToken.None)).Feed;
        await AppendAsync(tenant, "after");
        IdsOf(await NextAsync(feed, 10)).ShouldBe(["after"]);
    }

    [SkippableFact]
    public async Task A_feed_changed_outside_the_hub_gives_nothing_and_is_audited()
    {
        var (ours, theirs) = (await AddTenantAsync(), await AddTenantAsync());
        await AddFeedAsync("ours", ours.Customer);
        await Database.WriteAsync(
            write => write.Connection.ExecuteAsync("UPDATE feeds SET customers = @theirs", new { theirs = theirs.Customer.ToString() }, write.Transaction), CancellationToken.None);
        var feed = (await _store.FindAsync("ours", CancellationToken.None))!;
        feed.Intact.ShouldBeFalse();
        await Should.ThrowAsync<SealBrokenException>(() => _store.DemandIntactAsync(feed, CancellationToken.None));
        (await AuditAsync()).ShouldBe(["feed.added", "feed.seal-broken"]);
    }

    [SkippableFact]
    public async Task Adding_and_removing_is_checked_and_audited_and_leaves_no_position()
    {
        var tenant = await AddTenantAsync();
        await AppendAsync(tenant, "a");
        var feed = await AddFeedAsync("siem");
        (await _store.AddAsync("siem", null, "ecs", false, s_actor, CancellationToken.None)).ShouldBeOfType<FeedAddition.NameTaken>();
        var faults = (await _store.AddAsync("No Good", [], "parchment", false, s_actor, CancellationToken.None)).ShouldBeOfType<FeedAddition.Invalid>().Faults;
        faults.Select(fault => fault.Field).ShouldBe(["name", "customers", "format"]);
        (await _store.AddAsync("x", [new CustomerId(Guid.NewGuid())], "raw", false, s_actor, CancellationToken.None)).ShouldBeOfType<FeedAddition.Invalid>();
        await ConfirmAsync(feed, (await NextAsync(feed, 1)).Receipt!);
        (await _store.RemoveAsync("siem", s_actor, CancellationToken.None)).ShouldBeTrue();
        (await _store.RemoveAsync("siem", s_actor, CancellationToken.None)).ShouldBeFalse();
        (await PositionAsync(feed, tenant)).ShouldBe(0);
        IdsOf(await NextAsync(await AddFeedAsync("siem"), 1)).ShouldBe(["a"]);
        (await AuditAsync()).ShouldBe(["feed.added", "feed.removed", "feed.added"]);
    }

    private static CustomerScope ScopeOf(params TenantRecord[] tenants) => new(All: false, tenants.Select(tenant => tenant.Customer).ToHashSet());

    private static IEnumerable<string> IdsOf(FeedBatch batch) => RecordsOf(Encoding.UTF8.GetString(batch.Body.Span)).Select(record => record.Id);

    private static List<(string Tenant, string Id)> RecordsOf(string body)
    {
        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.GetProperty("records").EnumerateArray().Select(record => record.GetProperty("bailiwick"))
            .Select(ours => (ours.GetProperty("tenant_id").GetString()!, ours.GetProperty("alert_id").GetString()!))];
    }

    private FeedStore Store() => new(Database, new AuditLog(_keyring, Time), new RowSeal(_keyring), Time);

    /// <summary>A reader of a hub that has just started: nothing is remembered but what the database holds.</summary>
    private FeedReader Reader() => new(
        Database, new TenantStore(Database, new AuditLog(_keyring, Time), new RowSeal(_keyring), new CloudCatalog(), Time), new AlertLog(Database, Time), new Positions(Database, Time), Time);

    private Task<FeedBatch> NextAsync(FeedDefinition feed, int max, CustomerScope? scope = null) =>
        Reader().NextAsync(feed, FeedAudience.Of(feed, scope ?? s_all)!, max, CancellationToken.None);

    private Task<FeedConfirmation> ConfirmAsync(FeedDefinition feed, string receipt, CustomerScope? scope = null) =>
        Reader().ConfirmAsync(feed, FeedAudience.Of(feed, scope ?? s_all)!, receipt, CancellationToken.None);

    private async Task<List<string>> AllOfAsync(FeedDefinition feed)
    {
        var ids = new List<string>();
        while (await NextAsync(feed, 10) is { Receipt: { } receipt } batch)
        {
            ids.AddRange(IdsOf(batch));
            await ConfirmAsync(feed, receipt);
        }

        return ids;
    }

    private async Task<FeedDefinition> AddFeedAsync(string name = "siem", params CustomerId[] customers) =>
        ((FeedAddition.Added)await _store.AddAsync(name, customers.Length == 0 ? null : customers, "raw", fromNow: false, s_actor, CancellationToken.None)).Feed;

    private async Task<TenantRecord> AddTenantAsync()
    {
        var tenants = new TenantStore(Database, new AuditLog(_keyring, Time), new RowSeal(_keyring), new CloudCatalog(), Time);
        var customer = (AddCustomerResult.Added)await new CustomerStore(Database, new AuditLog(_keyring, Time), Time).AddAsync(s_actor, $"Customer {_tenants.Count}", CancellationToken.None);
        var added = (AddTenantResult.Added)await tenants.AddAsync(s_actor, new TenantId(Guid.NewGuid()), customer.Customer.Id, "public", null, CancellationToken.None);
        _tenants.Add(added.Tenant);
        return added.Tenant;
    }

    /// <summary>An id that begins with <c>!</c> stands for an alert whose stored bytes are no JSON object.</summary>
    private async Task AppendAsync(TenantRecord tenant, params string[] ids)
    {
        var at = Time.GetUtcNow();
        var alerts = ids.Select(id => new CollectedAlert(
            id, at, at, AlertSeverity.Low, AlertStatus.New, SHA256.HashData(Encoding.UTF8.GetBytes(id)), Encoding.UTF8.GetBytes(id[0] == '!' ? "[" : $$"""{"id":"{{id}}"}"""))).ToList();
        await new AlertLog(Database, Time).AppendAsync(tenant.TenantKey, tenant.Id, AlertSources.GraphAlerts, alerts, [], null, CancellationToken.None);
    }

    private async Task<long> PositionAsync(FeedDefinition feed, TenantRecord tenant) =>
        (await new Positions(Database, Time).ReadAsync(feed.Reader, CancellationToken.None)).GetValueOrDefault(tenant.TenantKey);

    private async Task<IEnumerable<long?>> LettersAsync(TenantRecord tenant) =>
        (await new DeadLetters(Database).ListAsync([tenant.TenantKey], "feed:siem", "waiting", null, 10, CancellationToken.None)).Select(letter => letter.LogNumber).Order();

    private async Task<IEnumerable<string>> AuditAsync() =>
        (await AuditLog.ListAsync(Database, 0, 100, null, CancellationToken.None)).Select(record => record.Event).Where(code => code.StartsWith("feed.", StringComparison.Ordinal));
}

public sealed class SqliteFeedTests : FeedContract
{
    protected override Task<Database> CreateAsync() => SqliteAsync();
}

public sealed class PostgresFeedTests : FeedContract
{
    protected override Task<Database> CreateAsync() => PostgresAsync();
}
