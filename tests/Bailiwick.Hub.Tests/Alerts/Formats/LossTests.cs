using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>What every format that carries documents promises: no evidence value, no technique and no record is lost, whatever came in.</summary>
public sealed class LossTests
{
    public static TheoryData<string> Documents => ["ecs", "ocsf", "cim", "legacy"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_evidence_value_stands_at_its_place(string format)
    {
        foreach (var version in Everything())
        {
            using var document = Write(format, version);
            var expected = SourceValues.Evidence(version).OrderBy(Order, StringComparer.Ordinal);
            SourceValues.Columns(Place(format, document.RootElement), "evidence").OrderBy(Order, StringComparer.Ordinal).ShouldBe(expected, $"{format} {version.AlertId}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_other_value_stands_somewhere_too(string format)
    {
        foreach (var version in Everything())
        {
            using var document = Write(format, version);
            var texts = SourceValues.Texts(document.RootElement);
            SourceValues.All(version).Where(value => !texts.Contains(value)).ShouldBeEmpty($"{format} {version.AlertId}");
        }
    }

    [Theory]
    [InlineData("ecs", "threat.technique")]
    [InlineData("ocsf", "attacks")]
    [InlineData("cim", "mitre_technique_id")]
    public void Every_technique_stands_at_its_place(string format, string place)
    {
        foreach (var version in Everything())
        {
            using var document = Write(format, version);
            var found = new List<(string Path, string Value)>();
            SourceValues.Leaves(document.RootElement, "", found);
            var written = found.Where(pair => pair.Path.Contains(place, StringComparison.Ordinal)).Select(pair => pair.Value).ToHashSet();
            SourceValues.Techniques(version).Where(id => !written.Contains(id)).ShouldBeEmpty($"{format} {version.AlertId}");
        }
    }

    [Fact]
    public void Every_published_sample_is_among_the_records() => Everything().Count.ShouldBeGreaterThan(SharedData.Exists ? 200 : 50);

    [Fact]
    public void A_record_of_twelve_megabytes_and_texts_of_one_are_written_whole()
    {
        var texts = Enumerable.Range(0, 12).Select(number => $"{number}" + new string((char)('a' + number), 1 << 20)).ToList();
        var raw = JsonSerializer.SerializeToUtf8Bytes(new { id = "big", title = texts[0], description = texts[1], evidence = texts.Skip(2).Select(text => new { entityType = "Process", processCommandLine = text }) });
        var version = SampleAlerts.Version(raw, 1);
        foreach (var format in (string[])["ecs", "ocsf", "cim", "legacy"])
        {
            using var document = Write(format, version);
            SourceValues.Texts(document.RootElement).IsSupersetOf(texts).ShouldBeTrue(format);
        }
    }

    private static List<AlertVersion> Everything() =>
        [.. SampleAlerts.Own(), .. SampleAlerts.Hostile(), .. SampleAlerts.Odd(), .. SharedData.Exists ? SampleAlerts.RealOrSkip() : []];

    private static string Order((string Path, string Value) pair) => pair.Path + "\0" + pair.Value;

    private static JsonElement Place(string format, JsonElement root) => format switch
    {
        "ecs" => root.GetProperty("bailiwick"),
        "ocsf" => root.GetProperty("unmapped"),
        "legacy" => root.GetProperty("Bailiwick"),
        _ => root,
    };

    private static JsonDocument Write(string format, AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Get(format).Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return JsonDocument.Parse(output.WrittenMemory, new JsonDocumentOptions { MaxDepth = 256 });
    }
}
