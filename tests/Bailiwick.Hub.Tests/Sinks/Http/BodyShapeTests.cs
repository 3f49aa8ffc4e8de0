using System.Buffers;
using System.Text;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Http;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Http;

public sealed class BodyShapeTests
{
    [Theory]
    [InlineData(7, "[11,22]")]
    [InlineData(6, "[11]")]
    [InlineData(4, "[11]")]
    [InlineData(100, "[11,22,33]")]
    public void A_body_holds_what_fits_with_all_that_stands_around_it(int maxBytes, string expected)
    {
        var body = new ArrayBufferWriter<byte>();
        BodyShape.Array(maxBytes, (output, record) => Encoding.ASCII.GetBytes($"{record.Version.LogNumber}", output)).Fill(body, SinkSamples.Batch("", 11, 22, 33), out var written).ShouldBeNull();
        Encoding.ASCII.GetString(body.WrittenSpan).ShouldBe(expected);
        written.ShouldBe(expected.Split(',').Length);
    }

    [Fact]
    public void A_first_record_that_does_not_fit_is_too_large()
    {
        var shape = BodyShape.Array(3, (output, record) => Encoding.ASCII.GetBytes($"{record.Version.LogNumber}", output));
        var refused = shape.Fill(new ArrayBufferWriter<byte>(), SinkSamples.Batch("", 11), out var written);
        refused!.Reason.ShouldBe(DeliveryFailure.TooLarge);
        written.ShouldBe(0);
    }
}
