using Bailiwick.Hub.Alerts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts;

public sealed class SilenceTests
{
    private const long Start = 17_000_000;

    [Fact]
    public void Nothing_for_far_longer_than_ever_before_is_unusual()
    {
        var silence = Silence.Of(Every(3, hours: 240), Start, At(260));
        silence.ShouldBe(new Silence(true, At(238), TimeSpan.FromHours(2)));
    }

    [Fact]
    public void A_silence_as_long_as_the_longest_of_the_past_is_not() => Silence.Of(Every(12, hours: 240), Start, At(250)).IsUnusual.ShouldBe(false);

    [Fact]
    public void A_weekend_without_alerts_is_usual_for_who_had_one_before()
    {
        List<long> busy = [.. Every(2, hours: 100), .. Every(2, hours: 80).Select(hour => hour + 160)]; // 60 quiet hours between
        Silence.Of(busy, Start, At(238 + 60)).IsUnusual.ShouldBe(false);
        Silence.Of(busy, Start, At(239 + 130)).IsUnusual.ShouldBe(true);
    }

    [Fact]
    public void A_few_hours_are_never_unusual_however_busy_the_past() => Silence.Of(Every(1, hours: 240), Start, At(243)).IsUnusual.ShouldBe(false);

    [Theory]
    [InlineData(160, 40)]
    [InlineData(240, 5)]
    public void Too_little_past_allows_no_judgement(int hours, int busy)
    {
        var silence = Silence.Of([.. Every(Math.Max(1, hours / busy), hours).Take(busy)], Start, At(hours));
        (silence.IsUnusual, silence.LongestUsual).ShouldBe((null, null));
        silence.Since.ShouldNotBeNull();
    }

    [Fact]
    public void A_source_that_never_brought_anything_is_not_judged() => Silence.Of([], Start, At(500)).ShouldBe(new Silence(null, null, null));

    private static List<long> Every(int step, int hours) => [.. Enumerable.Range(0, hours).Where(hour => hour % step == 0).Select(hour => Start + hour)];

    private static DateTimeOffset At(int hour) => CoverageLedger.StartOf(Start + hour);
}
