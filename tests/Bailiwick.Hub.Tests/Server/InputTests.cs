using System.Net;
using System.Net.Http.Json;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class InputTests(HubServer hub)
{
    [Theory]
    [InlineData("""{"name":"x","colour":"red"}""", "$")]
    [InlineData("""{"name":"x","name":"y"}""", "$")]
    [InlineData("""{"name":"x"} {"name":"y"}""", "$")]
    [InlineData("""{"name":7}""", "$.name")]
    [InlineData("""{"name":null}""", "$.name")]
    [InlineData("""{}""", "$")]
    [InlineData("""{"name":"x","tenants":[{"id":"no guid"}]}""", "$.tenants[0].id")]
    [InlineData("""{"name":"x","tenants":[null]}""", "tenants[0]")]
    [InlineData("""{"name":"x",}""", "$")]
    [InlineData("""nothing""", "$")]
    public async Task Json_that_is_not_exactly_what_was_asked_for_is_refused_by_field(string body, string field)
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Owner, null));
        using var answer = await client.PostAsync(new Uri(Routes.Customers, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant))!;
        problem.Type.ShouldBe(Problems.InvalidInput.Uri);
        problem.Errors.ShouldNotBeNull();
        problem.Errors.Keys.ShouldContain(key => key.StartsWith(field, StringComparison.Ordinal), string.Join(", ", problem.Errors.Keys));
        problem.TraceId.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("/api/v1/alerts?severty=high", "severty")]
    [InlineData("/api/v1/alerts?severity=loud", "severity")]
    [InlineData("/api/v1/alerts?limit=0", "limit")]
    [InlineData("/api/v1/alerts?limit=1&limit=2", "limit")]
    [InlineData("/api/v1/alerts?cursor=abc", "cursor")]
    [InlineData("/api/v1/alerts?from=yesterday", "from")]
    [InlineData("/api/v1/alerts?from=2026-03-11T08:00:00", "from")]
    [InlineData("/api/v1/alerts/one?id=1", "tenant")]
    [InlineData("/api/v1/customers?cursor=MQ", "cursor")]
    [InlineData("/api/v1/audit?cursor=eA", "cursor")]
    [InlineData("/api/v1/sinks/kinds?x=1", "x")]
    public async Task A_query_value_that_is_wrong_or_unknown_is_named(string address, string field)
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Owner, null));
        using var answer = await client.GetAsync(new Uri(address, UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant))!.Errors!.Keys.ShouldBe([field]);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_refused_with_415()
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Owner, null));
        using var answer = await client.PostAsync(new Uri(Routes.Customers, UriKind.Relative), new StringContent("name=x", Encoding.UTF8, "application/x-www-form-urlencoded"));
        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Nothing_a_client_sends_makes_the_hub_fail()
    {
        string[] values = ["%00", "..", "' OR 1=1 --", new string('a', 2000), "\u202Eabc", "{0}", "-1", "99999999999999999999", "sink:x", "00000000-0000-0000-0000-000000000000"];
        string[] bodies =
        [
            "", "null", "[]", "7", "\"x\"", "{\"tenants\":null}", "{\"tenants\":[]}", "{\"lines\":[null]}", "{\"lines\":[]}", "{\"settings\":[[[]]],\"name\":\"\",\"kind\":\"\"}",
            "{\"name\":\"a\",\"kind\":\"jsonlines\",\"settings\":null}", "{\"name\":\"\\u0000\",\"role\":\"owner\",\"customers\":[],\"actions\":[null]}",
            "{\"name\":\"a\",\"clientId\":\"00000000-0000-0000-0000-000000000000\",\"certificatePem\":\"x\"}", "{\"source\":\"\",\"application\":\"\"}", "{\"all\":true,\"sink\":\"\"}",
            new string('[', 100),
        ];
        foreach (var endpoint in hub.Endpoints.Where(endpoint => Requests.PatternOf(endpoint) is not "/openapi/{documentName}.json"))
        {
            using var client = hub.Client(await hub.KeyAsync(Role.Owner, null));
            var count = Math.Max(values.Length, bodies.Length);
            for (var i = 0; i < count; i++)
            {
                using var request = Requests.To(endpoint, _ => values[i % values.Length], bodies[i % bodies.Length]);
                if (Requests.PatternOf(endpoint) == Routes.DeadLettersDiscard) continue;
                using var answer = await client.SendAsync(request);
                if (Requests.PatternOf(endpoint) == Routes.HealthReady) continue;
                ((int)answer.StatusCode).ShouldBeLessThan(500, $"{Requests.NameOf(endpoint)} {values[i % values.Length]} {bodies[i % bodies.Length]}: {await answer.Content.ReadAsStringAsync()}");
            }
        }
    }
}
