using System.Net;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Planes;

public sealed class GraphAlertPlaneTests
{
    private const string List = "/graph/v1.0/security/alerts_v2";

    [Fact]
    public async Task A_window_is_closed_at_its_start_and_open_at_its_end()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 60);
        var all = (await world.GetAsync($"{List}?$top=1000")).Value;
        var edge = all[20].GetProperty("lastUpdateDateTime").GetString()!;
        var from = (await world.GetAsync($"{List}?$top=1000&$filter=lastUpdateDateTime ge {edge}")).Value;
        var before = (await world.GetAsync($"{List}?$top=1000&$filter=lastUpdateDateTime lt {edge}")).Value;
        from.Count(alert => alert.GetProperty("lastUpdateDateTime").GetString() == edge).ShouldBeGreaterThan(0);
        before.ShouldAllBe(alert => alert.GetProperty("lastUpdateDateTime").GetString() != edge);
        (from.Count + before.Count).ShouldBe(all.Count);
    }

    [Theory]
    [InlineData("severity eq 'high'", 200)]
    [InlineData("severity eq 'high' or (severity eq 'low' and status eq 'new')", 200)]
    [InlineData("serviceSource eq 'microsoftDefenderForEndpoint' and createdDateTime ge 2020-01-01T00:00:00Z", 200)]
    [InlineData("title eq 'x'", 400)]
    [InlineData("investigationState eq 'queued'", 400)]
    [InlineData("severity eq", 400)]
    [InlineData("severity in ('high')", 400)]
    public async Task Only_the_documented_filters_are_taken(string filter, int status)
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 40);
        ((int)(await world.GetAsync($"{List}?$filter={Uri.EscapeDataString(filter)}")).Status).ShouldBe(status);
    }

    [Fact]
    public async Task Filters_choose_what_they_say()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 80);
        var all = (await world.GetAsync($"{List}?$top=1000")).Value;
        var high = (await world.GetAsync($"{List}?$top=1000&$filter=severity eq 'high'")).Value;
        high.Count.ShouldBe(all.Count(alert => alert.GetProperty("severity").GetString() == "high"));
        high.Count.ShouldBeInRange(1, all.Count - 1);
    }

    [Fact]
    public async Task A_page_above_the_cap_is_clamped_and_counted()
    {
        await using var world = await PlaneWorld.StartAsync(new AlertKnobs { GraphTopCap = 25 });
        world.Alerts.Generate(world.Tenant.Id, 60);
        var answer = await world.GetAsync($"{List}?$top=1000&$count=true");
        answer.Value.Count.ShouldBe(25);
        answer.Json.GetProperty("@odata.count").GetInt32().ShouldBe(60);
        answer.Json.TryGetProperty("@odata.nextLink", out _).ShouldBeFalse("integrators saw no continuation");
        (await world.GetAsync($"{List}?$top=10&$skip=501")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await world.GetAsync($"{List}?$top=10&$skip=55")).Value.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Continuation_links_lead_through_everything_when_switched_on()
    {
        await using var world = await PlaneWorld.StartAsync(new AlertKnobs { GraphNextLink = true });
        world.Alerts.Generate(world.Tenant.Id, 57);
        var ids = new HashSet<string>();
        for (var next = $"{List}?$top=10"; next is not null;)
        {
            var answer = await world.GetAsync(next);
            foreach (var alert in answer.Value) ids.Add(alert.GetProperty("id").GetString()!);
            next = answer.Json.TryGetProperty("@odata.nextLink", out var link) ? new Uri(link.GetString()!).PathAndQuery : null;
        }

        ids.Count.ShouldBe(57);
    }

    [Fact]
    public async Task The_newest_update_comes_first()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 30);
        var times = (await world.GetAsync($"{List}?$top=1000")).Value.Select(alert => alert.GetProperty("lastUpdateDateTime").GetDateTimeOffset()).ToList();
        times.ShouldBe(times.OrderDescending());
    }

    [Fact]
    public async Task A_change_moves_the_update_time_and_nothing_moves_the_creation()
    {
        await using var world = await PlaneWorld.StartAsync();
        var id = world.Alerts.Raise(world.Tenant.Id);
        var before = (await world.GetAsync($"{List}/{id}")).Json;
        world.Host.Services.Clock.Advance(TimeSpan.FromMinutes(5));
        var patched = await world.AskAsync(HttpMethod.Patch, $"{List}/{id}", new { status = "resolved", classification = "truePositive" });
        patched.Status.ShouldBe(HttpStatusCode.OK);
        var after = (await world.GetAsync($"{List}/{id}")).Json;
        after.GetProperty("status").GetString().ShouldBe("resolved");
        after.GetProperty("lastUpdateDateTime").GetDateTimeOffset().ShouldBeGreaterThan(before.GetProperty("lastUpdateDateTime").GetDateTimeOffset());
        after.GetProperty("createdDateTime").GetString().ShouldBe(before.GetProperty("createdDateTime").GetString());
        var ticks = after.GetProperty("lastUpdateDateTime").GetDateTimeOffset().UtcTicks % TimeSpan.TicksPerSecond;
        var off = ticks * 300 % TimeSpan.TicksPerSecond; // seven digits round a third up or down
        Math.Min(off, TimeSpan.TicksPerSecond - off).ShouldBeLessThanOrEqualTo(300, "update times move in steps of 1/300 s");
    }

    [Fact]
    public async Task A_row_is_hidden_until_its_visibility_lag_has_passed()
    {
        await using var world = await PlaneWorld.StartAsync(new AlertKnobs { VisibilityLagMinSeconds = 30, VisibilityLagMaxSeconds = 40 });
        world.Host.Services.Clock.Freeze();
        world.Alerts.Raise(world.Tenant.Id);
        (await world.GetAsync(List)).Value.ShouldBeEmpty();
        world.Host.Services.Clock.Advance(TimeSpan.FromSeconds(41));
        (await world.GetAsync(List)).Value.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_documented_limit_answers_429_with_the_seconds_to_wait()
    {
        await using var world = await PlaneWorld.StartAsync(new AlertKnobs { GraphPerMinute = 5 });
        Answer answer = null!;
        for (var i = 0; i < 6; i++) answer = await world.GetAsync($"{List}?$top=1");
        answer.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task Wrong_audience_missing_permission_and_missing_licence_are_told_apart()
    {
        await using var world = await PlaneWorld.StartAsync(permissions: ["Organization.Read.All"]);
        (await world.GetAsync(List, Wire.Planes.DefenderResource)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await world.GetAsync(List)).Status.ShouldBe(HttpStatusCode.Forbidden);
        await using var unlicensed = await PlaneWorld.StartAsync(licensed: false);
        (await unlicensed.GetAsync(List)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_merge_redirects_the_incident_and_moves_its_alerts()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 60);
        var incidents = (await world.GetAsync("/graph/v1.0/security/incidents?$top=50")).Value.Select(incident => incident.GetProperty("id").GetString()!).ToList();
        incidents.Count.ShouldBeGreaterThan(1);
        world.Alerts.Merge(world.Tenant.Id, incidents[0], incidents[1]).ShouldNotBeNull();
        var merged = (await world.GetAsync($"/graph/v1.0/security/incidents/{incidents[0]}")).Json;
        merged.GetProperty("status").GetString().ShouldBe("redirected");
        merged.GetProperty("redirectIncidentId").GetString().ShouldBe(incidents[1]);
        (await world.GetAsync($"{List}?$top=1000")).Value.ShouldAllBe(alert => alert.GetProperty("incidentId").GetString() != incidents[0]);
    }
}
