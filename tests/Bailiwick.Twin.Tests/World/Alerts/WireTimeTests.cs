using System.Globalization;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.World.Alerts;

public sealed class WireTimeTests
{
    [Theory]
    [InlineData("2026-03-11T08:00:00.3270000Z", "2026-03-11T08:00:00.3266667Z")]
    [InlineData("2026-03-11T08:00:00.2010000Z", "2026-03-11T08:00:00.2Z")]
    [InlineData("2026-03-11T08:00:00.1920000Z", "2026-03-11T08:00:00.19Z")]
    [InlineData("2026-03-11T08:00:00.0010000Z", "2026-03-11T08:00:00Z")]
    public void Times_of_update_stand_on_the_step_before_with_zeros_trimmed(string time, string expected) =>
        WireTime.Trimmed(WireTime.Grid(Ticks(time))).ShouldBe(expected);

    [Fact]
    public void A_thousand_changes_at_one_moment_have_a_thousand_rising_times_on_the_grid()
    {
        var now = Ticks("2026-03-11T08:00:00.9990000Z");
        var last = WireTime.Grid(now);
        for (var i = 0; i < 1000; i++)
        {
            var next = WireTime.Next(now, last);
            next.ShouldBeGreaterThan(last);
            (next - last).ShouldBeInRange(33_333, 33_334);
            last = next;
        }

        (last - WireTime.Grid(now)).ShouldBeInRange(33_333_000, 33_334_000);
    }

    [Theory]
    [InlineData("2026-03-11T08:00:00Z", "2026-03-11T08:00:00.0000000Z")]
    [InlineData("2026-03-11T08:00:00.123456789Z", "2026-03-11T08:00:00.1234567Z")]
    [InlineData("2016-09-12T00:00:00.000", "2016-09-12T00:00:00.0000000Z")]
    [InlineData("2026-03-11T08:00:00+02:00", "2026-03-11T06:00:00.0000000Z")]
    [InlineData("2018-08-01", "2018-08-01T00:00:00.0000000Z")]
    public void Times_are_read_in_every_form_seen(string text, string expected)
    {
        WireTime.TryParse(text, out var ticks).ShouldBeTrue();
        WireTime.Full(ticks).ShouldBe(expected);
    }

    [Theory]
    [InlineData("2026-02-30T08:00:00Z")]
    [InlineData("2026-03-11T24:00:00Z")]
    [InlineData("2026-03-11T08:00:00.Z")]
    [InlineData("2026-03-11 08:00:00")]
    [InlineData("yesterday")]
    [InlineData("")]
    public void Anything_else_is_no_time(string text) => WireTime.TryParse(text, out _).ShouldBeFalse();

    private static long Ticks(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcTicks;
}
