using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Twin;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using NewTenant = Bailiwick.Twin.Control.NewTenant;

namespace Bailiwick.Bench;

/// <summary>A twin in this process and a hub in a process of its own, set up through its API.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private readonly LineCount _lines;
    private HttpClient? _http;
    private Watched? _hub;
    private BailiwickClient? _client;

    private Stage(string folder, TwinHost twin, AlertPlanes planes, CreatedApp app)
    {
        Folder = folder;
        _lines = new LineCount(Path.Combine(folder, "lines"));
        Twin = twin;
        Planes = planes;
        App = app;
    }

    /// <summary>For files of the measurement; goes with the stage.</summary>
    public string Folder { get; }

    public TwinHost Twin { get; }

    public AlertPlanes Planes { get; }

    public CreatedApp App { get; }

    /// <summary>The hub that runs now.</summary>
    public Watched Hub => _hub!;

    /// <summary>Its API.</summary>
    public BailiwickClient Client => _client!;

    /// <summary>Where the sink of <see cref="AddLinesSinkAsync"/> writes.</summary>
    public string Lines => _lines.Folder;

    private string Configuration => Path.Combine(Folder, "bailiwick.json");

    /// <param name="knobs">How the source behaves.</param>
    /// <param name="poll">The hub's poll interval.</param>
    /// <param name="further">Clouds besides the twin's, for sinks that sign in: name, address of everything in it, PEM file of its CA.</param>
    public static async Task<Stage> StartAsync(AlertKnobs knobs, TimeSpan poll, params (string Name, Uri Address, string CaFile)[] further)
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-bench-").FullName;
        AlertPlanes? planes = null;
        var twin = await TwinHost.StartAsync(
            new TwinOptions { DataDirectory = Path.Combine(folder, "twin"), Seed = 1 },
            [services => planes = new AlertPlanes(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant, new AlertPlanesOptions { Knobs = knobs })],
            CancellationToken.None);
        using var control = new TwinControlClient(twin.ControlAddress);
        await control.CreateTenantAsync(new NewTenant { Name = "Northwatch Security", Domain = "northwatch.example" }, CancellationToken.None);
        var app = await control.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Collector",
                MultiTenant = true,
                Secrets = [new NewSecret()],
                Permissions = [new TwinPermission(Wire.Planes.GraphResource, "SecurityAlert.Read.All", Application: true)],
            },
            CancellationToken.None);
        var stage = new Stage(folder, twin, planes!, app);
        var clouds = further.ToDictionary(cloud => cloud.Name, cloud => new { Login = cloud.Address, Graph = cloud.Address, Defender = cloud.Address, Exporter = cloud.Address, cloud.CaFile });
        clouds.Add("twin", new { Login = twin.Address, Graph = new Uri(twin.Address, "graph"), Defender = new Uri(twin.Address, "defender"), Exporter = new Uri(twin.Address, "exporter"), twin.CaFile });
        await File.WriteAllTextAsync(stage.Configuration, JsonSerializer.Serialize(new
        {
            Data = Path.Combine(folder, "hub"),
            Urls = new[] { "http://127.0.0.1:0" },
            Profile = "test",
            Clouds = clouds,
            Sources = new { GraphAlerts = new { PollInterval = poll.ToString("c") } },
        }));
        await stage.StartHubAsync();
        await stage.Client.AddApplicationAsync(new NewApplication("collector", app.AppId, Secret: app.Secrets[0].Value), CancellationToken.None);
        return stage;
    }

    /// <summary>Starts the hub on the data of the one before; returns when it listens.</summary>
    public async Task StartHubAsync()
    {
        var (hub, line) = await Watched.StartAsync("dotnet", [typeof(Cli.BailiwickCli).Assembly.Location, "serve", "--config", Configuration], "listens on");
        _http?.Dispose();
        _http = new HttpClient { BaseAddress = new Uri(line.Split("listens on ")[1].Split(';')[0]) };
        _client = new BailiwickClient(_http, (await File.ReadAllTextAsync(Path.Combine(Folder, "hub", "owner.key"))).Trim(), TimeProvider.System);
        _hub = hub;
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillHubAsync()
    {
        await Hub.KillAsync();
        await Hub.DisposeAsync();
    }

    /// <summary>Makes consenting tenants with alerts of the last hours and tells the hub of them, without connecting them.</summary>
    public async Task<IReadOnlyList<TwinTenant>> AddTenantsAsync(string name, int count, int alerts)
    {
        using var control = new TwinControlClient(Twin.ControlAddress);
        var tenants = await control.CreateTenantsAsync(
            [.. Enumerable.Range(0, count).Select(i => new NewTenant { Name = $"{name} {i}", Domain = $"{name.ToLowerInvariant()}{i}.example" })], CancellationToken.None);
        var now = Twin.Services.Clock.GetUtcNow();
        foreach (var tenant in tenants)
        {
            await control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, CancellationToken.None);
            if (alerts > 0) Planes.Alerts.Generate(tenant.Id, alerts, now.AddHours(-6), now.AddMinutes(-1), seed: 5);
        }

        var lines = tenants.Select((tenant, i) => new CustomerImportLine(i + 1, tenant.DisplayName, new TenantId(tenant.Id), "twin")).ToList();
        await Client.ImportCustomersAsync(new CustomerImport(lines), CancellationToken.None);
        return tenants;
    }

    public async Task ConnectAsync(IReadOnlyList<TwinTenant> tenants)
    {
        foreach (var chunk in tenants.Chunk(ConnectAppOnly.MaxTenants))
        {
            var outcomes = await Client.ConnectAppOnlyAsync(new ConnectAppOnly([.. chunk.Select(tenant => new TenantId(tenant.Id))], "collector"), CancellationToken.None);
            if (outcomes.Outcomes.FirstOrDefault(outcome => !outcome.Connected) is { } failed) throw new InvalidOperationException($"{failed.Error}: {failed.Detail}");
        }
    }

    public Task AddLinesSinkAsync() => Client.AddSinkAsync(new NewSink("files", "jsonlines", JsonSerializer.SerializeToElement(new { directory = Lines })), CancellationToken.None);

    /// <summary>Lines of that sink so far.</summary>
    public long LinesWritten() => _lines.Read();

    public Task WaitForLinesAsync(long count) => WaitAsync(() => Task.FromResult(LinesWritten()), count, "lines", s_patience);

    /// <summary>Waits until that many versions stand in all logs.</summary>
    public Task WaitForCollectedAsync(long count, TimeSpan patience) =>
        WaitAsync(async () => (await Client.GetStatusAsync(CancellationToken.None)).Totals.Versions, count, "versions collected", patience);

    /// <summary>A client of the source itself, past the hub.</summary>
    public HttpClient OpenSource() => new(TwinTrust.CreateHandler(Twin.CaFile)) { BaseAddress = Twin.Address };

    /// <summary>Gives such a client the token that the hub would use for a tenant.</summary>
    public async Task SignInAsync(HttpClient source, Guid tenant)
    {
        using var answer = await source.PostAsync($"/{tenant}/oauth2/v2.0/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = App.AppId.ToString(),
            ["client_secret"] = App.Secrets[0].Value,
            ["scope"] = "https://graph.microsoft.com/.default",
        }));
        using var token = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        source.DefaultRequestHeaders.Authorization = new("Bearer", token.RootElement.GetProperty("access_token").GetString());
    }

    /// <summary>Answers of the source by status, over all planes and tenants since the start.</summary>
    public async Task<IReadOnlyDictionary<int, long>> AnswersAsync()
    {
        using var control = new TwinControlClient(Twin.ControlAddress);
        return (await control.RequestsAsync(CancellationToken.None)).GroupBy(count => count.Status).ToDictionary(group => group.Key, group => group.Sum(count => count.Requests));
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_hub is not null) await _hub.DisposeAsync();
        await Twin.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task WaitAsync(Func<Task<long>> read, long count, string what, TimeSpan patience)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); await read() is var now && now < count;)
        {
            if (watch.Elapsed > patience) throw new TimeoutException($"{now} of {count} {what} after {patience.TotalMinutes:0} minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
