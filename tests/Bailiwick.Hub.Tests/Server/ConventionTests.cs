using System.Reflection;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class ConventionTests(HubServer hub)
{
    private static readonly string[] OpenToAll =
    [
        $"GET {Routes.HealthLive}", $"GET {Routes.HealthReady}", $"GET {Routes.ConnectPage}", $"POST {Routes.ConnectPage}", $"GET {Routes.ConnectCallback}",
        "GET /openapi/{documentName}.json",
    ];

    [Fact]
    public void Every_route_asks_for_an_action_or_is_on_the_short_list_open_to_all()
    {
        hub.Endpoints.Count.ShouldBeGreaterThan(35);
        foreach (var endpoint in hub.Endpoints)
        {
            var open = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            var action = endpoint.Metadata.GetMetadata<RequiredAction>();
            open.ShouldBe(OpenToAll.Contains(Requests.NameOf(endpoint)), Requests.NameOf(endpoint));
            (action is null).ShouldBe(open, Requests.NameOf(endpoint));
        }
    }

    [Fact]
    public void Every_address_of_the_routes_file_is_served()
    {
        var served = hub.Endpoints.Select(Requests.PatternOf).ToHashSet();
        foreach (var route in RoutePatterns().Where(route => route != Routes.OpenApi)) served.ShouldContain(route);
    }

    [Fact]
    public async Task The_openapi_document_lists_every_route_and_method()
    {
        using var client = hub.Client(null);
        using var document = JsonDocument.Parse(await client.GetStringAsync(Routes.OpenApi));
        var paths = document.RootElement.GetProperty("paths");
        foreach (var endpoint in hub.Endpoints.Where(endpoint => Requests.PatternOf(endpoint) is not (Routes.ConnectPage or Routes.ConnectCallback or "/openapi/{documentName}.json")))
        {
            paths.TryGetProperty(Requests.PatternOf(endpoint), out var path).ShouldBeTrue(Requests.NameOf(endpoint));
            path.TryGetProperty(Requests.MethodOf(endpoint).ToLowerInvariant(), out var operation).ShouldBeTrue(Requests.NameOf(endpoint));
            operation.GetProperty("summary").GetString().ShouldNotBeNullOrEmpty();
        }

        paths.GetProperty(Routes.Alerts).GetProperty("get").GetProperty("parameters").EnumerateArray().Select(one => one.GetProperty("name").GetString())
            .ShouldBe(["customer", "tenant", "from", "to", "severity", "status", "limit", "cursor"], ignoreOrder: true);
    }

    [Fact]
    public async Task Metrics_know_the_names_of_the_documentation()
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Auditor, null));
        var metrics = await client.GetStringAsync(Routes.Metrics);
        metrics.ShouldContain("bailiwick_alerts_versions_appended_total{source=\"GraphAlerts\"}");
    }

    private static IEnumerable<string> RoutePatterns() =>
        typeof(Routes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
}
