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
    private readonly string _folder;
    private readonly HttpClient _http;

    private Stage(string folder, TwinHost twin, AlertPlanes planes, CreatedApp app, Watched hub, HttpClient http, BailiwickClient client)
    {
        _folder = folder;
        _http = http;
        Twin = twin;
        Planes = planes;
        App = app;
        Hub = hub;
        Client = client;
    }

    public TwinHost Twin { get; }

    public AlertPlanes Planes { get; }

    public CreatedApp App { get; }

    public Watched Hub { get; }

    public BailiwickClient Client { get; }

    public string Lines => Directory.CreateDirectory(Path.Combine(_folder, "lines")).FullName;

    public static async Task<Stage> StartAsync(AlertKnobs knobs, TimeSpan poll)
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
        var configuration = Path.Combine(folder, "bailiwick.json");
        await File.WriteAllTextAsync(configuration, JsonSerializer.Serialize(new
        {
            Data = Path.Combine(folder, "hub"),
            Urls = new[] { "http://127.0.0.1:0" },
            Profile = "test",
            Clouds = new
            {
                twin = new
                {
                    Login = twin.Address,
                    Graph = new Uri(twin.Address, "graph"),
                    Defender = new Uri(twin.Address, "defender"),
                    Exporter = new Uri(twin.Address, "exporter"),
                    twin.CaFile,
                },
            },
            Sources = new { GraphAlerts = new { PollInterval = poll.ToString("c") } },
        }));
        var (hub, line) = await Watched.StartAsync("dotnet", [typeof(Cli.BailiwickCli).Assembly.Location, "serve", "--config", configuration], "listens on");
        var address = new Uri(line.Split("listens on ")[1].Split(';')[0]);
        var http = new HttpClient { BaseAddress = address };
        var client = new BailiwickClient(http, (await File.ReadAllTextAsync(Path.Combine(folder, "hub", "owner.key"))).Trim(), TimeProvider.System);
        await client.AddApplicationAsync(new NewApplication("collector", app.AppId, Secret: app.Secrets[0].Value), CancellationToken.None);
        return new Stage(folder, twin, planes!, app, hub, http, client);
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

    public async Task WaitForLinesAsync(long count)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); LinesWritten() < count;)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(5)) throw new TimeoutException($"{LinesWritten()} of {count} lines after 5 minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

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
        _http.Dispose();
        await Hub.DisposeAsync();
        await Twin.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private readonly Dictionary<string, (long Length, long Lines)> _counted = [];

    private long LinesWritten() => Directory.EnumerateFiles(Lines, "*.jsonl").Sum(CountLines);

    /// <summary>Counts only what was added since the last look.</summary>
    private long CountLines(string file)
    {
        var (length, lines) = _counted.GetValueOrDefault(file);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = length;
        var buffer = new byte[256 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0; length += read) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        _counted[file] = (length, lines);
        return lines;
    }
}
