using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Hec;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>Texts that break encoders, through every JSON format, read back by a parser that shares nothing with the writer.</summary>
public sealed class HostileTests
{
    public static TheoryData<string> Formats => [.. AlertFormats.All.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_document_is_one_line_without_raw_controls_or_line_separators(string format)
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Hostile(), .. SampleAlerts.Odd()])
        {
            var line = Write(format, version);
            foreach (var rune in line.EnumerateRunes()) IsQuiet(rune, format).ShouldBeTrue($"{format} {rune.Value:X}");
            JsonDocument.Parse(line).Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void No_text_adds_a_field(string format)
    {
        var plain = Names(format, Shaped("plain"));
        foreach (var text in SampleAlerts.HostileTexts) Names(format, Shaped(text)).Except(plain).ShouldBeEmpty($"{format} {text[..Math.Min(20, text.Length)]}");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_title_comes_back_as_it_was(string format)
    {
        foreach (var text in SampleAlerts.HostileTexts.Where(text => text.Length > 0))
        {
            using var document = JsonDocument.Parse(Write(format, Shaped(text)));
            SourceValues.Texts(document.RootElement).ShouldContain(text, format);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_envelope_around_it_stays_one_envelope(string format)
    {
        var metadata = new HecMetadata("main", null, null, null, AlertFormats.Get(format));
        foreach (var version in SampleAlerts.Hostile())
        {
            var output = new ArrayBufferWriter<byte>();
            HecEnvelope.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName), metadata);
            using var envelope = JsonDocument.Parse(output.WrittenMemory);
            envelope.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["time", "index", "event", "fields"]);
            envelope.RootElement.GetProperty("fields").GetProperty("bailiwick_key").GetString().ShouldBe(version.Key);
        }
    }

    /// <summary>The upstream JSON passes byte for byte in raw, where JSON itself allows DEL, C1 controls and line separators.</summary>
    private static bool IsQuiet(Rune rune, string format) =>
        format == "raw" ? rune.Value >= 0x20 : !Rune.IsControl(rune) && rune.Value is not (0x2028 or 0x2029);

    private static AlertVersion Shaped(string text) => SampleAlerts.Version(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            title = text, description = text, category = text, detectorId = text, severity = "High", status = "New", threatName = text, assignedTo = text,
            evidence = new object[]
            {
                new { entityType = "User", accountName = text, domainName = text, userSid = text },
                new { entityType = "Process", fileName = text, filePath = text, processCommandLine = text, processId = 7, accountName = text },
                new { entityType = "File", fileName = text, filePath = text, sha1 = text },
                new { entityType = "Url", url = text },
                new { entityType = "Ip", ipAddress = text },
                new { entityType = "Registry", registryHive = text, registryKey = text, registryValueName = text, registryValue = text },
                new { entityType = text, anything = text },
            },
        }),
        1);

    private static HashSet<string> Names(string format, AlertVersion version)
    {
        using var document = JsonDocument.Parse(Write(format, version));
        var found = new List<(string Path, string Value)>();
        SourceValues.Leaves(document.RootElement, "", found);
        return [.. found.Select(pair => pair.Path).Where(path => path is not "url.full" && !path.StartsWith("observables", StringComparison.Ordinal))];
    }

    private static string Write(string format, AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Get(format).Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
