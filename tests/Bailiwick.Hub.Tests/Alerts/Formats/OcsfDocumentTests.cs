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

public sealed class OcsfDocumentTests
{
    [SkippableFact]
    public void Every_record_keeps_to_its_class()
    {
        var schema = new OcsfSchema(SharedData.FileOrSkip("schemas/ocsf-schema-extract.json"));
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Odd(), .. SampleAlerts.Hostile(), .. SampleAlerts.RealOrSkip()])
        {
            using var document = JsonDocument.Parse(Write(version));
            schema.Validate(document.RootElement).ShouldBeEmpty(version.AlertId);
        }
    }

    [SkippableFact]
    public void The_validator_of_these_tests_finds_what_is_wrong()
    {
        var schema = new OcsfSchema(SharedData.FileOrSkip("schemas/ocsf-schema-extract.json"));
        var sample = Encoding.UTF8.GetString(Write(SampleAlerts.Own()[0]));
        foreach (var (from, to) in new[]
        {
            ("\"severity_id\":3", "\"severity_id\":77"), ("\"severity_id\"", "\"severity_idd\""), ("\"finding_info\":{\"uid\"", "\"finding_info\":{\"uidd\""),
            ("\"type_uid\":2004", "\"type_uid\":2005"), ("\"is_alert\":true", "\"is_alert\":\"true\""), ("\"observables\":[", "\"observables\":[7,"),
        })
        {
            sample.ShouldContain(from);
            using var document = JsonDocument.Parse(sample.Replace(from, to, StringComparison.Ordinal));
            schema.Validate(document.RootElement).ShouldNotBeEmpty(to);
        }
    }

    [Fact]
    public void Incidents_are_incident_findings_and_everything_else_detection_findings()
    {
        foreach (var version in SampleAlerts.Own())
        {
            using var document = JsonDocument.Parse(Write(version));
            document.RootElement.GetProperty("class_uid").GetInt32().ShouldBe(version.Source == AlertSources.GraphIncidents ? 2005 : 2004);
        }
    }

    [Fact]
    public void A_word_the_schema_does_not_know_stands_as_other_with_the_word()
    {
        using var document = JsonDocument.Parse(Write(SampleAlerts.Version("""{"severity":"Extreme","status":"Brewing"}"""u8.ToArray(), 1)));
        (document.RootElement.GetProperty("severity_id").GetInt32(), document.RootElement.GetProperty("severity").GetString()).ShouldBe((99, "extreme"));
        (document.RootElement.GetProperty("status_id").GetInt32(), document.RootElement.GetProperty("status").GetString()).ShouldBe((99, "brewing"));
    }

    [Fact]
    public void The_document_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-graph.ocsf.json"), Encoding.UTF8.GetString(Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77"))));

    private static byte[] Write(AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Ocsf.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return output.WrittenSpan.ToArray();
    }
}
