using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Upstream;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Upstream;

public sealed class CanonicalFormTests
{
    private static readonly AlertShape Shape = new("id", "tenantId", "lastUpdateDateTime", "createdDateTime", "severity", "status");

    [Theory]
    [InlineData("""{"a":1,"b":"x"}""", """{ "b" : "x", "a" : 1 }""")]
    [InlineData("""{"a":"\u0041/"}""", """{"a":"A\/"}""")]
    [InlineData("""{"evidence":[{"x":1},{"y":2}]}""", """{"evidence":[{"y":2},{"x":1}]}""")]
    [InlineData("""{"a":1,"@odata.context":"https://one"}""", """{"@odata.context":"https://two","a":1}""")]
    [InlineData("""{"a":1,"evidence@odata.context":"x"}""", """{"a":1}""")]
    [InlineData("""{"o":{"a":1,"b":2}}""", """{"o":{"b":2,"a":1}}""")]
    public void Another_spelling_of_the_same_content_has_the_same_digest(string one, string other) => Digest(one).ShouldBe(Digest(other));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":["x","y"]}""", """{"a":["y","x"]}""")]
    [InlineData("""{"a":["xy"]}""", """{"a":["x","y"]}""")]
    [InlineData("""{"@odata.type":"#a"}""", """{"@odata.type":"#b"}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    [InlineData("""{"evidence":[{"x":1}]}""", """{"evidence":[{"x":1},{"x":1}]}""")]
    [InlineData("""{"a":"\ud800"}""", """{"a":"\ud801"}""")]
    public void Other_content_has_another_digest(string one, string other) => Digest(one).ShouldNotBe(Digest(other));

    [Fact]
    public void Shuffled_members_never_change_the_digest()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var members = Enumerable.Range(0, random.Next(1, 40)).Select(i => $"\"member{i}\":{{\"v\":{random.Next(5)},\"w\":\"{i}\"}}").ToArray();
            var first = Digest("{" + string.Join(',', members) + "}");
            random.Shuffle(members);
            Digest("{" + string.Join(',', members) + "}").ShouldBe(first, $"round {round}");
        }
    }

    [Fact]
    public void A_page_gives_each_record_its_exact_bytes_and_fields()
    {
        const string Json =
            """{"@odata.count":2,"value":[ {"id":"A\u0031","tenantId":"t","lastUpdateDateTime":"2026-03-11T08:40:36.47Z","severity":"high","x":{"y":[1,2]}} , 7],"@odata.nextLink":"https://h/x?y=1"}""";
        using var page = Read(Json);
        page.TotalCount.ShouldBe(2);
        page.NextLink.ShouldBe(new Uri("https://h/x?y=1"));
        page.Alerts.Count.ShouldBe(2);
        Encoding.UTF8.GetString(page.Alerts[0].Raw.Span)
            .ShouldBe("""{"id":"A\u0031","tenantId":"t","lastUpdateDateTime":"2026-03-11T08:40:36.47Z","severity":"high","x":{"y":[1,2]}}""");
        page.Alerts[0].Id.ShouldBe("A1");
        page.Alerts[0].Updated.ShouldBe(new DateTimeOffset(2026, 3, 11, 8, 40, 36, 470, TimeSpan.Zero));
        page.Alerts[0].Severity.ShouldBe("high");
        page.Alerts[1].Id.ShouldBeNull();
        Encoding.UTF8.GetString(page.Alerts[1].Raw.Span).ShouldBe("7");
    }

    [Theory]
    [InlineData("""{"value":[{"id":"a"}""")]
    [InlineData("""{"value":[{"id":"a"}]""")]
    [InlineData("""{"x":1}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    [InlineData("""{"value":[]} trailing""")]
    [InlineData("""{"value":{}}""")]
    [InlineData("<html>busy</html>")]
    public void A_torn_or_foreign_body_is_no_page(string body) => Should.Throw<JsonException>(() => Read(body));

    private static UpstreamPage Read(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var buffer = UpstreamPage.Pool.Rent(bytes.Length + 1);
        bytes.CopyTo(buffer, 0);
        return UpstreamPage.Read(buffer, bytes.Length, Shape);
    }

    private static string Digest(string record)
    {
        using var page = Read($$"""{"value":[{{record}}]}""");
        return Convert.ToHexString(page.Alerts[0].Digest.Span);
    }
}
