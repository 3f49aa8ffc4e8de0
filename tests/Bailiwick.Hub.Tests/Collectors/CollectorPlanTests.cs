using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class CollectorPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 11, 8, 20, 0, TimeSpan.Zero);
    private readonly CollectorOptions _options = new();

    private CollectorPlan Plan => new(_options);

    [Fact]
    public void The_first_walk_takes_the_last_day_and_the_way_back_follows_in_doubling_whole_hours_to_the_retention()
    {
        var first = Plan.Next(null, Now);
        first.Window.ShouldBe(new TimeWindow(new DateTimeOffset(2026, 3, 10, 8, 0, 0, TimeSpan.Zero), Now));
        first.Earns.Cursor.ShouldBe(Now - TimeSpan.FromMinutes(5));
        first.IsBackfill.ShouldBeTrue();

        var at = first.Earns;
        var steps = 0;
        while (Plan.Back(at, Now) is { } step)
        {
            step.Window.To.ShouldBe(at.BackfilledTo, "no gap on the way back");
            step.Window.From.ShouldBe(CoverageLedger.StartOf(CoverageLedger.HourOf(step.Window.From)));
            at = step.Earns;
            (++steps).ShouldBeLessThan(20);
        }

        at.BackfilledTo.ShouldBeLessThanOrEqualTo(Now - _options.Retention);
        steps.ShouldBe(8);
    }

    [Fact]
    public void A_usual_walk_begins_the_overlap_before_the_cursor_and_keeps_the_cursor_settled()
    {
        var due = Plan.Next(At(Now.AddMinutes(-6)), Now);
        due.Window.ShouldBe(new TimeWindow(Now.AddMinutes(-21), Now));
        due.Earns.Cursor.ShouldBe(Now.AddMinutes(-5));
        due.IsBackfill.ShouldBeFalse();
    }

    [Theory]
    [InlineData(4, 15)]
    [InlineData(40, 50)]
    [InlineData(6000, 360)]
    public void The_look_back_follows_the_lateness_seen_within_its_bounds(int lateMinutes, int overlapMinutes)
    {
        var due = Plan.Next(At(Now.AddMinutes(-6)) with { LateBy = TimeSpan.FromMinutes(lateMinutes) }, Now);
        due.Window.From.ShouldBe(Now.AddMinutes(-6 - overlapMinutes));
    }

    [Fact]
    public void Every_hour_a_day_is_swept_and_every_day_a_week_and_what_is_not_proven()
    {
        var hourly = Plan.Next(At(Now.AddMinutes(-6)) with { HourSweptAt = Now.AddHours(-1) }, Now);
        hourly.Window.From.ShouldBe(new DateTimeOffset(2026, 3, 10, 8, 0, 0, TimeSpan.Zero));
        hourly.Earns.HourSweptAt.ShouldBe(Now);
        hourly.Earns.DaySweptAt.ShouldBe(Now.AddMinutes(-5));

        var daily = At(Now.AddMinutes(-6)) with { DaySweptAt = Now.AddDays(-1) };
        Plan.Next(daily, Now).Window.From.ShouldBe(new DateTimeOffset(2026, 3, 4, 8, 0, 0, TimeSpan.Zero));
        Plan.Next(daily, Now, oldestUnproven: new DateTimeOffset(2026, 2, 1, 3, 0, 0, TimeSpan.Zero)).Window.From.ShouldBe(new DateTimeOffset(2026, 2, 1, 3, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void A_backlog_is_cut_into_windows_without_a_gap()
    {
        var at = At(Now.AddDays(-10));
        for (var walks = 0; at.Cursor < Now.AddMinutes(-5); walks++)
        {
            var due = Plan.Next(at, Now);
            due.Window.From.ShouldBeLessThanOrEqualTo(at.Cursor);
            due.Window.Width.ShouldBeLessThanOrEqualTo(_options.LongestWindow + _options.LongestOverlap);
            due.Earns.Cursor.ShouldBeGreaterThan(at.Cursor);
            due.Earns.Cursor.ShouldBeLessThanOrEqualTo(due.Window.To);
            at = due.Earns;
            walks.ShouldBeLessThan(20);
        }
    }

    [Fact]
    public void A_backlog_is_walked_on_whatever_the_overlap_has_grown_to()
    {
        _options.LongestOverlap = TimeSpan.FromHours(30);
        var at = At(Now.AddDays(-10)) with { LateBy = TimeSpan.FromDays(3) };
        for (var walks = 0; at.Cursor < Now.AddMinutes(-5); walks++)
        {
            at = Plan.Next(at, Now).Earns;
            walks.ShouldBeLessThan(100, "every walk must move the cursor");
        }
    }

    [Fact]
    public void Lateness_fades_by_half_every_day_and_a_later_record_takes_its_place()
    {
        CollectorPlan.Learn(TimeSpan.FromHours(4), TimeSpan.FromDays(1), TimeSpan.Zero).ShouldBe(TimeSpan.FromHours(2));
        CollectorPlan.Learn(TimeSpan.FromHours(4), TimeSpan.FromDays(1), TimeSpan.FromHours(3)).ShouldBe(TimeSpan.FromHours(3));
        CollectorPlan.Learn(TimeSpan.FromHours(4), TimeSpan.Zero, TimeSpan.FromHours(1)).ShouldBe(TimeSpan.FromHours(4));
    }

    private static Checkpoint At(DateTimeOffset cursor) => new()
    {
        Cursor = cursor,
        WalkedAt = Now.AddMinutes(-1),
        HourSweptAt = Now.AddMinutes(-5),
        DaySweptAt = Now.AddMinutes(-5),
        BackfilledTo = Now.AddDays(-180),
    };
}
