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
    public async Task Expand_counts_the_alerts_of_the_page_that_a_link_leads_to()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { GraphNextLink = true });
        host.Alerts.Generate(PlaneHost.Harrowgate, 40);
        var counts = (await host.GraphAsync("/security/incidents?$expand=alerts")).Body.Values().ConvertAll(incident => incident.GetProperty("alerts").GetArrayLength());
        counts.Distinct().Count().ShouldBeGreaterThan(1);
        host.Planes.SetKnobs(null, new AlertKnobs { ExpandAlertsLimit = counts.Min() });
        for (var i = 0; i < counts.Count; i++) (await host.GraphAsync($"/security/incidents?$expand=alerts&$top=1&$skiptoken={i}")).Status.ShouldBe(counts[i] > counts.Min() ? 500 : 200);
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Merge_moves_alerts_that_nobody_sees_yet(bool lagShrinks)
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 40);
        var incidents = (await host.GraphAsync("/security/incidents")).Body.Ids();
        host.Planes.SetKnobs(null, new AlertKnobs { VisibilityLagMinSeconds = 100, VisibilityLagMaxSeconds = 100 });
        var waiting = host.Alerts.Raise(PlaneHost.Harrowgate, new Dictionary<string, JsonElement> { ["incidentId"] = JsonDocument.Parse($"\"{incidents[0]}\"").RootElement });
        if (lagShrinks) host.Planes.SetKnobs(null, new AlertKnobs { VisibilityLagMinSeconds = 1, VisibilityLagMaxSeconds = 1 });

        host.Alerts.Merge(PlaneHost.Harrowgate, incidents[0], incidents[1]).ShouldNotBeNull();

        host.Time.Advance(TimeSpan.FromSeconds(101));
        (await host.GraphAsync($"/security/alerts_v2/{waiting}")).Body.Str("incidentId").ShouldBe(incidents[1]);
    }

    [Fact]
    public async Task A_person_limited_to_device_groups_sees_no_incident_without_an_alert_of_theirs()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExpandAlertsLimit = 10_000 });
        host.Alerts.Generate(PlaneHost.Harrowgate, 60);
        var all = (await host.GraphAsync("/security/incidents")).Body.Ids();
        host.Planes.SetScope(PlaneHost.Harrowgate, PlaneHost.Analyst, ["Servers"]);

        var listed = (await host.GraphAsync("/security/incidents?$expand=alerts&$count=true", user: PlaneHost.Analyst)).Body;

        listed.Ids().Count.ShouldBeInRange(1, all.Count - 1);
        listed.GetProperty("@odata.count").GetInt32().ShouldBe(listed.Ids().Count);
        listed.Values().ShouldAllBe(incident => incident.GetProperty("alerts").GetArrayLength() > 0);
        foreach (var id in all) (await host.GraphAsync($"/security/incidents/{id}", user: PlaneHost.Analyst)).Status.ShouldBe(listed.Ids().Contains(id) ? 200 : 404, id);
        var hidden = all.First(id => !listed.Ids().Contains(id));
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityIncident.ReadWrite.All", user: PlaneHost.Analyst);
        (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{hidden}", token, """{"status":"resolved"}""")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Patch_takes_a_severity_only_in_the_words_of_its_enumeration()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 4);
        var id = (await host.GraphAsync("/security/incidents")).Body.Ids()[0];
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityIncident.ReadWrite.All");
        foreach (var body in (string[])["""{"severity":"purple"}""", """{"severity":7}""", """{"severity":null}"""])
            (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{id}", token, body)).Status.ShouldBe(400, body);
        var patched = await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{id}", token, """{"severity":"HIGH"}""");
        (patched.Status, patched.Body.Str("severity")).ShouldBe((200, "high"));
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

    [Fact]
    public async Task Past_retention_an_incident_that_lives_on_shows_none_of_its_old_alerts()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 60, host.Time.GetUtcNow().AddDays(-60), host.Time.GetUtcNow().AddDays(-40));
        var id = (await host.GraphAsync("/security/incidents")).Body.Ids()[0];
        (await host.GraphAsync($"/security/incidents/{id}/alerts")).Body.Values().ShouldNotBeEmpty();
        (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/incidents/{id}", PlaneHost.Token(PlaneHost.Graph, "SecurityIncident.ReadWrite.All"), """{"status":"resolved"}""")).Status.ShouldBe(200);

        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs { RetentionDays = 30, ExpandAlertsLimit = 0 });

        (await host.GraphAsync($"/security/incidents/{id}/alerts")).Body.Values().ShouldBeEmpty();
        var listed = await host.GraphAsync("/security/incidents?$expand=alerts");
        listed.Status.ShouldBe(200, "alerts that are gone do not count towards the limit");
        listed.Body.Values().ShouldHaveSingleItem().GetProperty("alerts").GetArrayLength().ShouldBe(0);
    }
}
