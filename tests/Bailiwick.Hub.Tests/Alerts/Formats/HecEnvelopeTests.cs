using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Hec;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class HecEnvelopeTests
{
    private static readonly HecMetadata s_metadata = new("main", "bailiwick", "bailiwick:alert", null, AlertFormats.Ecs);

    [Fact]
    public void Envelopes_of_hostile_alerts_are_each_one_JSON_value_with_flat_string_fields()
    {
        foreach (var version in SampleAlerts.Hostile())
        {
            using var envelope = JsonDocument.Parse(Write(version, s_metadata));
            envelope.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["time", "source", "sourcetype", "index", "event", "fields"]);
            envelope.RootElement.GetProperty("fields").EnumerateObject().ShouldAllBe(field => field.Value.ValueKind == JsonValueKind.String && field.Name.StartsWith("bailiwick_"));
            envelope.RootElement.GetProperty("fields").GetProperty("bailiwick_key").GetString().ShouldBe(version.Key);
        }
    }

    [Fact]
    public void Time_is_epoch_seconds_with_three_decimals() =>
        Encoding.UTF8.GetString(Write(SampleAlerts.Simple(1), s_metadata)).ShouldStartWith("{\"time\":1773218436.470,");

    [Fact]
    public void Raw_events_are_the_upstream_JSON()
    {
        var version = SampleAlerts.Own()[0];
        using var envelope = JsonDocument.Parse(Write(version, s_metadata with { Format = AlertFormats.Raw }));
        envelope.RootElement.GetProperty("event").GetRawText().ShouldBe(Encoding.UTF8.GetString(version.Raw.Span));
    }

    [Fact]
    public void The_envelope_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(
            SampleAlerts.FilePath("golden-graph.hec.json"),
            Encoding.UTF8.GetString(Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77"), s_metadata)));

    private static byte[] Write(Hub.Alerts.AlertVersion version, HecMetadata metadata)
    {
        var output = new ArrayBufferWriter<byte>();
        HecEnvelope.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName), metadata);
        return output.WrittenSpan.ToArray();
    }
}
