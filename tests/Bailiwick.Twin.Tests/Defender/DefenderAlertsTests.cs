using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Tests.Graph;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Defender;

namespace Bailiwick.Twin.Tests.Defender;

public sealed class DefenderAlertsTests
{
    [Fact]
    public async Task Both_planes_tell_the_same_story()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 100);
        var graph = (await host.GraphAsync("/security/alerts_v2?$filter=serviceSource%20eq%20'microsoftDefenderForEndpoint'")).Body.Values();
        var defender = (await host.DefenderAsync("/alerts?$expand=evidence")).Body.Values();
        defender.ConvertAll(alert => alert.Str("id")).ShouldBe(graph.ConvertAll(alert => alert.Str("providerAlertId")));
        foreach (var (left, right) in graph.Zip(defender))
        {
            right.Str("title").ShouldBe(left.Str("title"));
            right.Str("lastUpdateTime").ShouldBe(left.Str("lastUpdateDateTime"));
            right.GetProperty("incidentId").GetInt64().ToString().ShouldBe(left.Str("incidentId"));
            right.Str("aadTenantId").ShouldBe(PlaneHost.Harrowgate.ToString());
            right.Str("machineId").ShouldBe(left.GetProperty("evidence").EnumerateArray().First(entry => entry.Str("@odata.type").EndsWith("deviceEvidence", StringComparison.Ordinal)).Str("mdeDeviceId"));
            right.GetProperty("evidence").EnumerateArray().ShouldAllBe(entry => entry.EnumerateObject().Select(property => property.Name).SequenceEqual(DefenderWords.EvidenceKeys));
        }
    }

    [Fact]
    public async Task Evidence_is_empty_unless_expanded_and_always_there_on_get()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = GraphAlertsTests.RaiseOnEndpoint(host);
        var plain = (await host.DefenderAsync("/alerts")).Body;
        plain.Str("@odata.context").ShouldEndWith("/defender/api/$metadata#Alerts");
        plain.Values().ShouldAllBe(alert => alert.GetProperty("evidence").GetArrayLength() == 0);
        (await host.DefenderAsync($"/alerts/{id}")).Body.GetProperty("evidence").GetArrayLength().ShouldBeGreaterThan(0);
        (await host.DefenderAsync("/v1.0/alerts")).Body.Ids().ShouldContain(id);
    }

    [Theory]
    [InlineData("Severity eq 'High'", 200)]
    [InlineData("severity eq 'UnSpecified'", 200)]
    [InlineData("incidentId eq 1001", 200)]
    [InlineData("lastUpdateTime ge 2026-03-01Z", 200)]
    [InlineData("lastUpdateTime ge 2026-03-01T06:00:00Z and lastUpdateTime lt 2026-03-05T00:00:00.5Z", 200)]
    [InlineData("detectionSource eq 'WindowsDefenderAv'", 200)]
    [InlineData("title eq 'x'", 400)]
    [InlineData("incidentId eq '1001'", 400)]
    [InlineData("machineId eq 'x'", 400)]
    public async Task Filter_knows_the_documented_properties(string filter, int expected)
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 200);
        var all = (await host.DefenderAsync("/alerts")).Body.Values();
        var incident = all[0].GetProperty("incidentId").GetInt64();
        filter = filter.Replace("eq 1001", $"eq {incident}", StringComparison.Ordinal);
        var (status, body, _) = await host.DefenderAsync("/alerts?$filter=" + filter.Replace(' ', '+'));
        status.ShouldBe(expected);
        if (expected == 400)
        {
            body.Error().ShouldBe("ODataError");
            Guid.TryParse(body.GetProperty("error").Str("target"), out _).ShouldBeTrue();
            return;
        }

        var from = new DateTimeOffset(2026, 3, 1, filter.Contains("T06", StringComparison.Ordinal) ? 6 : 0, 0, 0, TimeSpan.Zero);
        bool Matches(JsonElement alert) => filter.Split(' ')[0] switch
        {
            "Severity" => alert.Str("severity") == "High",
            "severity" => false,
            "incidentId" => alert.GetProperty("incidentId").GetInt64() == incident,
            "detectionSource" => alert.Str("detectionSource") == "WindowsDefenderAv",
            _ => DateTimeOffset.Parse(alert.Str("lastUpdateTime"), null) is var at && at >= from
                && (!filter.Contains(" lt ", StringComparison.Ordinal) || at < new DateTimeOffset(2026, 3, 5, 0, 0, 0, 500, TimeSpan.Zero)),
        };
        var matching = all.Where(Matches).Select(alert => alert.Str("id")).ToList();
        if (filter != "severity eq 'UnSpecified'") matching.ShouldNotBeEmpty();
        body.Ids().ShouldBe(matching);
    }

    [Fact]
    public async Task Top_above_ten_thousand_is_refused_and_skip_goes_far()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 30);
        (await host.DefenderAsync("/alerts?$top=10001")).Status.ShouldBe(400);
        (await host.DefenderAsync("/alerts?$top=10000&$skip=5000")).Body.Values().ShouldBeEmpty();
        (await host.DefenderAsync("/alerts?$select=id")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Patch_appends_a_comment_and_names_are_case_sensitive()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = GraphAlertsTests.RaiseOnEndpoint(host);
        var token = PlaneHost.Token(PlaneHost.Defender, "Alert.ReadWrite.All");
        var (status, body, _) = await host.SendAsync(
            HttpMethod.Patch, $"/defender/api/alerts/{id}", token, """{"status":"InProgress","classification":"FalsePositive","determination":"Clean","comment":"a|b=c"}""");
        status.ShouldBe(200);
        body.Str("status").ShouldBe("InProgress");
        body.Str("determination").ShouldBe("NotMalicious");
        body.GetProperty("comments")[0].Str("comment").ShouldBe("a|b=c");
        (await host.GraphAsync($"/security/alerts_v2/{id}")).Body.Str("status").ShouldBe("inProgress");
        (await host.SendAsync(HttpMethod.Patch, $"/defender/api/alerts/{id}", token, """{"Status":"New"}""")).Body.Error().ShouldBe("InvalidRequestBody");
        (await host.SendAsync(HttpMethod.Patch, "/defender/api/alerts/none", token, """{"status":"New"}""")).Body.Error().ShouldBe("ResourceNotFound");
        (await host.SendAsync(HttpMethod.Patch, $"/defender/api/alerts/{id}", PlaneHost.Token(PlaneHost.Defender, "Alert.Read.All"), "{}")).Body.Error().ShouldBe("Forbidden");
    }

    [Fact]
    public async Task Batch_update_changes_all_or_none_and_only_ten_times_a_minute()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 20);
        var ids = (await host.DefenderAsync("/alerts?$top=3")).Body.Ids();
        var token = PlaneHost.Token(PlaneHost.Defender, "Alert.ReadWrite.All");
        Task<(int Status, JsonElement Body, HttpResponseMessage Response)> Batch(object body) =>
            host.SendAsync(HttpMethod.Post, "/defender/api/alerts/batchUpdate", token, JsonSerializer.Serialize(body));
        (await Batch(new { alertIds = ids.Append("none"), status = "Resolved" })).Status.ShouldBe(404);
        (await host.DefenderAsync($"/alerts/{ids[0]}")).Body.Str("status").ShouldBe("New");
        (await Batch(new { alertIds = ids, status = "Resolved" })).Status.ShouldBe(200);
        foreach (var id in ids) (await host.DefenderAsync($"/alerts/{id}")).Body.Str("status").ShouldBe("Resolved");
        (await Batch(new { status = "Resolved" })).Body.Error().ShouldBe("MissingRequiredParameter");
        for (var i = 3; i < 10; i++) await Batch(new { alertIds = ids, status = "New" });
        var (status, body, response) = await Batch(new { alertIds = ids, status = "New" });
        (status, body.Error()).ShouldBe((429, "TooManyRequests"));
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Limits_hold_per_minute_and_hour_and_can_be_switched_off()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { DefenderPerMinute = 5, DefenderPerHour = 7 });
        for (var i = 0; i < 5; i++) (await host.DefenderAsync("/alerts?$top=1")).Status.ShouldBe(200);
        (await host.DefenderAsync("/alerts?$top=1")).Status.ShouldBe(429);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 2; i++) (await host.DefenderAsync("/alerts?$top=1")).Status.ShouldBe(200);
        var (status, _, response) = await host.DefenderAsync("/alerts?$top=1");
        status.ShouldBe(429);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(59));
        (await host.ControlAsync(HttpMethod.Put, $"/planes/knobs?tenant={PlaneHost.Harrowgate}", """{"limits":false}""")).Status.ShouldBe(200);
        (await host.DefenderAsync("/alerts?$top=1")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Callers_are_turned_away_in_order()
    {
        await using var host = await PlaneHost.StartAsync();
        (await host.SendAsync(HttpMethod.Get, "/defender/api/alerts")).Body.Error().ShouldBe("Unauthorized");
        (await host.SendAsync(HttpMethod.Get, "/defender/api/alerts", PlaneHost.Token(PlaneHost.Graph, "Alert.Read.All"))).Status.ShouldBe(401);
        (await host.DefenderAsync("/alerts", "Machine.Read.All")).Body.Error().ShouldBe("Forbidden");
        (await host.DefenderAsync("/alerts", tenant: PlaneHost.Unlicensed)).Body.Error().ShouldBe("DisabledFeature");
    }

    [Fact]
    public async Task Past_retention_an_incident_of_the_unified_api_is_gone_for_every_call()
    {
        await using var host = await PlaneHost.StartAsync();
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(
            """{"incidentId":263,"incidentName":"n","createdTime":"2026-01-01T12:34:34Z","lastUpdateTime":"2026-01-02T08:30:46Z","status":"Active","severity":"Low","alerts":[]}"""));
        host.Alerts.Import(PlaneHost.Harrowgate, file);
        (await host.DefenderAsync("/incidents/263")).Status.ShouldBe(200);

        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs { RetentionDays = 30 });

        (await host.DefenderAsync("/incidents")).Body.Values().ShouldBeEmpty();
        (await host.DefenderAsync("/incidents/263")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_person_limited_to_device_groups_sees_incidents_of_the_unified_api_by_the_devices_in_them()
    {
        await using var host = await PlaneHost.StartAsync();
        string Incident(int id, string alerts) =>
            $$"""{"incidentId":{{id}},"incidentName":"n","createdTime":"2026-03-01T12:34:34Z","lastUpdateTime":"2026-03-02T08:30:46Z","status":"Active","severity":"Low","alerts":[{{alerts}}]}""";
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(string.Join(
            '\n',
            Incident(1, """{"alertId":"a","devices":[{"rbacGroupName":"Servers"}]}"""),
            Incident(2, """{"alertId":"b","devices":[{"rbacGroupName":"Workstations"}]}"""),
            Incident(3, """{"alertId":"c","devices":[]}"""))));
        host.Alerts.Import(PlaneHost.Harrowgate, file);
        host.Planes.SetScope(PlaneHost.Harrowgate, PlaneHost.Analyst, ["Servers"]);

        var listed = (await host.DefenderAsync("/incidents", user: PlaneHost.Analyst)).Body.Values().ConvertAll(incident => incident.GetProperty("incidentId").GetInt32());

        listed.ShouldBe([1, 3], ignoreOrder: true);
        (await host.DefenderAsync("/incidents")).Body.Values().Count.ShouldBe(3);
        (await host.DefenderAsync("/incidents/1", user: PlaneHost.Analyst)).Status.ShouldBe(200);
        (await host.DefenderAsync("/incidents/2", user: PlaneHost.Analyst)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Machines_are_none_until_alerts_speak_of_them()
    {
        await using var host = await PlaneHost.StartAsync();
        var (status, body, _) = await host.DefenderAsync("/machines");
        (status, body.Error()).ShouldBe((404, "ResourceNotFound"));
        host.Alerts.Generate(PlaneHost.Harrowgate, 50);
        var machines = (await host.DefenderAsync("/machines")).Body.Values();
        machines.Count.ShouldBeGreaterThan(10);
        var known = machines.ConvertAll(machine => machine.Str("id"));
        (await host.DefenderAsync("/alerts")).Body.Values().ShouldAllBe(alert => known.Contains(alert.GetProperty("machineId").GetString()!));
        (await host.DefenderAsync($"/machines/{known[0]}")).Body.Str("computerDnsName").ShouldEndWith(".harrowgate.example");
        (await host.DefenderAsync("/machines?$filter=healthStatus+ne+'Active'")).Body.Values().ShouldAllBe(machine => machine.GetProperty("healthStatus").GetString() != "Active");
        (await host.DefenderAsync("/machines?$filter=riskscore+eq+'High'&$top=1")).Status.ShouldBe(200);
        (await host.DefenderAsync("/machines?$filter=firstSeen+gt+2020-01-01Z")).Status.ShouldBe(400);
    }
}
