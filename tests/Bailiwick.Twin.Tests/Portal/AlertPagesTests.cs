using System.Net;
using System.Text.Json;

namespace Bailiwick.Twin.Tests.Portal;

public sealed class AlertPagesTests
{
    [Fact]
    public async Task The_queue_filters_pages_and_shows_only_what_device_groups_open()
    {
        await using var world = await PortalWorld.StartAsync();
        var closed = world.GroupNames[0];
        await world.GiveTiersAsync(closed);
        using var two = await world.OpenAsync(PortalWorld.Two);
        using var one = await world.OpenAsync(PortalWorld.One);

        two.Words.ShouldContain("60 alerts");
        two.Words.ShouldContain("Page 1 of 3");
        Rows(two).ShouldBe(25);
        Rows(await two.GetAsync($"{world.Root}/alerts?page=3")).ShouldBe(10);
        await two.GetAsync($"{world.Root}/alerts?severity=high&status=new");
        two.Page.ShouldNotContain("sev-low");
        var seen = int.Parse(one.Words.Split(" alerts")[0].Split(' ')[^1]);
        seen.ShouldBeInRange(1, 59);
        one.Words.Split("Title Severity")[1].ShouldNotContain($" {closed} ");
        foreach (var odd in new[] { "page=-1", "page=x", "page=99999999999", "severity='; drop--", "status=%00", "page=100000" }) (await two.GetAsync($"{world.Root}/alerts?{odd}")).Status.ShouldBe(200, odd);
    }

    [Fact]
    public async Task Triage_on_the_page_is_the_same_as_through_the_API()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var id = world.Planes.Alerts.Raise(world.Tenant, new Dictionary<string, JsonElement> { ["title"] = JsonSerializer.SerializeToElement("<script>alert(1)</script> \u202Eexe.txt") });
        using var two = await world.OpenAsync(PortalWorld.Two);
        await two.GetAsync($"/alerts/{id}?tid={world.Tenant}");
        (two.Kind, two.Title).ShouldBe(("portal-alert", "<script>alert(1)</script> ⟨202E⟩exe.txt"));
        two.Page.ShouldNotContain("<script>");

        await two.PostAsync($"/alerts/{id}", ("act", "update"), ("status", "inProgress"), ("classification", "truePositive"), ("determination", "malware"), ("assignedTo", PortalWorld.Two));
        two.Words.ShouldContain("The alert was changed.");
        await two.PostAsync($"/alerts/{id}", ("act", "comment"), ("comment", "Looked at <b>it</b>"), ("status", null));
        two.Words.ShouldContain("Looked at <b>it</b>");
        two.Page.ShouldNotContain("<b>it</b>");

        var alert = (await world.CallAsync(await world.TokenAsync(PortalWorld.Admin), $"/graph/v1.0/security/alerts_v2/{id}")).Body;
        alert.GetProperty("status").GetString().ShouldBe("inProgress");
        alert.GetProperty("classification").GetString().ShouldBe("truePositive");
        alert.GetProperty("assignedTo").GetString().ShouldBe(PortalWorld.Two);
        alert.GetProperty("comments").EnumerateArray().Single().GetProperty("createdByDisplayName").GetString().ShouldBe(PortalWorld.Two);
    }

    [Fact]
    public async Task Without_alerts_investigation_there_is_no_form_and_a_forged_one_changes_nothing()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var id = world.Planes.Alerts.Raise(world.Tenant);
        using var one = await world.OpenAsync(PortalWorld.One);
        await one.GetAsync($"{world.Root}/alerts/{id}");
        one.Words.ShouldContain("You may read this alert.");
        one.Page.ShouldNotContain("<form method");
        var token = one.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];

        await one.SendFormAsync($"{world.Root}/alerts/{id}", [new("ctx", token), new("act", "update"), new("status", "resolved")]);

        (one.Kind, one.Status).ShouldBe(("portal-forbidden", 403));
        one.Words.ShouldContain("Alerts investigation");
        (await one.GetAsync($"{world.Root}/alerts/{id}")).Words.ShouldContain("Status New");
    }

    [Fact]
    public async Task A_form_needs_the_sessions_token_and_known_values()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var id = world.Planes.Alerts.Raise(world.Tenant);
        using var two = await world.OpenAsync(PortalWorld.Two);
        await two.GetAsync($"{world.Root}/alerts/{id}");

        await two.PostAsync($"/alerts/{id}", ("ctx", "forged"), ("act", "update"), ("status", "resolved"));
        (two.Status, two.Fault).ShouldBe((400, "The form is of another session or came from elsewhere; nothing was changed. Try again."));
        await two.PostAsync($"/alerts/{id}", ("act", "update"), ("status", "gone"));
        two.Fault.ShouldBe("'gone' is not a value of status.");
        await two.PostAsync($"/alerts/{id}", ("act", "comment"), ("comment", ""));
        two.Fault.ShouldBe("Write a comment first.");
        await two.PostAsync($"/alerts/{id}", ("act", "comment"), ("comment", new string('x', 4001)));
        two.Fault.ShouldContain("at most 4000");
        two.Words.ShouldContain("Status New");
        await two.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{world.Root}/alerts/{id}") { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") });
        two.Fault.ShouldContain("could not be read");
        (await two.GetAsync($"{world.Root}/alerts/no-such")).Status.ShouldBe(404);
        (await two.GetAsync($"{world.Root}/alerts/{WebUtility.UrlEncode("<x>")}")).Page.ShouldNotContain("<x>");
    }

    [Fact]
    public async Task Devices_are_those_of_open_groups()
    {
        await using var world = await PortalWorld.StartAsync();
        var closed = world.GroupNames[0];
        await world.GiveTiersAsync(closed);
        using var one = await world.OpenAsync(PortalWorld.One);
        using var two = await world.OpenAsync(PortalWorld.Two);
        var all = world.Planes.Alerts.WorldOf(world.Tenant).Devices;

        Rows(await two.GetAsync($"{world.Root}/devices")).ShouldBe(all.Count);
        Rows(await one.GetAsync($"{world.Root}/devices")).ShouldBe(all.Count(device => device.Group != closed));
    }

    private static int Rows(PortalBrowser browser) => browser.Page.Split("<tr><td").Length - 1;
}
