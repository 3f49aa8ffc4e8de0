using System.Net;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Planes;

public sealed class DefenderPlaneTests
{
    private const string List = "/defender/api/alerts";

    [Fact]
    public async Task Evidence_is_empty_unless_asked_for()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 30);
        (await world.GetAsync(List)).Value.ShouldAllBe(alert => alert.GetProperty("evidence").GetArrayLength() == 0);
        var expanded = (await world.GetAsync($"{List}?$expand=evidence")).Value;
        expanded.ShouldAllBe(alert => alert.GetProperty("evidence").GetArrayLength() > 0);
        expanded.ShouldAllBe(alert => alert.GetProperty("aadTenantId").GetString() == world.Tenant.Id.ToString());
        (await world.GetAsync($"/defender/api/v1.0/alerts/{expanded[0].GetProperty("id").GetString()}")).Json.GetProperty("evidence").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("LastUpdateTime ge 2020-01-01T00:00:00Z", 200)]
    [InlineData("severity eq 'High' or Status eq 'New'", 200)]
    [InlineData("title eq 'x'", 400)]
    [InlineData("lastUpdateTime ge yesterday", 400)]
    public async Task Filters_are_the_documented_ones_in_any_case(string filter, int status)
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 20);
        ((int)(await world.GetAsync($"{List}?$filter={Uri.EscapeDataString(filter)}")).Status).ShouldBe(status);
    }

    [Fact]
    public async Task Both_planes_tell_one_story()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 60);
        var graph = (await world.GetAsync("/graph/v1.0/security/alerts_v2?$top=1000")).Value.ToDictionary(alert => alert.GetProperty("id").GetString()!);
        foreach (var alert in (await world.GetAsync($"{List}?$expand=evidence")).Value)
        {
            var same = graph[alert.GetProperty("id").GetString()!];
            same.GetProperty("title").GetString().ShouldBe(alert.GetProperty("title").GetString());
            same.GetProperty("lastUpdateDateTime").GetString().ShouldBe(alert.GetProperty("lastUpdateTime").GetString());
            same.GetProperty("incidentId").GetString().ShouldBe(alert.GetProperty("incidentId").GetRawText());
        }
    }

    [Fact]
    public async Task An_alert_is_changed_alone_and_in_a_batch()
    {
        await using var world = await PlaneWorld.StartAsync();
        var ids = new[] { world.Alerts.Raise(world.Tenant.Id, Endpoint(), seed: 1), world.Alerts.Raise(world.Tenant.Id, Endpoint(), seed: 2) };
        (await world.AskAsync(HttpMethod.Patch, $"{List}/{ids[0]}", new { status = "InProgress", comment = "looking" })).Status.ShouldBe(HttpStatusCode.OK);
        (await world.GetAsync($"{List}/{ids[0]}")).Json.GetProperty("status").GetString().ShouldBe("InProgress");
        (await world.AskAsync(HttpMethod.Post, $"{List}/batchUpdate", new { alertIds = ids, status = "Resolved" })).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var id in ids) (await world.GetAsync($"{List}/{id}")).Json.GetProperty("status").GetString().ShouldBe("Resolved");
        (await world.AskAsync(HttpMethod.Patch, $"{List}/nowhere", new { status = "New" })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Limits_and_errors_come_in_the_documented_envelope()
    {
        await using var world = await PlaneWorld.StartAsync(new AlertKnobs { DefenderPerMinute = 3 });
        (await world.GetAsync(List, Wire.Planes.GraphResource)).ErrorCode.ShouldBe("Unauthorized");
        Answer answer = null!;
        for (var i = 0; i < 4; i++) answer = await world.GetAsync(List);
        answer.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.ErrorCode.ShouldBe("TooManyRequests");
        answer.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task No_machines_is_404_and_alerts_bring_some()
    {
        await using var world = await PlaneWorld.StartAsync();
        (await world.GetAsync("/defender/api/machines")).Status.ShouldBe(HttpStatusCode.NotFound);
        world.Alerts.Generate(world.Tenant.Id, 30);
        (await world.GetAsync("/defender/api/machines")).Value.Count.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task The_exporter_gives_two_hours_unless_told_and_fifty_fields()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Planes.Alerts.Policy.Set(world.Tenant.Id, new AlertKnobs { ExporterOn = true, ExporterApps = [world.App.AppId] });
        var now = world.Host.Services.Clock.GetUtcNow();
        world.Alerts.Generate(world.Tenant.Id, 30, now.AddHours(-30), now.AddHours(-20));
        (await world.GetAsync("/exporter/api/Alerts/")).Json.GetArrayLength().ShouldBe(0);
        var all = (await world.GetAsync($"/exporter/api/alerts?sinceTimeUtc={now.AddDays(-3).UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}")).Json;
        all.GetArrayLength().ShouldBeGreaterThan(5);
        all[0].EnumerateObject().Count().ShouldBe(50);
        all[0].EnumerateObject().First().Name.ShouldBe("AlertTime");
        (await world.GetAsync($"/exporter/api/alerts?ago=P3D&limit=2")).Json.GetArrayLength().ShouldBe(2);
    }

    private static Dictionary<string, JsonElement> Endpoint() => new() { ["serviceSource"] = JsonSerializer.SerializeToElement("microsoftDefenderForEndpoint") };
}
