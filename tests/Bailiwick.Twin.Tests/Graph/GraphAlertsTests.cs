using System.Text.Json;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World.Alerts;



namespace Bailiwick.Twin.Tests.Graph;

public sealed class GraphAlertsTests
{
    [Fact]
    public async Task List_is_newest_update_first_and_carries_a_context()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 120);
        var (status, body, response) = await host.GraphAsync("/security/alerts_v2?$top=50");
        status.ShouldBe(200);
        body.Values().Count.ShouldBe(50);
        body.Str("@odata.context").ShouldEndWith("/graph/v1.0/$metadata#security/alerts_v2");
        var times = body.Values().ConvertAll(alert => DateTimeOffset.Parse(alert.Str("lastUpdateDateTime")));
        times.ShouldBe([.. times.OrderDescending()]);
        response.Headers.Contains("request-id").ShouldBeTrue();
        body.TryGetProperty("@odata.nextLink", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Pages_by_skip_cover_every_alert_once()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 95);
        var seen = new List<string>();
        for (var skip = 0; skip < 100; skip += 30) seen.AddRange((await host.GraphAsync($"/security/alerts_v2?$top=30&$skip={skip}")).Body.Ids());
        seen.Count.ShouldBe(95);
        seen.Distinct().Count().ShouldBe(95);
    }

    [Theory]
    [InlineData("severity eq 'high'")]
    [InlineData("severity ne 'high'")]
    [InlineData("(severity eq 'high' or severity eq 'low') and status eq 'new'")]
    [InlineData("serviceSource eq 'microsoftDefenderForEndpoint'")]
    [InlineData("assignedTo eq null")]
    [InlineData("createdDateTime ge 2026-03-01T00:00:00Z and createdDateTime lt 2026-03-05T00:00:00Z")]
    public async Task Filter_returns_exactly_what_matches(string filter)
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 200);
        var all = (await host.GraphAsync("/security/alerts_v2")).Body.Values();
        var (status, body, _) = await host.GraphAsync("/security/alerts_v2?$count=true&$filter=" + Uri.EscapeDataString(filter));
        status.ShouldBe(200);
        bool Matches(JsonElement alert) => filter switch
        {
            "severity eq 'high'" => alert.Str("severity") == "high",
            "severity ne 'high'" => alert.Str("severity") != "high",
            "serviceSource eq 'microsoftDefenderForEndpoint'" => alert.Str("serviceSource") == "microsoftDefenderForEndpoint",
            "assignedTo eq null" => true,
            _ when filter.StartsWith('(') => alert.Str("severity") is "high" or "low",
            _ => string.CompareOrdinal(alert.Str("createdDateTime"), "2026-03-01T00:00:00Z") >= 0 && string.CompareOrdinal(alert.Str("createdDateTime"), "2026-03-05T00:00:00Z") < 0,
        };
        var expected = all.Where(Matches).Select(alert => alert.Str("id")).ToList();
        expected.ShouldNotBeEmpty();
        body.Ids().ShouldBe(expected);
        body.GetProperty("@odata.count").GetInt64().ShouldBe(expected.Count);
    }

    [Theory]
    [InlineData("$filter=investigationState eq 'queued'")]
    [InlineData("$filter=severity eq")]
    [InlineData("$filter=severity eq 'purple'")]
    [InlineData("$filter=severity in ('high')")]
    [InlineData("$filter=contains(title,'a')")]
    [InlineData("$filter=not severity eq 'high'")]
    [InlineData("$filter=lastUpdateDateTime ge '2026-03-01T00:00:00Z'")]
    [InlineData("$filter=(severity eq 'high'")]
    [InlineData("$top=-1")]
    [InlineData("$top=abc")]
    [InlineData("$select=id")]
    [InlineData("$orderby=title")]
    public async Task Undocumented_options_are_refused(string query)
    {
        await using var host = await PlaneHost.StartAsync();
        var (status, body, _) = await host.GraphAsync("/security/alerts_v2?" + query.Replace(" ", "%20", StringComparison.Ordinal));
        status.ShouldBe(400);
        body.Error().ShouldBe("BadRequest");
        body.GetProperty("error").GetProperty("innerError").TryGetProperty("request-id", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Top_above_the_cap_is_clamped_and_skip_above_the_cap_refused()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 1100);
        (await host.GraphAsync("/security/alerts_v2?$top=5000")).Body.Values().Count.ShouldBe(1000);
        (await host.GraphAsync("/security/alerts_v2?$top=5&$skip=500")).Body.Values().Count.ShouldBe(5);
        var (status, body, _) = await host.GraphAsync("/security/alerts_v2?$skip=501");
        status.ShouldBe(400);
        body.Error().ShouldBe("");
        body.GetProperty("error").Str("message").ShouldBe("$skip=501 cannot exceed 500");
    }

    [Fact]
    public async Task Order_by_is_honoured_or_ignored_by_the_knob()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 40);
        var newest = (await host.GraphAsync("/security/alerts_v2")).Body.Ids();
        var ascending = (await host.GraphAsync("/security/alerts_v2?$orderby=lastUpdateDateTime%20asc")).Body.Ids();
        ascending.ShouldBe([.. newest.AsEnumerable().Reverse()]);
        (await host.ControlAsync(HttpMethod.Put, "/planes/knobs", """{"graphOrderBy":false}""")).Status.ShouldBe(200);
        (await host.GraphAsync("/security/alerts_v2?$orderby=lastUpdateDateTime%20asc")).Body.Ids().ShouldBe(newest);
    }

    [Fact]
    public async Task Next_link_is_off_by_default_and_complete_when_on()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { GraphNextLink = true, GraphSkipCap = 0 });
        host.Alerts.Generate(PlaneHost.Harrowgate, 25);
        var seen = new List<string>();
        var path = "/graph/v1.0/security/alerts_v2?$top=10";
        for (var pages = 0; path is not null && pages < 5; pages++)
        {
            var body = (await host.SendAsync(HttpMethod.Get, path, PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.Read.All"))).Body;
            seen.AddRange(body.Ids());
            path = body.TryGetProperty("@odata.nextLink", out var link) ? link.GetString() : null;
            if (path is not null) path.ShouldStartWith(host.Client.BaseAddress!.ToString() + "graph/v1.0/security/alerts_v2?");
        }

        seen.Distinct().Count().ShouldBe(25);
        seen.Count.ShouldBe(25);
    }

    [Fact]
    public async Task Patch_changes_the_alert_on_every_plane_and_moves_its_update_time()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = RaiseOnEndpoint(host);
        var before = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body.Str("lastUpdateDateTime");
        host.Time.Advance(TimeSpan.FromSeconds(5));
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.ReadWrite.All");
        var (status, body, _) = await host.SendAsync(
            HttpMethod.Patch, $"/graph/v1.0/security/alerts_v2/{id}", token,
            """{"@odata.type":"#microsoft.graph.security.alert","status":"resolved","classification":"truePositive","determination":"compromisedAccount","assignedTo":"ada@provider.example"}""");
        status.ShouldBe(200);
        body.Str("status").ShouldBe("resolved");
        body.GetProperty("resolvedDateTime").ValueKind.ShouldBe(JsonValueKind.String);
        DateTimeOffset.Parse(body.Str("lastUpdateDateTime")).ShouldBeGreaterThan(DateTimeOffset.Parse(before));
        var defender = (await host.DefenderAsync($"/alerts/{id}")).Body;
        defender.Str("status").ShouldBe("Resolved");
        defender.Str("determination").ShouldBe("CompromisedUser");
        defender.Str("classification").ShouldBe("TruePositive");
        defender.Str("lastUpdateTime").ShouldBe(body.Str("lastUpdateDateTime"));
        (await host.GraphAsync("/security/alerts_v2?$filter=assignedTo%20eq%20'ada@provider.example'")).Body.Ids().ShouldBe([id]);
    }

    [Fact]
    public async Task Patch_refuses_what_cannot_be_changed()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = RaiseOnEndpoint(host);
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.ReadWrite.All");
        foreach (var body in (string[])["""{"severity":"low"}""", """{"status":"closed"}""", "[]", "{"])
            (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/alerts_v2/{id}", token, body)).Status.ShouldBe(400);
        (await host.SendAsync(HttpMethod.Patch, "/graph/v1.0/security/alerts_v2/nothing", token, """{"status":"new"}""")).Status.ShouldBe(404);
        (await host.SendAsync(HttpMethod.Patch, $"/graph/v1.0/security/alerts_v2/{id}", PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.Read.All"), """{"status":"new"}""")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Comment_is_appended_and_signed()
    {
        await using var host = await PlaneHost.StartAsync();
        var id = RaiseOnEndpoint(host);
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.ReadWrite.All", user: PlaneHost.Analyst);
        foreach (var text in (string[])["first \"look\"", "second"])
            (await host.SendAsync(HttpMethod.Post, $"/graph/v1.0/security/alerts_v2/{id}/comments", token, JsonSerializer.Serialize(new { comment = text }))).Status.ShouldBe(200);
        var comments = (await host.GraphAsync($"/security/alerts_v2/{id}")).Body.GetProperty("comments").EnumerateArray().ToList();
        comments.ConvertAll(comment => comment.Str("comment")).ShouldBe(["first \"look\"", "second"]);
        comments[0].Str("createdByDisplayName").ShouldBe("ada@provider.example");
    }

    [Fact]
    public async Task Late_enum_members_show_only_to_callers_that_ask()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 300);
        var token = PlaneHost.Token(PlaneHost.Graph, "SecurityAlert.Read.All");
        var open = await host.SendAsync(HttpMethod.Get, "/graph/v1.0/security/alerts_v2", token, null, request => request.Headers.Add("Prefer", "include-unknown-enum-members"));
        var closed = await host.SendAsync(HttpMethod.Get, "/graph/v1.0/security/alerts_v2", token);
        var late = open.Body.Values().First(alert => alert.Str("serviceSource") == "microsoftDefenderForCloud").Str("id");
        var covered = closed.Body.Values().First(alert => alert.Str("id") == late);
        covered.Str("serviceSource").ShouldBe("unknownFutureValue");
        covered.Str("detectionSource").ShouldBe("unknownFutureValue");
        closed.Body.GetRawText().ShouldNotContain("\"remediationStatus\":\"active\"");
        open.Body.GetRawText().ShouldContain("\"remediationStatus\":\"active\"");
    }

    [Fact]
    public async Task Callers_are_turned_away_in_order()
    {
        await using var host = await PlaneHost.StartAsync();
        var (status, body, response) = await host.SendAsync(HttpMethod.Get, "/graph/v1.0/security/alerts_v2");
        (status, body.Error()).ShouldBe((401, "InvalidAuthenticationToken"));
        response.Headers.WwwAuthenticate.ToString().ShouldContain("Bearer");
        (await host.SendAsync(HttpMethod.Get, "/graph/v1.0/security/alerts_v2", PlaneHost.Token(PlaneHost.Defender, "SecurityAlert.Read.All"))).Status.ShouldBe(401);
        (await host.GraphAsync("/security/alerts_v2", tenant: Guid.NewGuid())).Status.ShouldBe(401);
        (await host.GraphAsync("/security/alerts_v2", "SecurityIncident.Read.All")).Status.ShouldBe(403);
        (await host.GraphAsync("/security/alerts_v2", tenant: PlaneHost.Unlicensed)).Status.ShouldBe(403);
        (await host.GraphAsync("/security/alerts_v2/none")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task The_151st_request_of_a_minute_waits_for_the_window()
    {
        await using var host = await PlaneHost.StartAsync();
        for (var i = 0; i < 150; i++) (await host.GraphAsync("/security/alerts_v2?$top=1")).Status.ShouldBe(200);
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var (status, body, response) = await host.GraphAsync("/security/alerts_v2?$top=1");
        (status, body.Error()).ShouldBe((429, "TooManyRequests"));
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(40));
        (await host.GraphAsync("/security/alerts_v2?$top=1", tenant: PlaneHost.Second)).Status.ShouldBe(200);
        host.Time.Advance(TimeSpan.FromSeconds(40));
        (await host.GraphAsync("/security/alerts_v2?$top=1")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_person_sees_only_the_device_groups_assigned()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 150);
        static string? Group(JsonElement alert) => alert.GetProperty("evidence").EnumerateArray()
            .Select(entry => entry.TryGetProperty("rbacGroupName", out var name) ? name.GetString() : null).FirstOrDefault(name => name is not null);
        var all = (await host.GraphAsync("/security/alerts_v2")).Body.Values();
        (await host.GraphAsync("/security/alerts_v2", user: PlaneHost.Analyst)).Body.Values().Count.ShouldBe(all.Count);
        (await host.ControlAsync(HttpMethod.Put, $"/tenants/{PlaneHost.Harrowgate}/scopes/{PlaneHost.Analyst}", """["Servers"]""")).Status.ShouldBe(200);
        var expected = all.Where(alert => Group(alert) is null or "Servers").Select(alert => alert.Str("id")).ToList();
        expected.Count.ShouldBeInRange(1, all.Count - 1);
        (await host.GraphAsync("/security/alerts_v2", user: PlaneHost.Analyst)).Body.Ids().ShouldBe(expected);
        var hidden = all.First(alert => Group(alert) is not (null or "Servers")).Str("id");
        (await host.GraphAsync($"/security/alerts_v2/{hidden}", user: PlaneHost.Analyst)).Status.ShouldBe(404);
        (await host.GraphAsync($"/security/alerts_v2/{hidden}")).Status.ShouldBe(200);
    }

    internal static string RaiseOnEndpoint(PlaneHost host)
    {
        for (var i = 0; i < 50; i++)
        {
            var id = host.Alerts.Raise(PlaneHost.Harrowgate);
            if (id.StartsWith("da", StringComparison.Ordinal)) return id;
        }

        throw new InvalidOperationException("No endpoint alert among fifty.");
    }
}
