using System.Data.Common;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tests.Storage;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts;

public abstract class AlertLogTests : StoreContract
{
    private const string Source = AlertSources.GraphAlerts;
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));

    private AlertLog Log => field ??= new AlertLog(Database, Time);

    private Positions Positions => field ??= new Positions(Database, Time);

    [SkippableFact]
    public async Task Versions_are_numbered_densely_from_one_per_tenant()
    {
        (await AppendAsync(1, Some("a", 0), Some("b", 1))).ShouldBe(2);
        (await AppendAsync(2, Some("a", 0))).ShouldBe(1);
        (await AppendAsync(1, Some("c", 2))).ShouldBe(1);

        (await ReadAsync(1)).Select(version => (version.LogNumber, version.AlertId)).ShouldBe([(1, "a"), (2, "b"), (3, "c")]);
        (await ReadAsync(2)).Select(version => version.LogNumber).ShouldBe([1]);
    }

    [SkippableFact]
    public async Task A_version_seen_again_takes_no_number()
    {
        await AppendAsync(1, Some("a", 0), Some("b", 1));
        (await AppendAsync(1, Some("b", 1), Some("c", 2), Some("a", 0))).ShouldBe(1);
        (await ReadAsync(1)).Select(version => version.LogNumber).ShouldBe([1, 2, 3]);
    }

    [SkippableFact]
    public async Task A_change_within_one_tick_is_a_new_version()
    {
        await AppendAsync(1, Some("a", 0, "one"));
        (await AppendAsync(1, Some("a", 0, "two"))).ShouldBe(1);
    }

    [SkippableFact]
    public async Task Raw_bytes_come_back_exactly()
    {
        var raw = Encoding.UTF8.GetBytes("""{"id":"a" , "n":1.0e400,"u":"\u00e5\ud83d\ude00"}""");
        await AppendAsync(1, Some("a", 0) with { Raw = raw });
        (await ReadAsync(1))[0].Raw.ToArray().ShouldBe(raw);
    }

    [SkippableFact]
    public async Task The_current_state_is_the_newest_version_whatever_the_order_of_arrival()
    {
        await AppendAsync(1, Some("a", 5) with { Status = AlertStatus.Resolved });
        await AppendAsync(1, Some("a", 3) with { Status = AlertStatus.New });
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        (await connection.QuerySingleAsync<long>("SELECT status FROM alerts WHERE alert_id = 'a'")).ShouldBe((long)AlertStatus.Resolved);
        (await ReadAsync(1)).Count.ShouldBe(2);
    }

    [SkippableFact]
    public async Task Writers_side_by_side_leave_no_gap_and_no_double()
    {
        var pages = Enumerable.Range(0, 12).Select(page => Enumerable.Range(0, 20).Select(i => Some($"alert-{((page * 10) + i) % 150}", 0)).ToArray()).ToList();
        await Task.WhenAll(pages.Select(page => Task.Run(() => AppendAsync(1, page))));
        var versions = await ReadAsync(1);
        versions.Select(version => version.LogNumber).ShouldBe(Enumerable.Range(1, versions.Count).Select(number => (long)number));
        versions.Select(version => version.AlertId).Distinct().Count().ShouldBe(versions.Count);
        versions.Count.ShouldBe(pages.SelectMany(page => page).Select(alert => alert.AlertId).Distinct().Count());
    }

    [SkippableFact]
    public async Task The_checkpoint_comes_with_the_page_or_not_at_all()
    {
        var checkpoints = new Checkpoints(Database);
        var walk = new CleanWalk(Time.GetUtcNow().AddMinutes(-20), Time.GetUtcNow(), Time.GetUtcNow(), TimeSpan.FromHours(6), SomeCheckpoint());
        Database.Lease = await Lease.TryTakeAsync(Database, "hub", "one", TimeSpan.FromSeconds(10), takeOver: false, Time, CancellationToken.None);
        (await Lease.TryTakeAsync(Database, "hub", "two", TimeSpan.FromSeconds(10), takeOver: true, Time, CancellationToken.None)).ShouldNotBeNull();

        await Should.ThrowAsync<LeaseLostException>(() => Log.AppendAsync(1, Tenant, Source, [Some("a", 0)], [], walk, CancellationToken.None));
        (await checkpoints.FindAsync(1, Source, CancellationToken.None)).ShouldBeNull();
        (await ReadAsync(1)).ShouldBeEmpty();

        Database.Lease = null;
        await Log.AppendAsync(1, Tenant, Source, [Some("a", 0)], [], walk, CancellationToken.None);
        (await checkpoints.FindAsync(1, Source, CancellationToken.None)).ShouldBe(walk.Earned);
    }

    [SkippableFact]
    public async Task A_lease_is_taken_by_one_and_by_the_next_only_when_it_expired()
    {
        var first = await Lease.TryTakeAsync(Database, "hub", "one", TimeSpan.FromSeconds(10), takeOver: false, Time, CancellationToken.None);
        (await Lease.TryTakeAsync(Database, "hub", "two", TimeSpan.FromSeconds(10), takeOver: false, Time, CancellationToken.None)).ShouldBeNull();
        Time.Advance(TimeSpan.FromSeconds(11));
        var second = await Lease.TryTakeAsync(Database, "hub", "two", TimeSpan.FromSeconds(10), takeOver: false, Time, CancellationToken.None);
        second!.Epoch.ShouldBe(first!.Epoch + 1);
        (await first.RenewAsync(Database, TimeSpan.FromSeconds(10), Time, CancellationToken.None)).ShouldBeFalse();
        (await second.RenewAsync(Database, TimeSpan.FromSeconds(10), Time, CancellationToken.None)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task Versions_of_a_commit_whose_answer_was_lost_are_announced_by_the_next_one()
    {
        var disk = new LostAnswers(Database);
        var log = new AlertLog(disk, Time);
        var announced = new List<long>();
        log.Appended += (_, head) => announced.Add(head);
        disk.IsIll = true;
        await Should.ThrowAsync<IOException>(() => log.AppendAsync(1, Tenant, Source, [Some("a", 0), Some("b", 1)], [], null, CancellationToken.None));
        announced.ShouldBeEmpty();
        disk.IsIll = false;
        (await log.AppendAsync(1, Tenant, Source, [Some("a", 0), Some("b", 1)], [], null, CancellationToken.None)).Added.ShouldBe(0);
        announced.ShouldBe([2], "else no reader hears of them before the tenant's next alert");
        await log.AppendAsync(1, Tenant, Source, [Some("a", 0)], [], null, CancellationToken.None);
        announced.Count.ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_rejected_record_is_set_aside_once_with_its_bytes()
    {
        var rejected = new RejectedRecord("x", "foreign-tenant", "It names another tenant.", new byte[] { 1, 2, 3 });
        await Log.AppendAsync(1, Tenant, Source, [], [rejected], null, CancellationToken.None);
        await Log.AppendAsync(1, Tenant, Source, [], [rejected], null, CancellationToken.None);
        var letters = await new DeadLetters(Database).ListAsync(null, null, null, null, 10, CancellationToken.None);
        letters.Count.ShouldBe(1);
        letters[0].Reason.ShouldBe("foreign-tenant");
        (await new DeadLetters(Database).ReadRawAsync(letters[0].Id, CancellationToken.None)).ShouldBe([1, 2, 3]);
    }

    [SkippableFact]
    public async Task A_position_moves_only_from_where_its_reader_thinks_it_is()
    {
        await Positions.MoveAsync("sink:x", 1, 0, 5, null, CancellationToken.None);
        await Should.ThrowAsync<PositionMovedException>(() => Positions.MoveAsync("sink:x", 1, 0, 9, null, CancellationToken.None));
        (await Positions.ReadAsync("sink:x", CancellationToken.None))[1].ShouldBe(5);
    }

    [SkippableFact]
    public async Task A_version_is_set_aside_in_the_transaction_that_moves_past_it()
    {
        await AppendAsync(1, Some("a", 0));
        var version = (await ReadAsync(1))[0];
        await Positions.MoveAsync("sink:x", 1, 0, 4, null, CancellationToken.None);
        await Should.ThrowAsync<PositionMovedException>(
            () => Positions.MoveAsync("sink:x", 1, 0, 1, new SetAside(version, "Rejected", "No."), CancellationToken.None));
        (await new DeadLetters(Database).ListAsync(null, null, null, null, 10, CancellationToken.None)).ShouldBeEmpty();
        await Positions.MoveAsync("sink:x", 1, 4, 5, new SetAside(version, "Rejected", "No."), CancellationToken.None);
        (await new DeadLetters(Database).ListAsync([1], "sink:x", "waiting", null, 10, CancellationToken.None)).Single().LogNumber.ShouldBe(1);
    }

    [SkippableFact]
    public async Task After_a_crash_a_reader_goes_back_by_the_resend_window_at_least()
    {
        for (var second = 0; second < 120; second++)
        {
            await Positions.MoveAsync("sink:x", 1, second, second + 1, null, CancellationToken.None);
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Positions.RewindAsync("sink:x", CancellationToken.None);
        var back = 120 - (await Positions.ReadAsync("sink:x", CancellationToken.None))[1];
        back.ShouldBeInRange(30, 61);
    }

    [SkippableFact]
    public async Task Current_alerts_are_listed_newest_first_page_by_page()
    {
        await AppendAsync(1, [.. Enumerable.Range(0, 7).Select(i => Some($"a{i}", i))]);
        await AppendAsync(2, [.. Enumerable.Range(0, 5).Select(i => Some($"b{i}", i) with { Severity = AlertSeverity.High })]);
        var query = new AlertQuery(Database);
        var seen = new List<string>();
        for (AlertCursor? after = null; ;)
        {
            var page = await query.ListAsync(new AlertFilter(After: after, Count: 5), CancellationToken.None);
            seen.AddRange(page.Select(alert => alert.AlertId));
            if (page.Count < 5) break;
            after = new AlertCursor(page[^1].UpdatedAt, page[^1].TenantKey, page[^1].Source, page[^1].AlertId);
        }

        seen.ShouldBe(["a6", "a5", "b4", "a4", "b3", "a3", "b2", "a2", "b1", "a1", "b0", "a0"]);
        (await query.ListAsync(new AlertFilter(TenantKeys: []), CancellationToken.None)).ShouldBeEmpty();
        (await query.ListAsync(new AlertFilter(TenantKeys: [1], Severities: [AlertSeverity.High]), CancellationToken.None)).ShouldBeEmpty();
        (await query.ListAsync(new AlertFilter(UpdatedFrom: Time.GetUtcNow().AddSeconds(4), Severities: [AlertSeverity.High]), CancellationToken.None))
            .Select(alert => alert.AlertId).ShouldBe(["b4"]);
    }

    [SkippableFact]
    public async Task An_alerts_versions_form_a_chain()
    {
        await AppendAsync(1, Some("a", 0), Some("b", 0));
        await AppendAsync(1, Some("a", 9));
        await AppendAsync(1, Some("a", 4));
        var query = new AlertQuery(Database);
        var alert = await query.FindAsync(1, Source, "a", CancellationToken.None);
        alert!.LogNumber.ShouldBe(3);
        (await query.ListVersionsAsync(alert, 10, CancellationToken.None)).Select(version => version.LogNumber).ShouldBe([1, 3, 4]);
        (await query.FindAsync(1, Source, "A", CancellationToken.None)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task Reading_stops_at_the_byte_limit_but_never_at_nothing()
    {
        await AppendAsync(1, Some("a", 0), Some("b", 1), Some("c", 2));
        (await Log.ReadAsync(1, Tenant, 0, 10, 1, CancellationToken.None)).Count.ShouldBe(1);
        (await Log.ReadAsync(1, Tenant, 1, 1, int.MaxValue, CancellationToken.None)).Single().AlertId.ShouldBe("b");
    }

    [SkippableFact]
    public async Task Waiting_letters_are_chosen_by_every_part_given()
    {
        await RejectAsync(1, "oversized", "one");
        Time.Advance(TimeSpan.FromMinutes(10));
        await RejectAsync(1, "foreign-tenant", "two");
        await RejectAsync(2, "foreign-tenant", "three");
        var noon = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromMinutes(10));
        await RejectAsync(1, "foreign-tenant", "four");

        (await ChangeAsync(new DeadLetterFilter(OnlySinks: true))).ShouldBe(0);
        (await ChangeAsync(new DeadLetterFilter(Reason: "Foreign-Tenant", From: noon.AddMinutes(1)))).ShouldBe(1);
        (await ChangeAsync(new DeadLetterFilter(To: noon))).ShouldBe(1);
        (await ChangeAsync(new DeadLetterFilter(TenantKeys: [2]))).ShouldBe(1);
        (await new DeadLetters(Database).ListAsync(null, null, "waiting", null, 10, CancellationToken.None)).Single().AlertId.ShouldBe("two");
    }

    private Task RejectAsync(long tenantKey, string reason, string id) =>
        Log.AppendAsync(tenantKey, Tenant, Source, [], [new RejectedRecord(id, reason, "No.", Encoding.UTF8.GetBytes(id))], null, CancellationToken.None);

    private async Task<long> ChangeAsync(DeadLetterFilter filter) =>
        (await Database.WriteAsync(write => DeadLetters.ChangeWaitingAsync(write, filter, "discarded"), CancellationToken.None)).Sum(group => group.Count);

    [SkippableFact]
    public async Task The_oldest_news_is_what_is_new_of_an_alert_not_what_is_only_spelled_anew()
    {
        var first = await Log.AppendAsync(1, Tenant, Source, [Some("a", 10), Some("b", 5)], [], null, CancellationToken.None);
        first.OldestNews.ShouldBe(Time.GetUtcNow().AddSeconds(5));
        var spelledAnew = await Log.AppendAsync(1, Tenant, Source, [Some("a", 10, "other"), Some("b", 4)], [], null, CancellationToken.None);
        spelledAnew.ShouldBe(new AppendResult(2, null));
        var again = await Log.AppendAsync(1, Tenant, Source, [Some("a", 10), Some("a", 30)], [], null, CancellationToken.None);
        again.ShouldBe(new AppendResult(1, Time.GetUtcNow().AddSeconds(30)));
    }

    /// <summary>Commits, and does not say so.</summary>
    private sealed class LostAnswers(Database inner) : Database
    {
        public bool IsIll { get; set; }

        public override SqlDialect Dialect => inner.Dialect;

        public override Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

        public override async Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
        {
            var result = await inner.WriteAsync(work, cancellationToken);
            return IsIll ? throw new IOException("The connection broke while the commit was acknowledged.") : result;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private async Task<int> AppendAsync(long tenantKey, params CollectedAlert[] alerts) =>
        (await Log.AppendAsync(tenantKey, Tenant, Source, alerts, [], null, CancellationToken.None)).Added;

    private Task<List<AlertVersion>> ReadAsync(long tenantKey) => Log.ReadAsync(tenantKey, Tenant, 0, 1000, int.MaxValue, CancellationToken.None);

    private CollectedAlert Some(string id, int seconds, string content = "x")
    {
        var at = Time.GetUtcNow().AddSeconds(seconds);
        return new CollectedAlert(
            id, at, at, AlertSeverity.Low, AlertStatus.New, System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)), Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","c":"{{content}}"}"""));
    }

    private Checkpoint SomeCheckpoint()
    {
        var now = Time.GetUtcNow();
        return new Checkpoint { Cursor = now, WalkedAt = now, HourSweptAt = now, DaySweptAt = now, BackfilledTo = now.AddDays(-1), LateBy = TimeSpan.FromMinutes(7) };
    }
}

public sealed class SqliteAlertLogTests : AlertLogTests
{
    [Fact]
    public async Task What_a_walk_asks_of_the_log_reads_only_its_own_window()
    {
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        var plan = await connection.QueryAsync<(long, long, long, string Detail)>("EXPLAIN QUERY PLAN " + AlertLog.SelectCurrent, new { tenant = 1, source = "x", from = 1, to = 2 });
        plan.Single().Detail.ShouldContain("tenant_key=? AND source=? AND updated_at>? AND updated_at<?");
    }

    protected override Task<Database> CreateAsync() => SqliteAsync();
}

public sealed class PostgresAlertLogTests : AlertLogTests
{
    protected override Task<Database> CreateAsync() => PostgresAsync();
}
