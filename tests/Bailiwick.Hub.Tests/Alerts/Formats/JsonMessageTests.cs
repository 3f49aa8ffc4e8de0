using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Json;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class JsonMessageTests
{
    [Fact]
    public void A_record_that_fits_is_the_ECS_document_byte_for_byte()
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Odd(), .. SampleAlerts.Hostile()])
        {
            var ecs = new ArrayBufferWriter<byte>();
            AlertFormats.Ecs.Write(ecs, Record(version));
            Write(version, 1 << 20).ShouldBe(Encoding.UTF8.GetString(ecs.WrittenSpan));
        }
    }

    [Fact]
    public void No_text_holds_a_raw_control_or_line_separator()
    {
        foreach (var version in SampleAlerts.Hostile())
            Write(version, 1 << 20).EnumerateRunes().ShouldAllBe(rune => !Rune.IsControl(rune) && rune.Value != 0x2028 && rune.Value != 0x2029);
    }

    [Fact]
    public void What_is_too_large_is_shortened_to_the_limit_and_counted()
    {
        var evidence = Enumerable.Range(0, 2000).Select(number => new { entityType = "Odd", value = $"{number} \\ {new string('"', 20)}" });
        var version = SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = "many", description = new string('ü', 9000), evidence }), 1);
        foreach (var limit in new[] { 4096, 32 * 1024, 128 * 1024 })
        {
            var text = Write(version, limit);
            Encoding.UTF8.GetByteCount(text).ShouldBeLessThanOrEqualTo(limit);
            using var document = JsonDocument.Parse(text);
            var ours = document.RootElement.GetProperty("bailiwick");
            var kept = SourceValues.Columns(ours, "evidence").Count;
            kept.ShouldBeGreaterThan(0);
            (kept + ours.GetProperty("shortened").GetInt32()).ShouldBe(4001);
            ours.GetProperty("key").GetString().ShouldBe(version.Key);
        }
    }

    [Fact]
    public void What_stood_before_in_the_buffer_stays()
    {
        var version = SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = new string('x', 100_000) }), 1);
        var output = new ArrayBufferWriter<byte>();
        output.Write("<13>1 head "u8);
        JsonMessage.Write(output, Record(version), 3000);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        text.ShouldStartWith("<13>1 head {\"@timestamp\"");
        JsonDocument.Parse(text[11..]).Dispose();
    }

    private static AlertRecord Record(AlertVersion version) => new(version, SampleAlerts.Customer, SampleAlerts.CustomerName);

    private static string Write(AlertVersion version, int maxBytes)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonMessage.Write(output, Record(version), maxBytes);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
