using System.Text.Json;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Graph;

public sealed class GraphIncidentsTests
{
    [Fact]
    public async Task Every_alert_belongs_to_a_listed_incident()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 60);
        var alerts = (await host.GraphAsync("/security/alerts_v2")).Body.Values();
        var incidents = (await host.GraphAsync("/security/incidents?$top=100")).Body.Values();
        incidents.Select(incident => incident.Str("id")).Order().ShouldBe(alerts.Select(alert => alert.Str("incidentId")).Distinct().Order());
        foreach (var incident in incidents)
        {
            var mine = (await host.GraphAsync($"/security/incidents/{incident.Str("id")}/alerts")).Body.Ids();
            mine.Order().ShouldBe(alerts.Where(alert => alert.Str("incidentId") == incident.Str("id")).Select(alert => alert.Str("id")).Order());
        }
    }

    [Fact]
    public async Task Incidents_stay_whole_when_alerts_are_generated_one_by_one()
    {
        await using var host = await PlaneHost.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            host.Alerts.Raise(PlaneHost.Harrowgate);
            host.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var alerts = (await host.GraphAsync("/security/alerts_v2")).Body.Values();
        var incidents = (await host.GraphAsync("/security/incidents")).Body.Values();
        foreach (var incident in incidents)
        {
            var mine = alerts.Where(alert => alert.Str("incidentId") == incident.Str("id")).ToList();
            DateTimeOffset.Parse(incident.Str("lastUpdateDateTime")).ShouldBe(mine.Max(alert => DateTimeOffset.Parse(alert.Str("lastUpdateDateTime"))));
        }

        incidents.Count.ShouldBe(alerts.Select(alert => alert.Str("incidentId")).Distinct().Count());
    }

    [Fact]
    public async Task Expand_carries_the_alerts_until_there_are_too_many()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExpandAlertsLimit = 10 });
        host.Alerts.Generate(PlaneHost.Harrowgate, 40);
        var (status, body, _) = await host.GraphAsync("/security/incidents?$top=2&$expand=alerts");
        status.ShouldBe(200);
        foreach (var incident in body.Values())
            incident.GetProperty("alerts").EnumerateArray().ShouldAllBe(alert => alert.GetProperty("incidentId").GetString() == incident.GetProperty("id").GetString());
        body.Values().Sum(incident => incident.GetProperty("alerts").GetArrayLength()).ShouldBeGreaterThan(0);
        (await host.GraphAsync("/security/incidents?$expand=alerts")).Status.ShouldBe(500);
        (await host.GraphAsync("/security/incidents?$expand=devices")).Status.ShouldBe(400);
        (await host.GraphAsync("/security/incidents?$filter=serviceSource%20eq%20'microsoftSentinel'")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Merge_redirects_the_incident_and_its_alerts_carry_the_target()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 30);
        host.Time.Advance(TimeSpan.FromMinutes(5));
        var incidents = (await host.GraphAsync("/security/incidents")).Body.Ids();
        var (from, into) = (incidents[3], incidents[5]);
        var moved = (await host.GraphAsync($"/security/incidents/{from}/alerts")).Body.Ids();
        var answer = await host.ControlAsync(HttpMethod.Post, "/incidents/merge", JsonSerializer.Serialize(new { tenantId = PlaneHost.Harrowgate, from, into }));
        answer.Body.GetProperty("moved").GetInt32().ShouldBe(moved.Count);
        var redirected = (await host.GraphAsync($"/security/incidents/{from}")).Body;
        redirected.Str("status").ShouldBe("redirected");
        redirected.Str("redirectIncidentId").ShouldBe(into);
        (await host.GraphAsync($"/security/incidents/{from}/alerts")).Body.Values().ShouldBeEmpty();
        moved.ShouldBeSubsetOf((await host.GraphAsync($"/security/incidents/{into}/alerts")).Body.Ids());
        foreach (var id in moved)
        {
            var alert = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body;
            alert.Str("incidentId").ShouldBe(into);
            alert.Str("incidentWebUrl").ShouldBe($"https://security.microsoft.com/incidents/{into}?tid={PlaneHost.Harrowgate}");
            DateTimeOffset.Parse(alert.Str("lastUpdateDateTime")).ShouldBeGreaterThan(host.Time.GetUtcNow().AddSeconds(-1));
        }

        (await host.ControlAsync(HttpMethod.Post, "/incidents/merge", JsonSerializer.Serialize(new { tenantId = PlaneHost.Harrowgate, from, into = "1" }))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Patch_changes_tags_and_status_and_comment_is_kept()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 4);
        var id = (await host.GraphAsync("/security/incidents")).Body.Ids()[0];
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityIncident.ReadWrite.All");
        host.Time.Advance(TimeSpan.FromSeconds(3));
        var patched = await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{id}", token, """{"status":"awaitingAction","customTags":["Demo"]}""");
        (patched.Status, patched.Body.Str("status")).ShouldBe((200, "unknownFutureValue"));
        (await host.SendAsync(HttpMethod.Post, $"/graph/v1.0/security/incidents/{id}/comments", token, """{"comment":"seen"}""")).Status.ShouldBe(200);
        var incident = (await host.GraphAsync($"/security/incidents/{id}")).Body;
        incident.Str("status").ShouldBe("unknownFutureValue");
        incident.GetProperty("customTags")[0].GetString().ShouldBe("Demo");
        incident.GetProperty("comments")[0].Str("comment").ShouldBe("seen");
    }

    [Fact]
    public async Task Past_retention_an_incident_is_gone_for_every_call()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 60, host.Time.GetUtcNow().AddDays(-60));
        var before = (await host.GraphAsync("/security/incidents?$top=100")).Body.Values();
        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs { RetentionDays = 30 });
        var kept = (await host.GraphAsync("/security/incidents?$top=100")).Body.Ids();
        var gone = before.Select(incident => incident.Str("id")).Except(kept).First();
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityIncident.ReadWrite.All");
        (await host.GraphAsync($"/security/incidents/{kept[0]}")).Status.ShouldBe(200);
        (await host.GraphAsync($"/security/incidents/{gone}")).Status.ShouldBe(404);
        (await host.GraphAsync($"/security/incidents/{gone}/alerts")).Status.ShouldBe(404);
        (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{gone}", token, """{"status":"resolved"}""")).Status.ShouldBe(404);
        (await host.SendAsync(HttpMethod.Post, $"/graph/v1.0/security/incidents/{gone}/comments", token, """{"comment":"late"}""")).Status.ShouldBe(404);
        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs());
        (await host.GraphAsync($"/security/incidents/{gone}")).Body.Str("status").ShouldBe(before.Single(incident => incident.Str("id") == gone).Str("status"));
    }
}
