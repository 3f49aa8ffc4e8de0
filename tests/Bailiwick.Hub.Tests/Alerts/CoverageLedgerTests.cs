using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tests.Storage;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts;

public abstract class CoverageLedgerTests : StoreContract
{
    private const string Source = AlertSources.GraphAlerts;
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(6);

    private CoverageLedger Ledger => new(Database);

    private AlertLog Log => new(Database, Time);

    [SkippableFact]
    public async Task An_hour_is_covered_once_the_cursor_has_passed_its_end()
    {
        Time.Advance(TimeSpan.FromMinutes(4)); // 08:04
        await WalkAsync(hoursBack: 2, settle: TimeSpan.FromMinutes(5));
        (await HoursAsync(4)).Select(hour => hour.CoveredAt is not null).ShouldBe([true], "07:00 to 08:00 ends after the cursor");
        Time.Advance(TimeSpan.FromMinutes(2)); // 08:06
        await WalkAsync(hoursBack: 0.3, settle: TimeSpan.FromMinutes(5));
        (await HoursAsync(4)).Select(hour => (hour.CoveredAt is not null, hour.WalkedAt is not null)).ShouldBe([(true, true), (true, false)]);
    }

    [SkippableFact]
    public async Task An_hour_is_proven_by_a_whole_walk_after_the_late_horizon()
    {
        await WalkAsync(hoursBack: 3);
        (await HoursAsync(3)).ShouldAllBe(hour => hour.ProvenAt == null);
        Time.Advance(Horizon);
        await WalkAsync(hoursBack: 9);
        (await HoursAsync(9)).Select(hour => hour.ProvenAt is not null).ShouldBe([true, true, true, false, false, false, false, false, false]);
    }

    [SkippableFact]
    public async Task News_takes_the_proof_back_and_the_next_quiet_walk_gives_it_again()
    {
        await WalkAsync(hoursBack: 3);
        var inside = Time.GetUtcNow().AddHours(-2.5);
        Time.Advance(Horizon);
        await WalkAsync(hoursBack: 9);
        Time.Advance(TimeSpan.FromMinutes(10));
        await WalkAsync(hoursBack: 9, Some("late", inside));
        var hour = (await HoursAsync(9))[0];
        (hour.Versions, hour.LastNumber, hour.ProvenAt).ShouldBe((1, 1, (long?)null));
        (await Ledger.FindOldestUnprovenAsync(1, Source, 0, CancellationToken.None)).ShouldBe(hour.Hour);
        Time.Advance(TimeSpan.FromMinutes(10));
        await WalkAsync(hoursBack: 9.4);
        (await HoursAsync(9)).First(known => known.Hour == hour.Hour).ProvenAt.ShouldNotBeNull();
    }

    [SkippableFact]
    public async Task Hours_walked_for_the_first_time_long_after_their_end_are_proven_at_once_with_what_they_held()
    {
        var at = Time.GetUtcNow().AddHours(-20.5);
        await WalkAsync(hoursBack: 24, Some("old", at));
        var hours = await HoursAsync(24);
        hours.Single(hour => hour.Versions == 1).ProvenAt.ShouldNotBeNull();
        hours.Count(hour => hour.ProvenAt is not null).ShouldBe(18);
    }

    [SkippableFact]
    public async Task A_page_of_an_unfinished_walk_counts_its_versions_and_covers_nothing()
    {
        var at = Time.GetUtcNow().AddMinutes(-90);
        await Log.AppendAsync(1, Tenant, Source, [Some("a", at), Some("b", at), Some("c", Time.GetUtcNow())], [], null, CancellationToken.None);
        var hours = await HoursAsync(2);
        hours.Select(hour => (hour.Versions, hour.LastNumber)).ShouldBe([(2, 2), (1, 3)]);
        hours.ShouldAllBe(hour => hour.CoveredAt == null && hour.ProvenAt == null);
    }

    [SkippableFact]
    public async Task Hours_before_the_retention_are_forgotten()
    {
        await WalkAsync(hoursBack: 10);
        await Ledger.ForgetBeforeAsync(1, Source, CoverageLedger.HourOf(Time.GetUtcNow()) - 3, CancellationToken.None);
        (await HoursAsync(24)).Count.ShouldBe(3);
    }

    private Task WalkAsync(double hoursBack, params CollectedAlert[] alerts) => WalkAsync(hoursBack, TimeSpan.Zero, alerts);

    private Task WalkAsync(double hoursBack, TimeSpan settle, params CollectedAlert[] alerts)
    {
        var now = Time.GetUtcNow();
        var from = now.AddHours(-hoursBack);
        if (hoursBack >= 1) from = CoverageLedger.StartOf(CoverageLedger.HourOf(from));
        var earned = new Checkpoint { Cursor = now - settle, WalkedAt = now, HourSweptAt = now, DaySweptAt = now, BackfilledTo = from };
        return Log.AppendAsync(1, Tenant, Source, alerts, [], new CleanWalk(from, now, now, Horizon, earned), CancellationToken.None);
    }

    private async Task<IReadOnlyList<CoverageHour>> HoursAsync(int back)
    {
        var now = CoverageLedger.HourOf(Time.GetUtcNow());
        return await Ledger.ReadAsync(1, Source, now - back, now, CancellationToken.None);
    }

    private static CollectedAlert Some(string id, DateTimeOffset at) =>
        new(id, at, at, AlertSeverity.Low, AlertStatus.New, SHA256.HashData(Encoding.UTF8.GetBytes(id)), Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""));
}

public sealed class SqliteCoverageLedgerTests : CoverageLedgerTests
{
    protected override Task<Database> CreateAsync() => SqliteAsync();
}

public sealed class PostgresCoverageLedgerTests : CoverageLedgerTests
{
    protected override Task<Database> CreateAsync() => PostgresAsync();
}
