using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("user", """{"id":"a","user":"[redacted]","e":[{"user":"[redacted]"},{"user":"[redacted]","x":1}]}""")]
    [InlineData("e.user", """{"id":"a","user":"u","e":[{"user":"[redacted]"},{"user":"[redacted]","x":1}]}""")]
    [InlineData("e", """{"id":"a","user":"u","e":"[redacted]"}""")]
    [InlineData("e.x", """{"id":"a","user":"u","e":[{"user":null},{"user":{"x":2},"x":"[redacted]"}]}""", true)]
    [InlineData("nothing", """{"id":"a","user":"u","e":[{"user":null},{"user":{"x":2},"x":1}]}""", true)]
    public void A_name_is_blanked_everywhere_and_a_path_from_the_top(string field, string expected, bool nested = false)
    {
        var record = nested
            ? """{"id":"a","user":"u","e":[{"user":null},{"user":{"x":2},"x":1}]}"""
            : """{"id":"a","user":"u","e":[{"user":7},{"user":{"x":2},"x":1}]}""";
        Text(new Redaction([field]).Apply(Encoding.UTF8.GetBytes(record)).Span).ShouldBe(expected);
    }

    [Theory]
    [InlineData("@odata.type", """{"@odata.type":"[redacted]","e":[{"@odata.type":"[redacted]","n@odata.type":"t","x":1}]}""")]
    [InlineData("n@odata.type", """{"@odata.type":"t","e":[{"@odata.type":"t","n@odata.type":"[redacted]","x":1}]}""")]
    [InlineData("e.@odata.type", """{"@odata.type":"t","e":[{"@odata.type":"[redacted]","n@odata.type":"t","x":1}]}""")]
    public void A_name_may_hold_a_dot(string field, string expected) =>
        Text(new Redaction([field]).Apply("""{"@odata.type":"t","e":[{"@odata.type":"t","n@odata.type":"t","x":1}]}"""u8).Span).ShouldBe(expected);

    [Fact]
    public void What_is_not_blanked_stays_byte_for_byte()
    {
        const string record = "{ \"n\" : 1.50e+3 , \"t\":\"\\u00e5\\ud800\", \"secret\" : [1, {\"a\": 2}] ,\"z\":[ ] }";
        Text(new Redaction(["secret"]).Apply(Encoding.UTF8.GetBytes(record)).Span)
            .ShouldBe(record.Replace("[1, {\"a\": 2}]", "\"[redacted]\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Something_that_is_no_JSON_throws() =>
        Should.Throw<JsonException>(() => new Redaction(["a"]).Apply("{\"a\":"u8));

    [Theory]
    [InlineData("user", true)]
    [InlineData("@odata.type", true)]
    [InlineData("", false)]
    [InlineData("a..b", false)]
    [InlineData("a\n", false)]
    public void A_field_is_a_name_or_names_joined_by_dots(string field, bool good) => Redaction.IsPath(field).ShouldBe(good);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
