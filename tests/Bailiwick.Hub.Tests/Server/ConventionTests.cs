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
        $"POST {Routes.CompatToken}", $"POST {Routes.CompatTenantToken}", $"POST {Routes.CompatTenantTokenV2}", "GET /openapi/{documentName}.json",
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

    /// <summary>Written down a second time on purpose: a route that asks for another action than it should is seen here.</summary>
    private static readonly Dictionary<string, HubAction> Actions = new()
    {
        [$"GET {Routes.Metrics}"] = HubAction.StatusRead,
        [$"GET {Routes.Customers}"] = HubAction.CustomersRead,
        [$"GET {Routes.Customer}"] = HubAction.CustomersRead,
        [$"POST {Routes.Customers}"] = HubAction.CustomersAdd,
        [$"POST {Routes.CustomerTenants}"] = HubAction.CustomersChange,
        [$"POST {Routes.CustomerImport}"] = HubAction.CustomersAdd,
        [$"GET {Routes.Applications}"] = HubAction.ApplicationsRead,
        [$"POST {Routes.Applications}"] = HubAction.ApplicationsChange,
        [$"DELETE {Routes.Application}"] = HubAction.ApplicationsChange,
        [$"GET {Routes.Connections}"] = HubAction.ConnectionsRead,
        [$"GET {Routes.Connection}"] = HubAction.ConnectionsRead,
        [$"POST {Routes.ConnectAppOnly}"] = HubAction.ConnectionsChange,
        [$"POST {Routes.ConnectCode}"] = HubAction.ConnectionsChange,
        [$"DELETE {Routes.Connection}"] = HubAction.ConnectionsChange,
        [$"GET {Routes.Alerts}"] = HubAction.AlertsRead,
        [$"GET {Routes.Alert}"] = HubAction.AlertsRead,
        [$"GET {Routes.AlertRaw}"] = HubAction.AlertsRead,
        [$"GET {Routes.Sinks}"] = HubAction.SinksRead,
        [$"GET {Routes.SinkKinds}"] = HubAction.SinksRead,
        [$"GET {Routes.Sink}"] = HubAction.SinksRead,
        [$"POST {Routes.Sinks}"] = HubAction.SinksChange,
        [$"DELETE {Routes.Sink}"] = HubAction.SinksChange,
        [$"POST {Routes.SinkPark}"] = HubAction.SinksChange,
        [$"POST {Routes.SinkUnpark}"] = HubAction.SinksChange,
        [$"POST {Routes.SinkTest}"] = HubAction.SinksChange,
        [$"GET {Routes.Feeds}"] = HubAction.FeedsRead,
        [$"POST {Routes.Feeds}"] = HubAction.FeedsChange,
        [$"DELETE {Routes.Feed}"] = HubAction.FeedsChange,
        [$"GET {Routes.FeedNext}"] = HubAction.FeedsRead,
        [$"POST {Routes.FeedAck}"] = HubAction.FeedsRead,
        [$"GET {Routes.DeadLetters}"] = HubAction.DeadLettersRead,
        [$"GET {Routes.DeadLetter}"] = HubAction.DeadLettersRead,
        [$"GET {Routes.DeadLetterRaw}"] = HubAction.DeadLettersRead,
        [$"POST {Routes.DeadLetterReplay}"] = HubAction.DeadLettersReplay,
        [$"POST {Routes.DeadLettersReplay}"] = HubAction.DeadLettersReplay,
        [$"POST {Routes.DeadLetterDiscard}"] = HubAction.DeadLettersReplay,
        [$"POST {Routes.DeadLettersDiscard}"] = HubAction.DeadLettersReplay,
        [$"GET {Routes.CompatExporterAlerts}"] = HubAction.AlertsRead,
        [$"GET {Routes.CompatDefenderAlerts}"] = HubAction.AlertsRead,
        [$"GET {Routes.Keys}"] = HubAction.KeysRead,
        [$"POST {Routes.Keys}"] = HubAction.KeysChange,
        [$"DELETE {Routes.Key}"] = HubAction.KeysChange,
        [$"GET {Routes.Audit}"] = HubAction.AuditRead,
        [$"GET {Routes.AuditVerify}"] = HubAction.AuditRead,
        [$"GET {Routes.Status}"] = HubAction.StatusRead,
        [$"GET {Routes.StatusTenants}"] = HubAction.CoverageRead,
    };

    [Fact]
    public void Every_route_asks_for_its_own_action() => hub.Endpoints
        .Where(endpoint => endpoint.Metadata.GetMetadata<RequiredAction>() is not null)
        .ToDictionary(Requests.NameOf, endpoint => endpoint.Metadata.GetMetadata<RequiredAction>()!.Action)
        .ShouldBe(Actions, ignoreOrder: true);

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

    private static IEnumerable<string> RoutePatterns() =>
        typeof(Routes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);
}
