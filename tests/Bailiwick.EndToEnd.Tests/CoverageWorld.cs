using System.Net;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Alerts;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Wire;
using Bailiwick.Wire.Graph;
using Shouldly;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A hub that lives on the twin's clock, with one connected tenant, asked over REST whether there is a hole.</summary>
internal sealed class CoverageWorld : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private DateTimeOffset _now;

    private CoverageWorld(TwinFixture twin, HubFixture hub, TwinTenant tenant, string key)
    {
        Twin = twin;
        Hub = hub;
        Tenant = tenant;
        _http = new HttpClient { BaseAddress = Address };
        Client = new BailiwickClient(_http, key, TimeProvider.System);
    }

    public TwinFixture Twin { get; }

    public HubFixture Hub { get; }

    public TwinTenant Tenant { get; }

    /// <summary>The hub by the name that an application knows its callback under.</summary>
    public Uri Address => new UriBuilder(Hub.Server.Addresses[0]) { Host = "localhost" }.Uri;

    public TenantId Id => new(Tenant.Id);

    public BailiwickClient Client { get; }

    /// <summary>A tenant that is known and not connected.</summary>
    public static async Task<CoverageWorld> StartAsync()
    {
        var twin = await TwinFixture.StartAsync();
        var tenant = (await twin.AddCustomersAsync(1))[0];
        var hub = await HubFixture.StartAsync(
            twin,
            configure: options =>
            {
                options.Clock = twin.Host.ControlAddress.ToString();
                foreach (var source in options.Sources.Values) source.PollInterval = Poll;
            });
        var key = (await File.ReadAllTextAsync(Path.Combine(hub.Folder, "data", "owner.key"))).Trim();
        return new CoverageWorld(twin, hub, tenant, key);
    }

    /// <summary>As the other, connected app-only and walked once.</summary>
    public static async Task<CoverageWorld> ConnectedAsync(string source = AlertSources.GraphAlerts, params string[] also)
    {
        var world = await StartAsync();
        await world.Hub.ConnectAsync(await world.Hub.AddApplicationAsync(world.Twin), [world.Tenant], source, also);
        await world.WellAsync();
        await Until.TrueAsync(() => world.Hub.Get<Bailiwick.Hub.Collectors.CollectorWorker>().States.Count > 0, "the first walk is over: its page is stored before it is");
        return world;
    }

    public async Task<Coverage> AskAsync(string? source = null, DateTimeOffset? from = null) =>
        (await Client.ListCoverageAsync(new CoverageQuery { Tenant = Id, Source = source, From = from }, CancellationToken.None)).Items[0];

    /// <summary>Time goes on, for the twin and the hub alike.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        _now = (await Twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = by.TotalSeconds }, CancellationToken.None)).Now;
        await Until.TrueAsync(() => Hub.Get<TimeProvider>().GetUtcNow() >= _now - TimeSpan.FromSeconds(1), "the hub's clock has followed");
    }

    /// <summary>Two poll periods pass, each walked.</summary>
    public async Task TwoPollsAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var tried = Hub.Get<Bailiwick.Hub.Collectors.CollectorWorker>().States.Values.Max(state => state.TriedAt);
            await AdvanceAsync(Poll);
            await Until.TrueAsync(() => Hub.Get<Bailiwick.Hub.Collectors.CollectorWorker>().States.Values.Any(state => state.TriedAt > tried), "the poll is over");
        }
    }

    /// <summary>Waits until there is nothing to look at, moving the time on as long as there is.</summary>
    public async Task WellAsync(TimeSpan? step = null)
    {
        await Until.TrueAsync(
            async () =>
            {
                var row = await AskAsync();
                if (row is { HoleSince: null, Trouble: null }) return true;
                if (step is { } by) await AdvanceAsync(by);
                return false;
            },
            "nothing is missing");
    }

/// <summary>An analyst who is a guest of the tenant signs in; her id there. For comparing when the tenant is collected already.</summary>
    public async Task<Guid> ConnectPersonAsync(bool compare = false)
    {
        const string Analyst = "ann@northwatch.example";
        const string Password = "Correct-Horse-7";
        var twin = Twin.Control;
        var provider = (await twin.TenantsAsync(CancellationToken.None)).Single(tenant => tenant.DefaultDomain == "northwatch.example");
        await twin.CreateUserAsync(provider.Id, new NewUser { Name = "Ann Analyst", Upn = Analyst, Password = Password }, CancellationToken.None);
        var guest = await twin.CreateUserAsync(Tenant.Id, new NewUser { GuestOf = Analyst, Roles = ["Global Administrator"] }, CancellationToken.None);
        var app = await twin.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Person SIEM",
                MultiTenant = true,
                RedirectUris = [new Uri(Address, "connect/callback").AbsoluteUri],
                Secrets = [new NewSecret()],
                Permissions = [new TwinPermission(Planes.GraphResource, GraphPermissions.AlertRead, Application: false)],
            },
            CancellationToken.None);
        await Client.AddApplicationAsync(new NewApplication("person", app.AppId, Secret: app.Secrets[0].Value), CancellationToken.None);
        if (!compare) await Client.AddCustomerAsync(new NewCustomer("Customer 1", [new Api.V1.NewTenant(Id, "twin")]), CancellationToken.None);
        var link = (await Client.BeginCodeAsync(Id, new BeginCode("person", Compare: compare), CancellationToken.None)).Link;
        using var browser = new PersonBrowser(Twin);
        await browser.OpenAsync(link);
        await browser.ContinueAsync(link);
        await browser.OpenAsync(browser.Location.ShouldNotBeNull(browser.Page));
        await browser.PostAsync(("login", Analyst), ("passwd", Password));
        if (browser.Kind == "consent") await browser.PostAsync(("decision", "accept"));
        await browser.OpenAsync(browser.Location.ShouldNotBeNull(browser.Page));
        browser.Status.ShouldBe(HttpStatusCode.OK, browser.Page);
        return guest.Id;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Hub.DisposeAsync();
        await Twin.DisposeAsync();
    }
}
