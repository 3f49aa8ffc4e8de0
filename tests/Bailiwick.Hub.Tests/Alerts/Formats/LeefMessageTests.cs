using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Leef;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class LeefMessageTests
{
    private const int Room = 16 << 20;

    [Fact]
    public void Every_evidence_value_comes_back_from_an_independent_reader()
    {
        foreach (var version in Everything())
        {
            var attributes = LeefReader.Read(Write(version)).Attributes;
            var lines = attributes.Where(pair => pair.Key.StartsWith("evidence", StringComparison.Ordinal))
                .Select(pair => pair.Value[(pair.Value.IndexOf(' ', StringComparison.Ordinal) + 1)..]).ToList();
            var expected = SourceValues.Evidence(version);
            lines.Count.ShouldBe(expected.Count, version.AlertId);
            foreach (var (path, value) in expected)
            {
                var end = $".{AsLeefMay(path)}={AsLeefMay(value)}";
                lines.Any(line => line.EndsWith(end, StringComparison.Ordinal)).ShouldBeTrue($"{path} of {version.AlertId}");
            }
        }
    }

    [Fact]
    public void Every_other_value_and_every_technique_comes_back_too()
    {
        foreach (var version in Everything())
        {
            var attributes = LeefReader.Read(Write(version)).Attributes;
            var values = attributes.Select(pair => pair.Key.StartsWith("alert", StringComparison.Ordinal) || pair.Key.StartsWith("evidence", StringComparison.Ordinal)
                ? pair.Value[(pair.Value.IndexOf('=', StringComparison.Ordinal) + 1)..] : pair.Value).ToHashSet();
            foreach (var value in SourceValues.All(version).Except(SourceValues.Techniques(version)).Except(SourceValues.Evidence(version).Select(pair => pair.Value)))
            {
                if (value.Length > 0) values.ShouldContain(AsLeefMay(value), version.AlertId);
            }

            var techniques = attributes.GetValueOrDefault("mitreTechniques", "").Split(',');
            SourceValues.Techniques(version).Where(id => !techniques.Contains(id)).ShouldBeEmpty(version.AlertId);
        }
    }

    [Fact]
    public void Hostile_values_make_no_further_line_field_or_attribute()
    {
        var plain = LeefReader.Read(Write(Shaped("plain")));
        foreach (var text in SampleAlerts.HostileTexts.Where(text => text.Length > 0))
        {
            var line = Write(Shaped(text));
            line.EnumerateRunes().ShouldAllBe(rune => rune.Value == '\t' || (!Rune.IsControl(rune) && rune.Value != 0x2028 && rune.Value != 0x2029));
            var read = LeefReader.Read(line);
            read.Header.Count.ShouldBe(5);
            read.Attributes.Keys.Except(["shortened"]).Where(key => !key.StartsWith("alert", StringComparison.Ordinal)).ShouldBe(plain.Attributes.Keys.Where(key => !key.StartsWith("alert", StringComparison.Ordinal)));
            read.Attributes["bailiwickKey"].ShouldBe(Shaped(text).Key);
        }
    }

    [Fact]
    public void What_does_not_fit_is_left_out_and_counted()
    {
        var evidence = Enumerable.Range(0, 2000).Select(number => new { entityType = "Odd", value = $"{number} = {new string('x', 20)}" });
        var version = SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = "many", evidence }), 1);
        foreach (var limit in new[] { 2048, 32 * 1024 })
        {
            var line = Write(version, limit);
            Encoding.UTF8.GetByteCount(line).ShouldBeLessThanOrEqualTo(limit);
            var attributes = LeefReader.Read(line).Attributes;
            var kept = attributes.Keys.Count(key => key.StartsWith("evidence", StringComparison.Ordinal));
            kept.ShouldBeGreaterThan(10);
            (kept + int.Parse(attributes["shortened"])).ShouldBe(4000);
        }
    }

    [Fact]
    public void A_routing_field_that_is_cut_is_counted()
    {
        var attributes = LeefReader.Read(Write(SampleAlerts.Version("{}"u8.ToArray(), 1, id: new string('i', 2000)))).Attributes;
        attributes["alertId"].Length.ShouldBe(1023);
        attributes["shortened"].ShouldBe("2"); // the address of its page as well
    }

    [Fact]
    public void The_event_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-graph.leef.txt"), Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77")));

    [SkippableFact]
    public void The_reader_of_these_tests_takes_published_events()
    {
        using var events = JsonDocument.Parse(File.ReadAllText(SharedData.FileOrSkip("leef/leef-paloalto.json")));
        foreach (var one in events.RootElement.EnumerateArray())
        {
            var line = one.GetProperty("line").GetString()!;
            var read = LeefReader.Read(line[line.IndexOf("LEEF:", StringComparison.Ordinal)..], '|');
            foreach (var member in one.GetProperty("expected").EnumerateObject())
            {
                var value = member.Name switch { "vendor" => read.Header[1], "productVersion" => read.Header[3], _ => read.Attributes[member.Name] };
                value.ShouldBe(member.Value.GetString());
            }
        }
    }

    private static AlertVersion Shaped(string text) => SampleAlerts.Version(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            title = text, description = text, category = text, detectorId = text, severity = "High",
            evidence = new object[] { new { entityType = text, accountName = text }, new { entityType = "Process", fileName = text, processCommandLine = text } },
        }),
        1);

    /// <summary>What the format can carry: controls as their pictures.</summary>
    private static string AsLeefMay(string text)
    {
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            kept.Append(rune.Value switch
            {
                < 0x20 => ((char)(0x2400 + rune.Value)).ToString(),
                0x7F => "\u2421",
                (>= 0x80 and < 0xA0) or 0x2028 or 0x2029 => "\uFFFD",
                _ => rune.ToString(),
            });
        }

        return kept.ToString();
    }

    private static List<AlertVersion> Everything() =>
        [.. SampleAlerts.Own(), .. SampleAlerts.Hostile(), .. SampleAlerts.Odd(), .. SharedData.Exists ? SampleAlerts.RealOrSkip() : []];

    private static string Write(AlertVersion version, int maxBytes = Room)
    {
        var output = new ArrayBufferWriter<byte>();
        LeefMessage.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName), maxBytes);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
