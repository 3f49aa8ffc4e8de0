using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Syslog;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class CefMessageTests
{
    private static readonly SyslogHeader s_header = new(16, "hub-1", "bailiwick", Bom: true, 256 * 1024);

    [Fact]
    public void Every_value_of_hostile_alerts_comes_back_from_an_independent_reader()
    {
        foreach (var version in SampleAlerts.Hostile()) CheckValues(version);
    }

    [Fact]
    public void Every_value_of_our_samples_comes_back_from_an_independent_reader()
    {
        foreach (var version in SampleAlerts.Own()) CheckValues(version);
    }

    [SkippableFact]
    public void Every_value_of_real_alerts_comes_back_from_an_independent_reader()
    {
        foreach (var version in SampleAlerts.RealOrSkip()) CheckValues(version);
    }

    [Fact]
    public void Every_value_of_odd_records_comes_back_from_an_independent_reader()
    {
        foreach (var version in SampleAlerts.Odd()) CheckValues(version);
    }

    [Fact]
    public void No_field_of_the_header_is_empty_or_forged()
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Odd(), .. SampleAlerts.Hostile()])
        {
            var header = Cef(Write(version, s_header)).Header;
            header.ShouldAllBe(field => field.Length > 0);
            header.Count.ShouldBe(7);
            int.Parse(header[6]).ShouldBeInRange(0, 10);
        }
    }

    [Fact]
    public void No_message_holds_a_control_character()
    {
        foreach (var version in SampleAlerts.Hostile())
        {
            var text = Write(version, s_header);
            text.EnumerateRunes().ShouldAllBe(rune => !Rune.IsControl(rune) && rune.Value != 0x2028 && rune.Value != 0x2029);
        }
    }

    [Fact]
    public void The_header_comes_from_configuration_and_structured_data_carries_the_routing_fields()
    {
        var version = SampleAlerts.Version("""{"title":"t","severity":"High"}"""u8.ToArray(), 12, id: "id\"with]odd\\chars");
        var line = SyslogLine.Read(Write(version, s_header));
        line.Priority.ShouldBe((16 * 8) + 3);
        line.Timestamp.ShouldBe("2026-03-11T08:40:36.470001Z");
        (line.Host, line.App, line.ProcId, line.MsgId, line.SdId).ShouldBe(("hub-1", "bailiwick", "-", "alert", "bailiwick@32473"));
        line.Parameters["key"].ShouldBe(version.Key);
        line.Parameters["alert"].ShouldBe("id\"with]odd\\chars");
        line.Parameters["tenant"].ShouldBe(SampleAlerts.Tenant.ToString());
        line.Parameters["log"].ShouldBe("12");
        line.Message[0].ShouldBe('\uFEFF');
    }

    [Fact]
    public void The_mark_at_the_beginning_of_the_text_can_be_switched_off() =>
        SyslogLine.Read(Write(SampleAlerts.Simple(1), s_header with { Bom = false })).Message.ShouldStartWith("CEF:0|Microsoft|");

    [Fact]
    public void Names_for_the_header_are_neutralised()
    {
        SyslogHeader.Name("a b\nc\u00E9d", 48).ShouldBe("abcd");
        SyslogHeader.Name("\u00E9", 48).ShouldBe("-");
        SyslogHeader.Name(new string('x', 300), 255).Length.ShouldBe(255);
    }

    [Fact]
    public void The_message_of_a_Defender_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(
            SampleAlerts.FilePath("golden-defender.cef.txt"), Write(SampleAlerts.Own()[0], s_header with { Bom = false }));

    [Fact]
    public void Severity_is_a_whole_number_from_0_to_10()
    {
        foreach (var (word, number) in new[] { ("High", "8"), ("medium", "6"), ("Low", "3"), ("Informational", "1"), ("UnSpecified", "0"), ("odd|9", "0") })
        {
            var raw = JsonSerializer.SerializeToUtf8Bytes(new { severity = word });
            Cef(Write(SampleAlerts.Version(raw, 1), s_header)).Header[6].ShouldBe(number);
        }
    }

    [Fact]
    public void What_does_not_fit_is_cut_on_code_points_and_counted()
    {
        var raw = JsonSerializer.SerializeToUtf8Bytes(new { title = string.Concat(Enumerable.Repeat("😀", 600)), description = string.Concat(Enumerable.Repeat("é😀", 600)) });
        var cef = Cef(Write(SampleAlerts.Version(raw, 1), s_header));
        cef.Header[5].EnumerateRunes().Count().ShouldBe(512);
        cef.Extension["msg"].EnumerateRunes().Count().ShouldBe(1023);
        cef.Extension["msg"].ShouldNotContain("\uFFFD");
        cef.Labelled("shortened").ShouldBe("1");
    }

    [Fact]
    public void The_limit_of_a_message_leaves_out_evidence_and_says_how_much()
    {
        var evidence = Enumerable.Range(0, 2000).Select(number => new { entityType = "Odd", value = $"{number} = {new string('\\', 20)}" });
        var version = SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = "many", evidence }), 1);
        foreach (var limit in new[] { 4096, 32 * 1024, 256 * 1024 })
        {
            var output = new ArrayBufferWriter<byte>();
            SyslogMessage.Write(output, Record(version), s_header with { MaxBytes = limit }).ShouldBeLessThanOrEqualTo(limit);
            var cef = Cef(Encoding.UTF8.GetString(output.WrittenSpan));
            var kept = cef.Evidence().Count(pair => char.IsAsciiDigit(pair.Name[0]));
            kept.ShouldBeGreaterThan(10);
            (kept + int.Parse(cef.Labelled("shortened"))).ShouldBe(2000);
        }
    }

    private static void CheckValues(AlertVersion version)
    {
        using var view = AlertView.Rent(version.Raw);
        var cef = Cef(Write(version, s_header));
        var shortened = cef.Labelled("shortened").Length > 0;
        cef.Labelled("bailiwickKey").ShouldBe(version.Key);
        cef.Extension.Keys.ShouldAllBe(key => key.All(char.IsAsciiLetterOrDigit));
        var values = cef.Extension.Values.Concat(cef.Evidence().Select(pair => pair.Value)).ToHashSet();
        foreach (var leaf in view.Leaves)
        {
            if (leaf.Entry < 0) continue;
            var text = AsCefMay(view.Text(leaf.Value)!);
            if (leaf.Field is AlertField.RemediationIsSuccess or AlertField.WasExecuting && leaf.Value.Kind == AlertValueKind.Boolean) text = text == "true" ? "1" : "0";
            if (leaf.Field == AlertField.EvidenceType || shortened) continue;
            values.ShouldContain(text, $"{view.Text(leaf.Path)} of {version.AlertId}");
        }

        if (!shortened && view.Text(view[AlertField.Description]) is { Length: > 0 } description) cef.Extension["msg"].ShouldBe(AsCefMay(description));
    }

    /// <summary>What the format can carry at best: CR LF is one line end, other controls are replaced.</summary>
    private static string AsCefMay(string text)
    {
        var kept = new StringBuilder();
        foreach (var rune in text.Replace("\r\n", "\n", StringComparison.Ordinal).EnumerateRunes())
            kept.Append(rune.Value is not ('\r' or '\n') && (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029) ? "\uFFFD" : rune.ToString());
        return kept.ToString();
    }

    private static CefReader Cef(string line) => CefReader.Read(SyslogLine.Read(line).Message.TrimStart('\uFEFF'));

    private static AlertRecord Record(AlertVersion version) => new(version, SampleAlerts.Customer, SampleAlerts.CustomerName);

    private static string Write(AlertVersion version, SyslogHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        var length = SyslogMessage.Write(output, Record(version), header);
        length.ShouldBe(output.WrittenCount);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
