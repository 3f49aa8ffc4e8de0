using System.Diagnostics;
using System.Globalization;
using Bailiwick.Twin;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using NewTenant = Bailiwick.Twin.Control.NewTenant;

namespace Bailiwick.Bench;

/// <summary>The twin with a prepared world of a thousand tenants on disk: how soon it listens, how many short lists it answers, in how much memory.</summary>
internal static class TwinScale
{
    private const int Tenants = 1000;
    private const int Clients = 16;
    private const string Secret = "secret-of-the-benchmark";
    private static readonly Guid s_app = new("7d1f0a11-2222-4222-8222-000000000002");
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(10);

    /// <param name="alerts">Alerts in all.</param>
    public static async Task RunAsync(int alerts)
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-bench-").FullName;
        try
        {
            Report.Title($"Twin: a prepared world of {Tenants:N0} tenants and {alerts:N0} alerts on disk");
            var (tenants, took) = await PrepareAsync(folder, alerts);
            Report.Fact("prepared", $"{took.TotalSeconds:0} s, {Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length) / 1_000_000:N0} MB on disk");
            await MeasureAsync(folder, tenants);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(IReadOnlyList<Guid> Tenants, TimeSpan Took)> PrepareAsync(string folder, int alerts)
    {
        var watch = Stopwatch.StartNew();
        AlertPlanes? planes = null;
        await using var twin = await TwinHost.StartAsync(
            new TwinOptions { DataDirectory = folder, Seed = 1 },
            [services => planes = new AlertPlanes(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant, new AlertPlanesOptions { Knobs = new AlertKnobs { Limits = false } })],
            CancellationToken.None);
        using var control = new TwinControlClient(twin.ControlAddress);
        var tenants = await control.CreateTenantsAsync([.. Enumerable.Range(0, Tenants).Select(i => new NewTenant { Name = $"Customer {i}", Domain = $"customer{i}.example" })], CancellationToken.None);
        await control.CreateAppAsync(
            new NewApp
            {
                AppId = s_app,
                Tenant = tenants[0].DefaultDomain,
                Name = "Reader",
                MultiTenant = true,
                Secrets = [new NewSecret { Value = Secret }],
                Permissions = [.. new[] { "SecurityAlert.Read.All", "User.Read.All" }.Select(name => new TwinPermission(Wire.Planes.GraphResource, name, Application: true))],
            },
            CancellationToken.None);
        var now = twin.Services.Clock.GetUtcNow();
        foreach (var tenant in tenants)
        {
            await control.ConsentAsync(tenant.Id, new NewConsent { AppId = s_app }, CancellationToken.None);
            foreach (var n in Enumerable.Range(0, 12)) twin.Services.Directory.AddMember(tenant.Id, $"Person {n}", $"person{n}@{tenant.DefaultDomain}", "Long-Enough-1", []);
            planes!.Alerts.Generate(tenant.Id, alerts / Tenants, now.AddDays(-20), now.AddMinutes(-1), seed: 5);
        }

        planes!.SetKnobs(null, new AlertKnobs { Limits = false });
        return ([.. tenants.Select(tenant => tenant.Id)], watch.Elapsed);
    }

    private static async Task MeasureAsync(string folder, IReadOnlyList<Guid> tenants)
    {
        var watch = Stopwatch.StartNew();
        var (twin, line) = await Watched.StartAsync("dotnet", [typeof(Cli.BailiwickCli).Assembly.Location, "twin", "--data", folder, "--port", "0", "--control-port", "0"], "listens on");
        await using var process = twin;
        Report.Fact("start of the process until it listens (wanted: 3 s)", $"{watch.Elapsed.TotalSeconds:0.00} s, {twin.Cpu.TotalSeconds:0.00} s CPU, {twin.ResidentMb:0} MB");
        var address = new Uri(line.Split("listens on ")[1].Split(',')[0]);
        var trust = Path.Combine(folder, "ca.pem");
        var tokens = await TokensAsync(address, trust, tenants);
        foreach (var (what, path) in new[] { ("alerts_v2?$top=10", "/graph/v1.0/security/alerts_v2?$top=10"), ("users?$top=10", "/graph/v1.0/users?$top=10") })
        {
            await LoadAsync(address, trust, tokens, path, TimeSpan.FromSeconds(3));
            var (cpu, own) = (twin.Cpu, Environment.CpuUsage.TotalTime);
            watch.Restart();
            var answered = await LoadAsync(address, trust, tokens, path, s_length);
            var took = watch.Elapsed;
            Report.Fact(
                $"{what}, {Clients} connections kept alive (wanted: 5,000/s)",
                $"{answered / took.TotalSeconds,8:N0} requests/s, {(twin.Cpu - cpu).TotalMicroseconds / answered:0} µs CPU/request; the load tool {(Environment.CpuUsage.TotalTime - own).TotalMicroseconds / answered:0} µs");
        }

        Report.Fact("memory, now and most", $"{twin.ResidentMb:0} MB, {twin.PeakMb:0} MB");
    }

    /// <summary>Tokens of twenty tenants across the world.</summary>
    private static async Task<IReadOnlyList<string>> TokensAsync(Uri address, string trust, IReadOnlyList<Guid> tenants)
    {
        using var http = new HttpClient(TwinTrust.CreateHandler(trust)) { BaseAddress = address };
        List<string> tokens = [];
        for (var i = 0; i < tenants.Count; i += tenants.Count / 20)
        {
            using var answer = await http.PostAsync($"/{tenants[i]}/oauth2/v2.0/token", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = s_app.ToString(),
                ["client_secret"] = Secret,
                ["scope"] = "https://graph.microsoft.com/.default",
            }));
            using var body = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            tokens.Add(body.RootElement.GetProperty("access_token").GetString()!);
        }

        return tokens;
    }

    private static async Task<long> LoadAsync(Uri address, string trust, IReadOnlyList<string> tokens, string path, TimeSpan length)
    {
        var until = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(n => Task.Run(async () =>
        {
            await using var line = await KeptLine.OpenAsync(address, trust);
            var requests = tokens.Select(token => KeptLine.Request(address, path, token)).ToList();
            var count = 0L;
            for (var i = n; Stopwatch.GetTimestamp() < until; i++, count++)
            {
                var status = await line.AskAsync(requests[i % requests.Count]);
                if (status != 200) throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{path} answered {status}."));
            }

            return count;
        })));
        return counts.Sum();
    }
}
