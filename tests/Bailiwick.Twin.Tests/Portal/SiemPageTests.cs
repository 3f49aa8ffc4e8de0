using System.IO.Compression;
using System.Text.RegularExpressions;
using Bailiwick.Twin.Control;

namespace Bailiwick.Twin.Tests.Portal;

public sealed partial class SiemPageTests
{
    private const string Exporter = "/exporter/api/alerts?ago=P40D";

    [Fact]
    public async Task A_provider_fetches_once_its_application_is_authorized_and_no_longer_when_that_is_taken_back()
    {
        await using var world = await PortalWorld.StartAsync();
        var token = await AppTokenAsync(world, world.Twin.Hub.AppId, world.Twin.HubSecret);
        (await world.CallAsync(token, Exporter)).Status.ShouldBe(403);
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/siem");

        await SubmitAsync(admin, world, ("act", "authorize"), ("application", $" {world.Twin.Hub.AppId} "), ("tenant", world.Twin.Provider.Id.ToString()));

        admin.Words.ShouldContain("The application is authorized.");
        admin.Words.ShouldContain($"Authorized by When (UTC) {world.Twin.Hub.AppId} {world.Twin.Provider.Id} {PortalWorld.Admin}");
        var (status, rows) = await world.CallAsync(token, Exporter);
        (status, rows.GetArrayLength() > 0).ShouldBe((200, true));
        await SubmitAsync(admin, world, ("act", "remove"), ("application", world.Twin.Hub.AppId.ToString()));
        (await world.CallAsync(token, Exporter)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task The_files_of_an_authorized_application_hold_its_addresses_and_never_a_secret()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.PutAsync(new { authorized = new[] { new { applicationId = world.Twin.Hub.AppId, tenantId = world.Twin.Provider.Id } } });
        using var admin = await world.OpenAsync(PortalWorld.Admin);

        await admin.GetAsync($"{world.Root}/settings/siem/arcsight.zip?application={world.Twin.Hub.AppId}");

        admin.Response.Content.Headers.ContentDisposition!.FileName.ShouldBe("WDATP-connector.zip");
        using var zip = new ZipArchive(new MemoryStream(admin.Content));
        zip.Entries.Select(entry => entry.FullName).ShouldBe(["WDATP-connector.properties", "WDATP-connector.jsonparser.properties"]);
        var origin = world.Twin.Host.Address.GetLeftPart(UriPartial.Authority);
        Text(zip, "WDATP-connector.properties").ShouldBe($"""
            client_id={world.Twin.Hub.AppId}
            client_secret=
            auth_url={origin}/{world.Tenant}/oauth2/authorize?resource=https%3A%2F%2Fgraph.windows.net
            token_url={origin}/{world.Tenant}/oauth2/token
            redirect_uri=https://localhost:44300/wdatpconnector
            scope=
            reauthenticate=true

            """);
        var parser = Text(zip, "WDATP-connector.jsonparser.properties").Split('\n');
        parser.ShouldContain("event.deviceReceiptTime=AlertTime");
        parser.ShouldContain("event.deviceCustomString6=Sha256");
        parser.ShouldContain("event.deviceProduct=__stringConstant(\"Microsoft Defender ATP\")");
        var tokens = parser.Count(line => line.Contains("].name=", StringComparison.Ordinal));
        parser.ShouldContain($"token.count={tokens}");
        foreach (var line in parser.Where(line => line.StartsWith("event.", StringComparison.Ordinal) && !line.Contains("__", StringComparison.Ordinal))) parser.ShouldContain(named => named.EndsWith($".name={line.Split('=')[1]}", StringComparison.Ordinal));

        await admin.GetAsync($"{world.Root}/settings/siem/splunk.txt?application={world.Twin.Hub.AppId}");
        admin.Page.ShouldContain("response_handler=JSONArrayHandler");
        admin.Page.ShouldContain("oauth2_client_secret=\n");
        (await admin.GetAsync($"{world.Root}/settings/siem/splunk.txt?application={Guid.NewGuid()}")).Status.ShouldBe(404);
        (await admin.GetAsync($"{world.Root}/settings/siem/arcsight.zip")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Enabling_makes_the_connector_shows_its_secret_once_and_its_tokens_fetch()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/siem");
        await SubmitAsync(admin, world, ("act", "enable"));
        admin.Kind.ShouldBe("portal-siem-enabled");
        var secret = SecretPattern().Match(admin.Page).Groups[1].Value;
        var app = world.Twin.Host.Services.Directory.Apps.Single(app => app.DisplayName == "WindowsDefenderATPSiemConnector");
        app.HomeTenantId.ShouldBe(world.Tenant);

        await admin.PostAsync("/settings/siem", ("act", "details"));
        admin.Response.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        admin.Page.ShouldContain($"client_id={app.AppId}\nclient_secret={secret}\n");
        (await admin.GetAsync($"{world.Root}/settings/siem")).Page.ShouldNotContain(secret);
        await SubmitAsync(admin, world, ("act", "enable"));
        admin.Fault.ShouldBe("The SIEM integration is enabled already.");

        (await world.CallAsync(await AppTokenAsync(world, app.AppId, secret), Exporter)).Status.ShouldBe(200);
        await SubmitAsync(admin, world, ("act", "tokens"));
        var tokens = SecretPattern().Matches(admin.Page).Select(match => match.Groups[1].Value).ToList();
        (await world.CallAsync(tokens[0], Exporter)).Status.ShouldBe(200);
        var (_, renewed) = await world.Twin.TokenAsync(world.Tenant, new() { ["grant_type"] = "refresh_token", ["client_id"] = app.AppId.ToString(), ["client_secret"] = secret, ["refresh_token"] = tokens[1], ["resource"] = "https://graph.windows.net" }, "oauth2/token");
        (await world.CallAsync(renewed.GetProperty("access_token").GetString()!, Exporter)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Enabling_takes_more_than_a_security_administrator()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.Twin.Control.CreateUserAsync(world.Tenant, new NewUser { Name = "Sean", Upn = "sean@alder.example", Password = RunningTwin.Password, Roles = ["Security Administrator"] }, default);
        using var browser = await world.OpenAsync("sean@alder.example");
        await browser.GetAsync($"{world.Root}/settings/siem");
        await SubmitAsync(browser, world, ("act", "enable"));
        (browser.Kind, browser.Status).ShouldBe(("portal-forbidden", 403));
        browser.Words.ShouldContain("Application Administrator");
        world.Planes.Portals!.Of(world.Tenant).Siem.Enabled.ShouldBeFalse();
    }

    [Theory]
    [InlineData("authorize", "not-a-guid", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "application ID must be a GUID")]
    [InlineData("authorize", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "", "tenant ID must be a GUID")]
    [InlineData("authorize", "", "", "application ID must be a GUID")]
    [InlineData("remove", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "", "is not authorized")]
    [InlineData("remove", "x", "", "is not an id")]
    [InlineData("tokens", "", "", "application is gone")]
    [InlineData("details", "", "", "not enabled")]
    [InlineData("", "", "", "nothing that is known")]
    public async Task Bad_input_is_one_sentence_and_changes_nothing(string act, string application, string tenant, string reason)
    {
        await using var world = await PortalWorld.StartAsync();
        var before = world.Planes.Portals!.Of(world.Tenant);
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/siem");

        await SubmitAsync(admin, world, ("act", act), ("application", application), ("tenant", tenant));

        (admin.Status, admin.Kind).ShouldBe((400, "portal-siem"));
        admin.Fault.ShouldContain(reason);
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    private static Task<PortalBrowser> SubmitAsync(PortalBrowser browser, PortalWorld world, params (string Name, string Value)[] fields) => browser.SendFormAsync(
        $"{world.Root}/settings/siem", [new("ctx", browser.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0]), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);

    private static async Task<string> AppTokenAsync(PortalWorld world, Guid app, string secret)
    {
        var (_, body) = await world.Twin.TokenAsync(world.Tenant, new() { ["grant_type"] = "client_credentials", ["client_id"] = app.ToString(), ["client_secret"] = secret, ["resource"] = "https://graph.windows.net" }, "oauth2/token");
        return body.GetProperty("access_token").GetString()!;
    }

    private static string Text(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<code class=\"secret\">([^<]*)</code>", RegexOptions.None, 2000)]
    private static partial Regex SecretPattern();
}
