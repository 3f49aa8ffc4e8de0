using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class CimEventTests
{
    private static readonly string[] s_severities = ["informational", "low", "medium", "high", "unknown"];

    [SkippableFact]
    public void A_full_alert_has_every_field_that_the_Defender_add_on_shows_for_the_data_model()
    {
        using var shown = JsonDocument.Parse(File.ReadAllText(SharedData.FileOrSkip("schemas/splunk-defender-sourcetypes.json")));
        using var written = Write(SampleAlerts.Own().First(version => version.AlertId.StartsWith("fa4b1c7e", StringComparison.Ordinal)));
        foreach (var name in shown.RootElement.GetProperty("cimFields").EnumerateArray()) written.RootElement.TryGetProperty(name.GetString()!, out _).ShouldBeTrue(name.GetString());
    }

    [Fact]
    public void Severity_is_a_word_of_the_data_model_and_the_source_s_own_stands_beside_it()
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Odd(), .. SampleAlerts.Hostile()])
        {
            using var written = Write(version);
            s_severities.ShouldContain(written.RootElement.GetProperty("severity").GetString());
            written.RootElement.GetProperty("type").GetString().ShouldBe("alert");
        }

        using var odd = Write(SampleAlerts.Version("""{"severity":"Extreme"}"""u8.ToArray(), 1));
        odd.RootElement.GetProperty("severity_id").GetString().ShouldBe("Extreme");
    }

    [Fact]
    public void The_event_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-graph.cim.json"), Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77")).RootElement.GetRawText());

    private static JsonDocument Write(AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Cim.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return JsonDocument.Parse(output.WrittenMemory);
    }
}
