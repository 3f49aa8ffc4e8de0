using System.Net.Http.Headers;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>A twin with an application that holds every permission of the directory in Alder and Birch, and clients of Microsoft.Graph for it and for people.</summary>
public sealed class PeopleTwin : IAsyncLifetime
{
    private static readonly string[] Permissions =
        ["User.ReadWrite.All", "User.Invite.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", "Directory.Read.All", "RoleManagement.ReadWrite.Directory"];

    public RunningTwin Twin { get; private set; } = null!;

    public CreatedApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Twin = await RunningTwin.StartAsync();
        App = await Twin.CreateAppAsync("Directory", app => app with
        {
            Permissions = [.. Permissions.SelectMany(name => new[] { true, false }.Select(application => new TwinPermission("https://graph.microsoft.com", name, application)))],
        });
        foreach (var tenant in new[] { Twin.Provider, Twin.Alder, Twin.Birch }) await Twin.Control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, default);
    }

    public Task DisposeAsync() => Twin.DisposeAsync();

    /// <summary>Microsoft.Graph as the application itself.</summary>
    public async Task<GraphServiceClient> GraphAsync(TwinTenant tenant) => Graph(await AppTokenAsync(tenant));

    /// <summary>Microsoft.Graph as a person signed in at a tenant.</summary>
    public async Task<GraphServiceClient> GraphAsync(TwinTenant tenant, string person, string password = RunningTwin.Password) => Graph(await PersonTokenAsync(tenant, person, password));

    /// <summary>A plain client with the application's token.</summary>
    public async Task<HttpClient> HttpAsync(TwinTenant tenant)
    {
        var client = new HttpClient(TwinTrust.CreateHandler(Twin.Host.CaFile)) { BaseAddress = new Uri(Twin.Host.Address, "graph/v1.0/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await AppTokenAsync(tenant));
        return client;
    }

    private GraphServiceClient Graph(string token) => new(
        GraphClientFactory.Create(finalHandler: TwinTrust.CreateHandler(Twin.Host.CaFile)),
        new BaseBearerTokenAuthenticationProvider(new Given(token)),
        $"{Twin.Host.Address}graph/v1.0");

    private async Task<string> AppTokenAsync(TwinTenant tenant) => (await Twin.TokenAsync(tenant.Id, Twin.AppOnly(app: App))).Body.GetProperty("access_token").GetString()!;

    private async Task<string> PersonTokenAsync(TwinTenant tenant, string person, string password)
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
        await walker.SignInAsync(person, password);
        if (walker.Kind == "review") await walker.AcceptAsync();
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

    private sealed class Given(string token) : IAccessTokenProvider
    {
        public AllowedHostsValidator AllowedHostsValidator { get; } = new(["localhost"]);

        public Task<string> GetAuthorizationTokenAsync(Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) => Task.FromResult(token);
    }
}
