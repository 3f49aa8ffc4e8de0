using System.Net.Http.Headers;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>A twin at a standing clock with an application that may do everything of identity governance in the customers' tenants, and clients of Microsoft.Graph for it and for people.</summary>
public sealed class GovernanceTwin : IAsyncLifetime
{
    private static readonly string[] Permissions =
        ["EntitlementManagement.ReadWrite.All", "AccessReview.ReadWrite.All", "Group.ReadWrite.All", "User.ReadWrite.All", "AuditLog.Read.All"];

    public RunningTwin Twin { get; private set; } = null!;

    public CreatedApp App { get; private set; } = null!;

    public TwinTenant Alder => Twin.Alder;

    public TwinTenant Birch => Twin.Birch;

    public static async Task<GovernanceTwin> StartAsync(TwinOptions? options = null)
    {
        var twin = new GovernanceTwin();
        await twin.InitializeAsync(options);
        return twin;
    }

    public Task InitializeAsync() => InitializeAsync(null);

    public Task DisposeAsync() => Twin.DisposeAsync();

    /// <summary>Lets days go by.</summary>
    public Task AdvanceAsync(double days) => Twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = days * 86400 }, default);

    /// <summary>Mails of Alder so far.</summary>
    public Task<IReadOnlyList<MailView>> MailsAsync() => Twin.Control.GetAsync<IReadOnlyList<MailView>>($"tenants/{Alder.Id}/mails", default);

    /// <summary>Microsoft.Graph as the application itself.</summary>
    public async Task<GraphServiceClient> GraphAsync(TwinTenant tenant) => Graph(await AppTokenAsync(tenant));

    /// <summary>Microsoft.Graph as a person signed in at a tenant.</summary>
    public async Task<GraphServiceClient> GraphAsync(TwinTenant tenant, string person) => Graph(await PersonTokenAsync(tenant, person));

    /// <summary>A plain client.</summary>
    public HttpClient Http(string token)
    {
        var client = new HttpClient(TwinTrust.CreateHandler(Twin.Host.CaFile)) { BaseAddress = new Uri(Twin.Host.Address, "graph/v1.0/identityGovernance/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<string> AppTokenAsync(TwinTenant tenant) => (await Twin.TokenAsync(tenant.Id, Twin.AppOnly(app: App))).Body.GetProperty("access_token").GetString()!;

    public async Task<string> PersonTokenAsync(TwinTenant tenant, string person)
    {
        using var walker = new Walker(Twin);
        var (verifier, challenge) = Walker.Pkce();
        await walker.GetAsync($"/{tenant.Id}/oauth2/v2.0/authorize?" + Walker.Query(new()
        {
            ["client_id"] = App.AppId.ToString(),
            ["response_type"] = "code",
            ["redirect_uri"] = RunningTwin.HubRedirect,
            ["scope"] = "https://graph.microsoft.com/.default",
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = "S256",
        }));
        await walker.SignInAsync(person);
        if (walker.Kind == "review") await walker.AcceptAsync();
        walker.Answer.ShouldContainKey("code", walker.Page);
        var (_, body) = await Twin.TokenAsync(tenant.Id, new()
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = App.AppId.ToString(),
            ["client_secret"] = App.Secrets[0].Value,
            ["code"] = walker.Answer["code"],
            ["redirect_uri"] = RunningTwin.HubRedirect,
            ["code_verifier"] = verifier,
            ["scope"] = "https://graph.microsoft.com/.default",
        });
        return body.GetProperty("access_token").GetString()!;
    }

    private async Task InitializeAsync(TwinOptions? options)
    {
        Twin = await RunningTwin.StartAsync(options);
        await Twin.Control.ChangeClockAsync(new ClockChange { Frozen = true }, default);
        if (Twin.Alder is null) return;
        App = await Twin.CreateAppAsync("Governance", app => app with
        {
            Secrets = [new NewSecret { Days = 3650 }],
            Permissions = [.. Permissions.SelectMany(name => new[] { true, false }.Select(application => new TwinPermission("https://graph.microsoft.com", name, application)))],
        });
        foreach (var tenant in new[] { Twin.Provider, Twin.Alder, Twin.Birch }) await Twin.Control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, default);
    }

    private GraphServiceClient Graph(string token) => new(
        GraphClientFactory.Create(finalHandler: TwinTrust.CreateHandler(Twin.Host.CaFile)),
        new BaseBearerTokenAuthenticationProvider(new Given(token)),
        $"{Twin.Host.Address}graph/v1.0");

    private sealed class Given(string token) : IAccessTokenProvider
    {
        public AllowedHostsValidator AllowedHostsValidator { get; } = new(["localhost"]);

        public Task<string> GetAuthorizationTokenAsync(Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) => Task.FromResult(token);
    }
}
