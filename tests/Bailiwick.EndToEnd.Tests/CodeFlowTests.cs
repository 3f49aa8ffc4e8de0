using System.Net;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Wire;
using Bailiwick.Wire.Graph;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A tenant connected by a person's sign-in: link, consent, callback, refresh; and everything that must not connect one.</summary>
public sealed class CodeFlowTests
{
    private const string Analyst = "ann@northwatch.example";
    private const string Password = "Correct-Horse-7";

    [Fact]
    public async Task A_guest_analyst_connects_a_tenant_and_its_alerts_arrive_beyond_the_first_token()
    {
        await using var twin = await TwinFixture.StartAsync(accessTokenLifetime: TimeSpan.FromSeconds(3));
        await using var hub = await WorkingHub.StartAsync(twin);
        var (app, tenant) = await PrepareAsync(twin, hub);
        var lines = Path.Combine(hub.Folder, "lines");
        Directory.CreateDirectory(lines);
        await hub.MustAsync("sink", "add", "files", "--kind", "jsonlines", "--set", $"directory={lines}");
        twin.Planes.Alerts.Raise(tenant.Id, seed: 1);
        using var browser = new PersonBrowser(twin);

        var link = await LinkAsync(hub, tenant);
        await browser.OpenAsync(link);
        browser.Status.ShouldBe(HttpStatusCode.OK);
        foreach (var shown in (string[])["Alder Mills", tenant.Id.ToString(), app.AppId.ToString(), "offline_access", "https://graph.microsoft.com/.default"]) browser.Page.ShouldContain(shown);
        await SignInAsync(browser, link, Analyst);
        browser.Kind.ShouldBe("consent");
        await browser.PostAsync(("decision", "accept"));
        await browser.OpenAsync(browser.Location!);

        browser.Page.ShouldContain("The tenant is connected");
        var connection = (await hub.AskAsync("connect", "list")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        connection.GetProperty("state").GetString().ShouldBe("connected");
        connection.GetProperty("kind").GetString().ShouldBe("code");
        connection.GetProperty("visibility").GetString().ShouldBe("person");
        await Until.TrueAsync(() => SinkFiles.Lines(lines).Count == 1, "the first alert");

        // Each walk after the token's end needs a new one from the refresh token.
        var redeemed = await SignInsAsync(twin);
        await Until.TrueAsync(async () => await SignInsAsync(twin) >= redeemed + 2, "two token requests after the first token's end");
        twin.Planes.Alerts.Raise(tenant.Id, seed: 2);
        await Until.TrueAsync(() => SinkFiles.Lines(lines).Count == 2, "an alert through a refreshed token");
    }

    [Fact]
    public async Task A_used_link_and_another_browser_get_nothing()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        var (_, tenant) = await PrepareAsync(twin, hub);
        using var browser = new PersonBrowser(twin);
        using var other = new PersonBrowser(twin);
        var link = await LinkAsync(hub, tenant);
        await browser.OpenAsync(link);

        await other.OpenAsync(link);
        other.Status.ShouldBe(HttpStatusCode.NotFound);
        await other.ContinueAsync(link);
        other.Status.ShouldBe(HttpStatusCode.NotFound);

        await SignInAsync(browser, link, Analyst);
        await browser.PostAsync(("decision", "accept"));
        var callback = browser.Location!;
        using var third = new PersonBrowser(twin);
        await third.OpenAsync(await LinkAsync(hub, tenant)); // has a session of its own
        await third.OpenAsync(callback);
        third.Status.ShouldBe(HttpStatusCode.BadRequest);
        third.Page.ShouldContain("invalid_state");
        await browser.OpenAsync(callback); // the state is gone, whoever used it up
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        await browser.OpenAsync(link);
        browser.Status.ShouldBe(HttpStatusCode.NotFound);
        browser.Page.ShouldContain("This link cannot be used");
        await NotConnectedAsync(hub);
    }

    [Fact]
    public async Task A_person_of_another_tenant_connects_nothing()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        var (_, tenant) = await PrepareAsync(twin, hub);
        var stranger = await twin.Control.CreateTenantAsync(new NewTenant { Name = "Birch Works", Domain = "birch.example" }, CancellationToken.None);
        await twin.Control.CreateUserAsync(stranger.Id, new NewUser { Name = "Ben Birch", Upn = "ben@birch.example", Password = Password, Roles = ["Global Administrator"] }, CancellationToken.None);
        using var browser = new PersonBrowser(twin);

        // No guest of the tenant: the sign-in service lets nobody through.
        var link = await LinkAsync(hub, tenant);
        await browser.OpenAsync(link);
        await SignInAsync(browser, link, "ben@birch.example");
        browser.Location.ShouldBeNull();
        browser.Error.ShouldNotBeEmpty();

        // The same sign-in turned to the stranger's own tenant: the code is of no use at the tenant that the link was made for.
        using var turned = new PersonBrowser(twin);
        link = await LinkAsync(hub, tenant);
        await turned.OpenAsync(link);
        await turned.ContinueAsync(link);
        await turned.OpenAsync(new Uri(turned.Location!.AbsoluteUri.Replace(tenant.Id.ToString(), stranger.Id.ToString(), StringComparison.OrdinalIgnoreCase)));
        await turned.PostAsync(("login", "ben@birch.example"), ("passwd", Password));
        if (turned.Kind == "consent") await turned.PostAsync(("decision", "accept"));
        turned.Location.ShouldNotBeNull().Query.ShouldContain("code=");
        await turned.OpenAsync(turned.Location!);
        turned.Status.ShouldBe(HttpStatusCode.BadRequest);
        turned.Page.ShouldContain("The tenant was not connected");

        await NotConnectedAsync(hub);
    }

    [Fact]
    public async Task A_declined_consent_connects_nothing()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        var (_, tenant) = await PrepareAsync(twin, hub);
        using var browser = new PersonBrowser(twin);
        var link = await LinkAsync(hub, tenant);
        await browser.OpenAsync(link);
        await SignInAsync(browser, link, Analyst);

        await browser.PostAsync(("decision", "decline"));
        await browser.OpenAsync(browser.Location!);

        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Page.ShouldContain("The person declined");
        await NotConnectedAsync(hub);
    }

    private static async Task<(CreatedApp App, TwinTenant Tenant)> PrepareAsync(TwinFixture twin, WorkingHub hub)
    {
        var provider = (await twin.Control.TenantsAsync(CancellationToken.None)).Single(tenant => tenant.DefaultDomain == "northwatch.example");
        await twin.Control.CreateUserAsync(provider.Id, new NewUser { Name = "Ann Analyst", Upn = Analyst, Password = Password }, CancellationToken.None);
        var tenant = await twin.Control.CreateTenantAsync(new NewTenant { Name = "Alder Mills", Domain = "alder.example" }, CancellationToken.None);
        await twin.Control.CreateUserAsync(tenant.Id, new NewUser { GuestOf = Analyst, Roles = ["Global Administrator"] }, CancellationToken.None);
        var app = await twin.Control.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Alder SIEM",
                MultiTenant = true,
                RedirectUris = [$"{hub.Address}/connect/callback"],
                Secrets = [new NewSecret()],
                Permissions = [new TwinPermission(Planes.GraphResource, GraphPermissions.AlertRead, Application: false)],
            },
            CancellationToken.None);
        var added = await hub.RunWithInputAsync(app.Secrets[0].Value, "app", "add", "alder", "--client-id", app.AppId.ToString(), "--secret-file", "-");
        added.Code.ShouldBe(0, added.Error);
        await hub.MustAsync("customer", "add", "Alder Mills", "--tenant", tenant.Id.ToString(), "--cloud", "twin");
        return (app, tenant);
    }

    private static async Task<Uri> LinkAsync(WorkingHub hub, TwinTenant tenant) =>
        new((await hub.AskAsync("connect", "code", tenant.Id.ToString())).GetProperty("link").GetString()!);

    private static async Task SignInAsync(PersonBrowser browser, Uri link, string user)
    {
        await browser.ContinueAsync(link);
        await browser.OpenAsync(browser.Location.ShouldNotBeNull(browser.Page));
        browser.Kind.ShouldBe("signin");
        await browser.PostAsync(("login", user), ("passwd", Password));
    }

    private static async Task<long> SignInsAsync(TwinFixture twin) =>
        (await twin.Control.RequestsAsync(CancellationToken.None)).Where(count => count.Plane == "signin" && count.Status == 200).Sum(count => count.Requests);

    private static async Task NotConnectedAsync(WorkingHub hub) =>
        (await hub.AskAsync("connect", "list")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("notConnected");
}
