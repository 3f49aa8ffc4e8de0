using System.Net;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests;

/// <summary>A twin in this process with a small world: a provider, two customers that consented, one that did not.</summary>
public sealed class RunningTwin : IAsyncLifetime, IAsyncDisposable
{
    public const string Password = "Correct-Horse-7";
    public const string HubRedirect = "https://hub.example/cb";
    public const string LegacyRedirect = "https://SiemMsspConnector";
    private readonly TwinOptions _options;
    private readonly IReadOnlyList<Func<TwinServices, ITwinPlane>> _planes;
    private readonly bool _empty;

    public RunningTwin()
        : this(new TwinOptions())
    {
    }

    private RunningTwin(TwinOptions options, IReadOnlyList<Func<TwinServices, ITwinPlane>>? planes = null, bool empty = false) => (_options, _planes, _empty) = (options, planes ?? [], empty);

    /// <summary>A twin of a test's own; the test disposes it. An empty one waits for <see cref="PrepareAsync"/>.</summary>
    public static async Task<RunningTwin> StartAsync(TwinOptions? options = null, IReadOnlyList<Func<TwinServices, ITwinPlane>>? planes = null, bool empty = false)
    {
        var twin = new RunningTwin(options ?? new TwinOptions(), planes, empty);
        await twin.InitializeAsync();
        return twin;
    }

    public TwinHost Host { get; private set; } = null!;

    public TwinControlClient Control { get; private set; } = null!;

    public TwinTenant Provider { get; private set; } = null!;

    public TwinTenant Alder { get; private set; } = null!;

    public TwinTenant Birch { get; private set; } = null!;

    /// <summary>Consented to nothing.</summary>
    public TwinTenant Cedar { get; private set; } = null!;

    public CreatedApp Hub { get; private set; } = null!;

    public string HubSecret => Hub.Secrets[0].Value;

    public UserView Analyst { get; private set; } = null!;

    public UserView AlderAdmin { get; private set; } = null!;

    public static IReadOnlyList<TwinPermission> HubPermissions { get; } =
    [
        new("https://graph.microsoft.com", "SecurityAlert.Read.All", true),
        new("https://graph.microsoft.com", "User.Read", false),
        new("https://api.securitycenter.microsoft.com", "Alert.Read.All", true),
    ];

    public async Task InitializeAsync()
    {
        Host = await TwinHost.StartAsync(_options, _planes, CancellationToken.None);
        Control = new TwinControlClient(Host.ControlAddress);
        if (!_empty && Host.Services.Directory.Tenants.Count == 0) await PrepareAsync();
    }

    /// <summary>Makes the small world.</summary>
    public async Task PrepareAsync()
    {
        var tenants = await Control.CreateTenantsAsync(
        [
            new NewTenant { Name = "North Watch", Domain = "northwatch.example" },
            new NewTenant { Name = "Alder Mills", Domain = "alder.example" },
            new NewTenant { Name = "Birch Bank", Domain = "birch.example" },
            new NewTenant { Name = "Cedar Care", Domain = "cedar.example", Licensed = false },
        ], default);
        (Provider, Alder, Birch, Cedar) = (tenants[0], tenants[1], tenants[2], tenants[3]);
        Analyst = await Control.CreateUserAsync(Provider.Id, new NewUser { Name = "Ann Analyst", Upn = "ann@northwatch.example", Password = Password }, default);
        AlderAdmin = await Control.CreateUserAsync(Alder.Id, new NewUser { Name = "Adam Admin", Upn = "adam@alder.example", Password = Password, Roles = ["Global Administrator"] }, default);
        foreach (var tenant in new[] { Alder, Birch }) await Control.CreateUserAsync(tenant.Id, new NewUser { GuestOf = Analyst.Upn }, default);
        Hub = await CreateAppAsync("Hub", app => app with { Permissions = HubPermissions });
        foreach (var tenant in new[] { Provider, Alder, Birch }) await Control.ConsentAsync(tenant.Id, new NewConsent { AppId = Hub.AppId }, default);
    }

    public Task<CreatedApp> CreateAppAsync(string name, Func<NewApp, NewApp>? change = null)
    {
        var app = new NewApp { Tenant = "northwatch.example", Name = name, MultiTenant = true, RedirectUris = [HubRedirect, LegacyRedirect], Secrets = [new NewSecret()] };
        return Control.CreateAppAsync(change is null ? app : change(app), default);
    }

    public HttpClient CreateClient() => new(TwinTrust.CreateHandler(Host.CaFile)) { BaseAddress = Host.Address };

    /// <summary>Posts to a token endpoint; answers status and body.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(object tenant, Dictionary<string, string> form, string path = "oauth2/v2.0/token")
    {
        using var client = CreateClient();
        using var answer = await client.PostAsync($"/{tenant}/{path}", new FormUrlEncodedContent(form));
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    public Dictionary<string, string> AppOnly(string scope = "https://graph.microsoft.com/.default", CreatedApp? app = null) => new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = (app ?? Hub).AppId.ToString(),
        ["client_secret"] = (app ?? Hub).Secrets[0].Value,
        ["scope"] = scope,
    };

    public async Task DisposeAsync()
    {
        Control?.Dispose();
        if (Host is not null) await Host.DisposeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
