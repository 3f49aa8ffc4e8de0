using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class TelemetryTests(HubServer hub)
{
    [Fact]
    public async Task A_sink_that_takes_alerts_is_counted_and_its_waiting_is_read()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var directory = Directory.CreateDirectory(Path.Combine(hub.Folder, "counted")).FullName;
        await api.AddSinkAsync(new NewSink("counted", "jsonlines", JsonSerializer.SerializeToElement(new { directory })), default);
        using var client = hub.Client(await hub.KeyAsync(Role.Engineer, null));
        var metrics = "";
        await Until.TrueAsync(async () => IsThrough(metrics = await client.GetStringAsync(Routes.Metrics)), "the sink takes what waits for it");
        metrics.ShouldContain("bailiwick_delivery_versions_delivered_total{sink=\"counted\"}");
        metrics.ShouldContain("bailiwick_delivery_failing_seconds{sink=\"counted\"} 0");
        (await api.GetStatusAsync(default)).Sinks.ShouldContain(sink => sink.Name == "counted" && sink.Waiting == 0 && sink.Delivered >= 2);
        await api.RemoveSinkAsync("counted", default);
    }

    /// <summary>A reader that has not loaded its logs yet reads 0 as well, so both are waited for.</summary>
    private static bool IsThrough(string metrics) =>
        metrics.Contains("bailiwick_delivery_versions_delivered_total{sink=\"counted\"}", StringComparison.Ordinal)
        && metrics.Contains("bailiwick_delivery_waiting{sink=\"counted\"} 0\n", StringComparison.Ordinal);

    [Fact]
    public void The_page_on_telemetry_names_every_instrument_with_its_unit_and_labels()
    {
        var rows = File.ReadAllLines(Repository.Path("docs", "telemetry.md")).Where(line => line.StartsWith("| `bailiwick.", StringComparison.Ordinal)).ToList();
        var expected = Instruments.All.Select(one =>
        {
            var labels = one.Labels.Length == 0 ? "-" : string.Join(", ", one.Labels.Select(label => $"`{label}`"));
            return $"| `{one.Name}` | {one.Kind.ToString().ToLowerInvariant()} | `{one.Unit}` | {labels} | {one.Description} |";
        });
        rows.ShouldBe(expected);
    }
}
