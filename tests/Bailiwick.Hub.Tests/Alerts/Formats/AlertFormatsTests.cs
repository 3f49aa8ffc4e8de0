using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class AlertFormatsTests
{
    [Fact]
    public void A_name_stands_for_one_format_and_the_first_is_ECS()
    {
        AlertFormats.All.Select(format => format.Name).ShouldBeUnique();
        AlertFormats.All[0].ShouldBeSameAs(AlertFormats.Ecs);
        foreach (var format in AlertFormats.All) AlertFormats.Get(format.Name).ShouldBeSameAs(format);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_there_are() =>
        Should.Throw<KeyNotFoundException>(() => AlertFormats.Get("xml")).Message.ShouldContain("ecs, raw");

    [Fact]
    public void Every_format_writes_one_object_in_one_line_with_the_delivery_key()
    {
        foreach (var format in AlertFormats.All)
        {
            foreach (var version in SampleAlerts.Own())
            {
                var output = new ArrayBufferWriter<byte>();
                format.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
                output.WrittenSpan.IndexOfAny((byte)'\n', (byte)'\r').ShouldBe(-1, format.Name);
                using var document = JsonDocument.Parse(output.WrittenMemory);
                document.RootElement.GetRawText().ShouldContain(version.Key, customMessage: format.Name);
            }
        }
    }
}
