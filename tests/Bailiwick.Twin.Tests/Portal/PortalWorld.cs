using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>A twin with portals: Alder has alerts, two tiers of guests from the provider, a reader and an administrator.</summary>
public sealed class PortalWorld : IAsyncDisposable
{
    public const string Admin = "adam@alder.example";
    public const string Reader = "rita@alder.example";
    public const string One = "ann@northwatch.example";
    public const string Two = "tom@northwatch.example";
    public const string Stranger = "sam@northwatch.example";

    private PortalWorld(RunningTwin twin, AlertPlanes planes) => (Twin, Planes) = (twin, planes);

    public RunningTwin Twin { get; }

    public AlertPlanes Planes { get; }

    public Guid Tenant => Twin.Alder.Id;

    public TwinGroup TierOne { get; private set; } = null!;

    public TwinGroup TierTwo { get; private set; } = null!;

    public string Root => $"/portal/{Tenant:D}";

    public static async Task<PortalWorld> StartAsync(TwinOptions? options = null)
    {
        AlertPlanes? planes = null;
        var twin = await RunningTwin.StartAsync(options, [services => planes = new AlertPlanes(services, new AlertPlanesOptions { Knobs = new AlertKnobs { Limits = false } })]);
        var world = new PortalWorld(twin, planes!);
        await twin.Control.CreateUserAsync(world.Tenant, new NewUser { Name = "Rita Reader", Upn = Reader, Password = RunningTwin.Password, Roles = ["Security Reader"] }, default);
        foreach (var upn in new[] { Two, Stranger }) await twin.Control.CreateUserAsync(twin.Provider.Id, new NewUser { Name = upn.Split('@')[0], Upn = upn, Password = RunningTwin.Password }, default);
        var two = await twin.Control.CreateUserAsync(world.Tenant, new NewUser { GuestOf = Two }, default);
        var one = (await twin.Control.UsersAsync(world.Tenant, default)).Single(user => user.Upn.StartsWith("ann_", StringComparison.Ordinal));
        (world.OneId, world.TwoId) = (one.Id, two.Id);
        world.TierOne = await twin.Control.CreateGroupAsync(world.Tenant, new NewGroup("Tier 1 Analyst", [one.Id]), default);
        world.TierTwo = await twin.Control.CreateGroupAsync(world.Tenant, new NewGroup("Tier 2 Analyst", [two.Id]), default);
        world.Planes.Alerts.Generate(world.Tenant, 60);
        return world;
    }

    public Guid OneId { get; private set; }

    public Guid TwoId { get; private set; }

    /// <summary>Names of Alder's device groups without the unassigned one.</summary>
    public IReadOnlyList<string> GroupNames => [.. Planes.Portals!.Of(Tenant).DeviceGroups.Where(group => !group.IsUnassigned).Select(group => group.Name)];

    public Task<PortalBrowser> OpenAsync(string user) => PortalBrowser.OpenAsync(Twin, Tenant, user);

    /// <summary>Changes the portal through the control API.</summary>
    public Task PutAsync(object change) => Twin.Control.PutAsync<JsonElement>($"tenants/{Tenant}/portal", change, default);

    /// <summary>Turns roles on and gives the two tiers theirs; opens the named device group to the second tier only.</summary>
    public Task GiveTiersAsync(string? closed = null) => PutAsync(new
    {
        model = "MdeRbac",
        roles = new object[]
        {
            new { name = "Tier 1", permissions = new[] { "ViewDataSecurityOperations" }, groups = new[] { TierOne.Id } },
            new { name = "Tier 2", permissions = new[] { "ViewDataSecurityOperations", "AlertsInvestigation", "ManageSecuritySettings" }, groups = new[] { TierTwo.Id } },
        },
        deviceGroups = Planes.Portals!.Of(Tenant).DeviceGroups.Select(group => group with { Access = group.Name == closed ? [TierTwo.Id] : [] }),
    });

    /// <summary>A delegated token for a person, with everything consented.</summary>
    public async Task<string> TokenAsync(string user, string scope = "https://graph.microsoft.com/SecurityAlert.ReadWrite.All")
    {
        var app = await AppAsync();
        var (verifier, challenge) = Walker.Pkce();
        using var walker = new Walker(Twin);
        await walker.GetAsync($"/{Tenant}/oauth2/v2.0/authorize?" + Walker.Query(new()
        {
            ["client_id"] = app.AppId.ToString(), ["response_type"] = "code", ["redirect_uri"] = RunningTwin.HubRedirect, ["scope"] = scope, ["code_challenge"] = challenge, ["code_challenge_method"] = "S256",
        }));
        await walker.SignInAsync(user);
        var (_, body) = await Twin.TokenAsync(Tenant, new()
        {
            ["grant_type"] = "authorization_code", ["client_id"] = app.AppId.ToString(), ["client_secret"] = app.Secrets[0].Value, ["code"] = walker.Answer["code"], ["redirect_uri"] = RunningTwin.HubRedirect, ["code_verifier"] = verifier,
        });
        return body.GetProperty("access_token").GetString()!;
    }

    public async Task<(int Status, JsonElement Body)> CallAsync(string token, string path, HttpMethod? method = null, string? body = null)
    {
        using var client = Twin.CreateClient();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        await Twin.DisposeAsync();
        Planes.Dispose();
    }

    private async Task<CreatedApp> AppAsync()
    {
        if (_app is not null) return _app;
        _app = await Twin.CreateAppAsync("Triage", app => app with
        {
            Permissions =
            [
                new("https://graph.microsoft.com", "SecurityAlert.ReadWrite.All", false), new("https://graph.microsoft.com", "SecurityIncident.ReadWrite.All", false),
                new("https://api.securitycenter.microsoft.com", "Alert.ReadWrite", false), new("https://api.securitycenter.microsoft.com", "Machine.Read", false),
            ],
        });
        await Twin.Control.ConsentAsync(Tenant, new NewConsent { AppId = _app.AppId }, default);
        return _app;
    }

    private CreatedApp? _app;
}
