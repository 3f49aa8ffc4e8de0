using System.Diagnostics.Metrics;
using Bailiwick.Hub.Telemetry;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Telemetry;

public sealed class PrometheusTextTests : IDisposable
{
    // Meters are seen by every listener of the process: names of this test's own keep others out of the way.
    private readonly string _word = "t" + Guid.NewGuid().ToString("N")[..8];
    private readonly PrometheusText _text = new();
    private readonly Meter _meter = new("Bailiwick.Trial");

    public void Dispose()
    {
        _meter.Dispose();
        _text.Dispose();
    }

    [Fact]
    public void A_counter_sums_by_its_labels()
    {
        var counter = _meter.CreateCounter<long>($"{_word}.alerts.read", "{alert}", "Alerts read.");
        counter.Add(2, Label("source", "GraphAlerts"));
        counter.Add(3, Label("source", "GraphAlerts"));
        counter.Add(1, Label("source", "Other"));
        Lines().ShouldBe([
            $"# HELP {_word}_alerts_read_total Alerts read.",
            $"# TYPE {_word}_alerts_read_total counter",
            $"{_word}_alerts_read_total{{source=\"GraphAlerts\"}} 5",
            $"{_word}_alerts_read_total{{source=\"Other\"}} 1",
        ]);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_sum_and_count()
    {
        var duration = _meter.CreateHistogram<double>($"{_word}.duration", "s", "Time.");
        duration.Record(0.02);
        duration.Record(7);
        duration.Record(1000);
        var lines = Lines();
        lines.ShouldContain($"{_word}_duration_seconds_bucket{{le=\"0.01\"}} 0");
        lines.ShouldContain($"{_word}_duration_seconds_bucket{{le=\"0.025\"}} 1");
        lines.ShouldContain($"{_word}_duration_seconds_bucket{{le=\"10\"}} 2");
        lines.ShouldContain($"{_word}_duration_seconds_bucket{{le=\"+Inf\"}} 3");
        lines.ShouldContain($"{_word}_duration_seconds_sum 1007.02");
        lines.ShouldContain($"{_word}_duration_seconds_count 3");
    }

    [Fact]
    public void A_gauge_shows_the_present_reading_and_forgets_what_is_gone()
    {
        var readings = new Dictionary<string, double> { ["a"] = 3, ["b"] = 4 };
        _meter.CreateObservableGauge($"{_word}.lag", () => readings.Select(pair => new Measurement<double>(pair.Value, Label("tenant", pair.Key))), "s", "Lag.");
        Lines().ShouldContain($"{_word}_lag_seconds{{tenant=\"b\"}} 4");
        readings.Remove("b");
        readings["a"] = 1.5;
        var lines = Lines();
        lines.ShouldContain($"{_word}_lag_seconds{{tenant=\"a\"}} 1.5");
        lines.ShouldNotContain(line => line.Contains("tenant=\"b\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Label_values_cannot_break_a_line()
    {
        _meter.CreateCounter<int>($"{_word}.x").Add(1, Label("sink", "a\"b\\c\nd\r\u001b"));
        Lines()[^1].ShouldBe($"{_word}_x_total{{sink=\"a\\\"b\\\\c\\nd\uFFFD\uFFFD\"}} 1");
    }

    [Fact]
    public void Meters_of_others_are_not_shown()
    {
        using var foreign = new Meter("System.Something");
        foreign.CreateCounter<int>($"{_word}.foreign").Add(1);
        Lines().ShouldBeEmpty();
    }

    [Fact]
    public void Every_instrument_has_a_name_of_its_own_under_the_products()
    {
        Instruments.All.Select(instrument => instrument.Name).ShouldBeUnique();
        Instruments.All.ShouldAllBe(instrument => instrument.Name.StartsWith("bailiwick.", StringComparison.Ordinal));
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private string[] Lines() => [.. _text.Write().Split('\n').Where(line => line.Contains(_word, StringComparison.Ordinal))];
}
