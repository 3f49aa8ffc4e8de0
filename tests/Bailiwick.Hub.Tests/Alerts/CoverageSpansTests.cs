using Bailiwick.Hub.Alerts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts;

public sealed class CoverageSpansTests
{
    private static readonly DateTimeOffset Eight = new(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
    private static readonly long First = CoverageLedger.HourOf(Eight);

    [Fact]
    public void Hours_of_one_state_in_a_row_are_one_span_and_their_versions_add_up()
    {
        var spans = CoverageSpans.Of([Hour(0, proven: true, versions: 2), Hour(1, proven: true, versions: 3), Hour(2, versions: 5)], Eight, Eight.AddHours(3));
        spans.ShouldBe([new CoverageSpan(Eight, Eight.AddHours(2), CoverageMark.Proven, 5), new CoverageSpan(Eight.AddHours(2), Eight.AddHours(3), CoverageMark.Covered, 5)]);
    }

    [Fact]
    public void An_hour_without_a_row_is_open_and_so_is_one_that_only_holds_versions()
    {
        var seen = Hour(1) with { CoveredAt = null, Versions = 4 };
        CoverageSpans.Of([seen], Eight, Eight.AddHours(3)).ShouldBe([new CoverageSpan(Eight, Eight.AddHours(3), CoverageMark.Open, 4)]);
    }

    [Fact]
    public void The_last_span_ends_with_the_window_and_hours_outside_are_passed_over()
    {
        var spans = CoverageSpans.Of([Hour(-1, versions: 9), Hour(0), Hour(1), Hour(2, versions: 9)], Eight, Eight.AddMinutes(90));
        spans.ShouldBe([new CoverageSpan(Eight, Eight.AddMinutes(90), CoverageMark.Covered, 0)]);
    }

    [Fact]
    public void An_empty_window_has_no_span() => CoverageSpans.Of([Hour(0)], Eight, Eight).ShouldBeEmpty();

    private static CoverageHour Hour(int number, bool proven = false, long versions = 0) =>
        new() { Hour = First + number, Versions = versions, LastNumber = 0, CoveredAt = 1, ProvenAt = proven ? 1 : null };
}
