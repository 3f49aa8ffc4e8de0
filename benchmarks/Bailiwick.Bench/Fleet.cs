using System.Diagnostics;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>A thousand tenants, each walked once a minute: memory, CPU of standing still, and how long an alert takes from visible to written.</summary>
internal static class Fleet
{
    private const int Tenants = 1000;
    private static readonly TimeSpan Poll = TimeSpan.FromMinutes(1);

    public static async Task RunAsync()
    {
        await using var stage = await Stage.StartAsync(new AlertKnobs { VisibilityLagMinSeconds = 0, VisibilityLagMaxSeconds = 0 }, Poll);
        var tenants = await stage.AddTenantsAsync("Tenant", Tenants, 20);
        await stage.AddLinesSinkAsync();
        Report.Title($"Fleet: {Tenants:N0} tenants, one walk a minute each, source in the benchmark's process");
        var watch = Stopwatch.StartNew();
        await stage.ConnectAsync(tenants);
        Report.Fact("connecting every tenant (token, proof, audit)", $"{watch.Elapsed.TotalSeconds:0.0} s");
        await stage.WaitForLinesAsync(Tenants * 20);
        Report.Fact("first alerts of all tenants written", $"{watch.Elapsed.TotalSeconds:0.0} s after the first connection");

        var raised = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var random = new Random(3);
        var cpu = stage.Hub.Cpu;
        watch.Restart();
        while (watch.Elapsed < TimeSpan.FromMinutes(3))
        {
            var tenant = tenants[random.Next(Tenants)].Id;
            raised[stage.Planes.Alerts.Raise(tenant, seed: random.NextInt64())] = TimeProvider.System.GetUtcNow();
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        await stage.WaitForLinesAsync((Tenants * 20) + raised.Count);
        Report.Fact("CPU while walking", $"{(stage.Hub.Cpu - cpu) / watch.Elapsed * 100:0.0} % of one core, {watch.Elapsed.TotalSeconds:0} s");
        Report.Fact("memory, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
        var delays = await DelaysAsync(stage, raised);
        delays.Sort();
        Report.Fact("visible to stored, p50 and p99", $"{At(delays, 0.5):0.0} s, {At(delays, 0.99):0.0} s of {delays.Count} alerts (poll interval {Poll.TotalSeconds:0} s)");
    }

    private static double At(List<double> sorted, double share) => sorted[(int)((sorted.Count - 1) * share)];

    /// <summary>From raised to the hub's own time of storing, as its API tells it.</summary>
    private static async Task<List<double>> DelaysAsync(Stage stage, Dictionary<string, DateTimeOffset> raised)
    {
        var delays = new List<double>();
        for (string? cursor = null; ;)
        {
            var page = await stage.Client.ListAlertsAsync(new Api.V1.AlertQuery { From = raised.Values.Min().AddMinutes(-1), Limit = 1000, Cursor = cursor }, CancellationToken.None);
            foreach (var alert in page.Items)
            {
                if (raised.TryGetValue(alert.AlertId, out var at)) delays.Add((alert.CollectedAt - at).TotalSeconds);
            }

            if (page.Next is null) return delays;
            cursor = page.Next;
        }
    }
}
