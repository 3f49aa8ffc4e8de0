using Bailiwick.Twin.Control;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>
/// The SIEM flow for providers as its editions of 2018 and 2019 tell it: register the application, get tokens with the requests that the pages' script sends, have the
/// customer authorize the application, fetch. Source: configure-mssp-support and configure-siem pages, 2018-09 and 2019-09.
/// </summary>
public sealed class SiemEditionsTests : IAsyncLifetime
{
    /// <summary>What the script sends, whatever was registered.</summary>
    private const string ScriptRedirect = "https://SiemMsspConnector";

    private PortalWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await PortalWorld.StartAsync();
        await _world.PutAsync(new { model = "Basic" });
        // "Grant access": with basic permissions the guest is made Security Administrator of the customer's tenant
        var guest = _world.Twin.Host.Services.Directory.FindUser(_world.Tenant, _world.OneId)!;
        _world.Twin.Host.Services.Directory.UpdateUser(guest with { Roles = [Bailiwick.Twin.World.DirectoryRoles.SecurityAdministrator] });
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task The_2018_application_gets_tokens_is_authorized_and_fetches()
    {
        // 2018: multi-tenanted, sign-on URL https://SiemMsspConnector (a reply URL), App ID URI, and the connector's own reply URL
        var app = await RegisterAsync(multiTenant: true, [ScriptRedirect, "https://localhost:44300/wdatpconnector"], ["https://alder.example/SiemMsspConnector"]);

        using var walker = await AuthorizeAsync(app);
        if (walker.Kind == "consent") await walker.AcceptAsync();
        var tokens = await RedeemAsync(app, walker.Answer["code"]);
        var access = tokens.GetProperty("access_token").GetString()!;
        var refused = await FetchAsync(access);
        using var guest = await _world.OpenAsync(PortalWorld.One);
        await guest.GetAsync($"{_world.Root}/settings/siem");
        await guest.PostAsync("/settings/siem", ("act", "authorize"), ("application", app.AppId.ToString()), ("tenant", _world.Twin.Provider.Id.ToString()));
        var fetched = await FetchAsync(access);
        var renewed = await _world.Twin.TokenAsync(_world.Tenant, new()
        {
            ["resource"] = "https://graph.windows.net", ["grant_type"] = "refresh_token", ["client_id"] = app.AppId.ToString(), ["client_secret"] = app.Secrets[0].Value,
            ["refresh_token"] = tokens.GetProperty("refresh_token").GetString()!,
        }, "oauth2/token?");

        tokens.GetProperty("expires_in").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.String, "v1.0 writes numbers as strings");
        refused.Status.ShouldBe(403);
        guest.Words.ShouldContain("The application is authorized.");
        fetched.Status.ShouldBe(200);
        fetched.Body.EnumerateArray().First().GetProperty("AlertTitle").GetString().ShouldNotBeNullOrEmpty();
        (await FetchAsync(renewed.Body.GetProperty("access_token").GetString()!)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_2019_application_fails_for_its_reply_address()
    {
        // 2019: the page registers https://<domain>/SiemMsspConnector, the script still sends https://SiemMsspConnector
        var app = await RegisterAsync(multiTenant: true, ["https://alder.example/SiemMsspConnector"], []);

        using var walker = await AuthorizeAsync(app, signIn: false);

        (walker.Kind, walker.Error).ShouldBe(("error", "50011"));
        walker.Page.ShouldContain("AADSTS50011");
    }

    [Fact]
    public async Task The_2019_application_is_not_known_in_the_customers_tenant()
    {
        // 2019: "Accounts in this organizational directory only", registered in the provider's directory
        var app = await RegisterAsync(multiTenant: false, [ScriptRedirect], []);

        using var walker = await AuthorizeAsync(app, signIn: false);
        var (status, body) = await _world.Twin.TokenAsync(_world.Tenant, new()
        {
            ["resource"] = "https://graph.windows.net", ["grant_type"] = "authorization_code", ["client_id"] = app.AppId.ToString(), ["client_secret"] = app.Secrets[0].Value,
            ["code"] = "any", ["redirect_uri"] = ScriptRedirect,
        }, "oauth2/token?");

        (walker.Kind, walker.Error).ShouldBe(("error", "700016"));
        ((int)status, body.GetProperty("error_codes")[0].GetInt64()).ShouldBe((400, 700016));
    }

    private Task<CreatedApp> RegisterAsync(bool multiTenant, IReadOnlyList<string> replies, IReadOnlyList<string> identifiers) => _world.Twin.Control.CreateAppAsync(
        new NewApp
        {
            Tenant = _world.Twin.Provider.DefaultDomain,
            Name = "Alder Mills SIEM MSSP Connector",
            MultiTenant = multiTenant,
            RedirectUris = replies,
            IdentifierUris = identifiers,
            AccessTokenVersion = 1,
            Secrets = [new NewSecret { Days = 365 }],
        },
        default);

    /// <summary>The script's first request: <c>/oauth2/authorize?prompt=select_account&amp;response_type=code&amp;client_id=…&amp;redirect_uri=…&amp;resource=…</c>.</summary>
    private async Task<Walker> AuthorizeAsync(CreatedApp app, bool signIn = true)
    {
        var walker = new Walker(_world.Twin);
        await walker.GetAsync($"/{_world.Tenant}/oauth2/authorize?" + Walker.Query(new()
        {
            ["prompt"] = "select_account", ["response_type"] = "code", ["client_id"] = app.AppId.ToString(), ["redirect_uri"] = ScriptRedirect, ["resource"] = "https://graph.windows.net",
        }));
        if (signIn) await walker.SignInAsync(PortalWorld.One);
        return walker;
    }

    /// <summary>The script's second request, a form to <c>oauth2/token?</c>, with the question mark.</summary>
    private async Task<System.Text.Json.JsonElement> RedeemAsync(CreatedApp app, string code)
    {
        var (status, body) = await _world.Twin.TokenAsync(_world.Tenant, new()
        {
            ["resource"] = "https://graph.windows.net", ["client_id"] = app.AppId.ToString(), ["code"] = code, ["redirect_uri"] = ScriptRedirect, ["client_secret"] = app.Secrets[0].Value, ["grant_type"] = "authorization_code",
        }, "oauth2/token?");
        ((int)status).ShouldBe(200, body.ToString());
        return body;
    }

    private Task<(int Status, System.Text.Json.JsonElement Body)> FetchAsync(string token) => _world.CallAsync(token, "/exporter/api/alerts?ago=P40D");
}
