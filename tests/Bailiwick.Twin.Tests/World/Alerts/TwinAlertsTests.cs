using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.World.Alerts;

public sealed class TwinAlertsTests
{
    [Fact]
    public async Task An_update_keeps_showing_the_old_version_until_its_lag_has_passed()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = host.Alerts.Raise(PlaneHost.Harrowgate);
        var before = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body.GetRawText();
        (await host.ControlAsync(HttpMethod.Put, "/planes/knobs", """{"visibilityLagMinSeconds":30,"visibilityLagMaxSeconds":60}""")).Status.ShouldBe(200);
        host.Time.Advance(TimeSpan.FromSeconds(10));
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/{id}/update", """{"status":"inProgress"}""")).Status.ShouldBe(200);
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/{id}/update", """{"comment":"second"}""")).Status.ShouldBe(200);
        var raised = host.Alerts.Raise(PlaneHost.Harrowgate);
        host.Time.Advance(TimeSpan.FromSeconds(29));
        (await host.GraphAsync($"/security/alerts_v2/{id}")).Body.GetRawText().ShouldBe(before);
        (await host.GraphAsync("/security/alerts_v2")).Body.Ids().ShouldBe([id]);
        host.Time.Advance(TimeSpan.FromSeconds(32));
        var after = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body;
        after.Str("status").ShouldBe("inProgress");
        after.GetProperty("comments").GetArrayLength().ShouldBe(1);
        (await host.GraphAsync("/security/alerts_v2")).Body.Ids().ShouldContain(raised);
        DateTimeOffset.Parse(after.Str("lastUpdateDateTime")).ShouldBeLessThan(host.Time.GetUtcNow().AddSeconds(-50));
    }

    [Fact]
    public async Task A_callers_own_change_is_seen_at_once_despite_the_lag()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = host.Alerts.Raise(PlaneHost.Harrowgate);
        host.Planes.SetKnobs(null, new AlertKnobs { VisibilityLagMinSeconds = 30, VisibilityLagMaxSeconds = 30 });
        host.Alerts.Update(PlaneHost.Harrowgate, id, comment: "waits");
        (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/alerts_v2/{id}", PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.ReadWrite.All"), """{"status":"resolved"}""")).Status.ShouldBe(200);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        var alert = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body;
        alert.Str("status").ShouldBe("resolved");
        alert.GetProperty("comments").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_suppressed_alert_is_gone_from_every_plane()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExporterApps = [PlaneHost.App] });
        host.Alerts.Generate(PlaneHost.Harrowgate, 10, host.Time.GetUtcNow().AddHours(-1));
        var id = (await host.DefenderAsync("/alerts?$top=1")).Body.Ids()[0];
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/{id}/suppress")).Status.ShouldBe(200);
        (await host.GraphAsync($"/security/alerts_v2/{id}")).Status.ShouldBe(404);
        (await host.DefenderAsync($"/alerts/{id}")).Status.ShouldBe(404);
        (await host.ExporterAsync()).Body.GetRawText().ShouldNotContain(id);
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/{id}/suppress")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Retention_hides_and_purge_erases()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 100, host.Time.GetUtcNow().AddDays(-60));
        var oldest = (await host.GraphAsync("/security/alerts_v2?$orderby=lastUpdateDateTime")).Body.Ids()[0];
        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs { RetentionDays = 30 });
        var kept = (await host.GraphAsync("/security/alerts_v2")).Body.Values();
        kept.Count.ShouldBeInRange(1, 99);
        kept.ShouldAllBe(alert => DateTimeOffset.Parse(alert.Str("lastUpdateDateTime")) >= host.Time.GetUtcNow().AddDays(-30));
        (await host.GraphAsync($"/security/alerts_v2/{oldest}")).Status.ShouldBe(404);
        var truth = (await host.ControlAsync(HttpMethod.Get, $"/alerts/{PlaneHost.Harrowgate}/truth")).Body.Values();
        List<string> Told(string source) => [.. truth.Where(line => line.Str("source") == source).Select(line => line.Str("id")).Order()];
        Told("graph").ShouldBe(kept.Select(alert => alert.Str("id")).Order());
        Told("defender").ShouldBe((await host.DefenderAsync("/alerts")).Body.Ids().Order());
        host.Planes.SetKnobs(PlaneHost.Harrowgate, new AlertKnobs());
        (await host.GraphAsync("/security/alerts_v2")).Body.Values().Count.ShouldBe(100);
        host.Alerts.Purge(PlaneHost.Harrowgate, 30).ShouldBe(100 - kept.Count);
        (await host.GraphAsync("/security/alerts_v2")).Body.Values().Count.ShouldBe(kept.Count);
    }

    [Fact]
    public async Task Raise_takes_its_words_from_the_caller()
    {
        await using var host = await PlaneHost.StartAsync();
        var (status, body, _) = await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/raise", """{"title":"Ä | = \\ \"x\"\n2","severity":"high"}""");
        status.ShouldBe(200);
        var alert = (await host.GraphAsync($"/security/alerts_v2/{body.Str("id")}")).Body;
        alert.Str("title").ShouldBe("Ä | = \\ \"x\"\n2");
        (await host.GraphAsync("/security/alerts_v2?$filter=severity%20eq%20'high'")).Body.Values().ShouldHaveSingleItem();
        string RaiseAs(string id) => host.Alerts.Raise(PlaneHost.Harrowgate, new Dictionary<string, JsonElement> { ["id"] = JsonDocument.Parse(id).RootElement });
        RaiseAs("\"da_own\"").ShouldBe("da_own");
        (await host.GraphAsync("/security/alerts_v2/da_own")).Body.Str("id").ShouldBe("da_own");
        Should.Throw<ArgumentException>(() => RaiseAs("7"));
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/raise", """{"colour":"red"}""")).Status.ShouldBe(400);
        (await host.ControlAsync(HttpMethod.Post, $"/tenants/{Guid.NewGuid()}/alerts/raise")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Further_evidence_names_the_device_of_the_alert_however_its_file_is_spelled()
    {
        await using var host = await PlaneHost.StartAsync();
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(
            """
            {"id":"da1","title":"says \"mdeDeviceId\":\"not this\"","serviceSource":"microsoftDefenderForEndpoint","createdDateTime":"2026-03-10T08:00:00Z","lastUpdateDateTime":"2026-03-10T08:00:00Z",
            "evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","mdeDeviceId" : "9b\u0066"}]}
            """));
        host.Alerts.Import(PlaneHost.Harrowgate, file);

        host.Alerts.Update(PlaneHost.Harrowgate, "da1").ShouldBeTrue();

        (await host.GraphAsync("/security/alerts_v2/da1")).Body.GetProperty("evidence")[1].Str("mdeDeviceId").ShouldBe("9bf");
    }

    [Theory]
    [InlineData("generate", """{"count":4294967297}""", "count")]
    [InlineData("storm", """{"count":4294967297}""", "count")]
    [InlineData("purge", """{"olderThanDays":4294967297}""", "olderThanDays")]
    public async Task A_number_that_is_too_large_is_refused_and_not_folded(string act, string body, string named)
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Raise(PlaneHost.Harrowgate);

        var (status, answer, _) = await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/{act}", body);

        status.ShouldBe(400);
        answer.Str("error").ShouldContain(named);
    }

    [Fact]
    public async Task Truth_says_what_the_planes_hand_out()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExporterApps = [PlaneHost.App] });
        await host.ControlAsync(HttpMethod.Post, $"/tenants/{PlaneHost.Harrowgate}/alerts/generate", """{"count":50,"from":"2026-03-11T07:00:00Z","seed":9}""");
        var truth = (await host.ControlAsync(HttpMethod.Get, $"/alerts/{PlaneHost.Harrowgate}/truth")).Body.Values();
        static string Sha(JsonElement alert) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(alert.GetRawText())));
        var graph = await host.SendAsync(HttpMethod.Get, "/graph/v1.0/security/alerts_v2", PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.Read.All"), null, request => request.Headers.Add("Prefer", "include-unknown-enum-members"));
        List<string> Told(string source) => [.. truth.Where(line => line.Str("source") == source).Select(line => line.Str("sha256")).Order()];
        Told("graph").ShouldBe([.. graph.Body.Values().Select(Sha).Order()]);
        Told("defender").ShouldBe([.. (await host.DefenderAsync("/alerts?$expand=evidence")).Body.Values().Select(Sha).Order()]);
        Told("exporter").ShouldBe([.. (await host.ExporterAsync("?untilTimeUtc=2030-01-01")).Body.Values().Select(Sha).Order()]);
        var count = (await host.ControlAsync(HttpMethod.Get, $"/tenants/{PlaneHost.Harrowgate}/alerts/count")).Body;
        count.GetProperty("graph").GetInt32().ShouldBe(50);
    }

    [Fact]
    public async Task Knobs_refuse_unknown_names_and_impossible_numbers()
    {
        await using var host = await PlaneHost.StartAsync();
        foreach (var body in (string[])["""{"graphTop":1}""", """{"graphTopCap":0}""", """{"retentionDays":-1}""", """{"visibilityLagMinSeconds":5,"visibilityLagMaxSeconds":1}""", "[", "null"])
        {
            var (status, answer, _) = await host.ControlAsync(HttpMethod.Put, "/planes/knobs", body);
            status.ShouldBe(400);
            answer.Str("error").ShouldNotBeEmpty();
        }

        await host.ControlAsync(HttpMethod.Put, "/planes/knobs", """{"graphTopCap":7}""");
        await host.ControlAsync(HttpMethod.Put, $"/planes/knobs?tenant={PlaneHost.Second}", """{"graphTopCap":3}""");
        host.Planes.EffectiveKnobs(PlaneHost.Harrowgate).GraphTopCap.ShouldBe(7);
        host.Planes.EffectiveKnobs(PlaneHost.Second).GraphTopCap.ShouldBe(3);
        host.Planes.EffectiveKnobs(PlaneHost.Second).GraphSkipCap.ShouldBe(500);
    }

    [Fact]
    public void Alerts_waiting_versions_knobs_and_scopes_outlive_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-twin-").FullName;
        var time = new Testing.ManualTime();
        var user = Guid.NewGuid();
        AlertPlanes Open() => new(new TwinStore(folder), new TwinClock(time), NSubstitute.Substitute.For<ITwinTokenReader>(), PlaneHost.Find);
        using (var first = Open())
        {
            first.Alerts.Generate(PlaneHost.Harrowgate, 30);
            first.SetKnobs(null, new AlertKnobs { VisibilityLagMinSeconds = 60, VisibilityLagMaxSeconds = 60 });
            first.SetScope(PlaneHost.Harrowgate, user, ["Servers"]);
            first.Alerts.Raise(PlaneHost.Harrowgate);
        }

        using (var second = Open())
        {
            second.Alerts.Count(PlaneHost.Harrowgate).Graph.ShouldBe(30);
            time.Advance(TimeSpan.FromSeconds(61));
            second.Alerts.Count(PlaneHost.Harrowgate).Graph.ShouldBe(31);
            second.Alerts.Generate(PlaneHost.Harrowgate, 10);
            second.Alerts.Count(PlaneHost.Harrowgate).Graph.ShouldBe(41);
            second.GetKnobs(null).VisibilityLagMinSeconds.ShouldBe(60);
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Campaigns_cross_customers()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 600);
        host.Alerts.Generate(PlaneHost.Second, 600);
        static HashSet<string> Urls(JsonElement body) => [.. body.Values().SelectMany(alert => alert.GetProperty("evidence").EnumerateArray()).Where(entry => entry.TryGetProperty("url", out _)).Select(entry => entry.Str("url"))];
        var shared = Urls((await host.GraphAsync("/security/alerts_v2")).Body);
        shared.IntersectWith(Urls((await host.GraphAsync("/security/alerts_v2", tenant: PlaneHost.Second)).Body));
        shared.Count.ShouldBeInRange(3, 12);
    }
}
