using System.Diagnostics;
using System.Net;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>
/// A thousand tenants, each walked once a minute, against a source that keeps the documented request limits: memory, CPU of standing still, how often the source
/// asked for a pause, and how long an alert takes from visible to stored and to acknowledged by an index.
/// </summary>
internal static class Fleet
{
    private const int Tenants = 1000;
    private static readonly TimeSpan Poll = TimeSpan.FromMinutes(1);

    public static async Task RunAsync()
    {
        await using var index = await AcknowledgingIndex.StartAsync();
        await using var stage = await Stage.StartAsync(new AlertKnobs { Limits = true, VisibilityLagMinSeconds = 0, VisibilityLagMaxSeconds = 0 }, Poll);
        var tenants = await stage.AddTenantsAsync("Tenant", Tenants, 20);
        await index.AddToAsync(stage.Client);
        Report.Title($"Fleet: {Tenants:N0} tenants, one walk a minute each, source and an Elasticsearch receiver in the benchmark's process");
        var watch = Stopwatch.StartNew();
        await stage.ConnectAsync(tenants);
        Report.Fact("connecting every tenant (token, proof, audit)", $"{watch.Elapsed.TotalSeconds:0.0} s");
        await index.WaitAsync(Tenants * 20);
        Report.Fact("first alerts of all tenants acknowledged", $"{watch.Elapsed.TotalSeconds:0.0} s after the first connection");

        var raised = new Dictionary<string, (Guid Tenant, DateTimeOffset At)>(StringComparer.Ordinal);
        var random = new Random(3);
        var (cpu, before) = (stage.Hub.Cpu, await stage.AnswersAsync());
        watch.Restart();
        while (watch.Elapsed < TimeSpan.FromMinutes(3))
        {
            var (tenant, now) = (tenants[random.Next(Tenants)].Id, TimeProvider.System.GetUtcNow());
            raised[stage.Planes.Alerts.Raise(tenant, seed: random.NextInt64())] = (tenant, now);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        await index.WaitAsync((Tenants * 20) + raised.Count);
        Report.Fact("CPU while walking", $"{(stage.Hub.Cpu - cpu) / watch.Elapsed * 100:0} % of one core, {watch.Elapsed.TotalSeconds:0} s");
        Report.Fact("memory, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
        var after = await stage.AnswersAsync();
        Report.Fact("answers of the source while walking, of those 429", $"{after.Values.Sum() - before.Values.Sum():N0}, {after.GetValueOrDefault(429) - before.GetValueOrDefault(429)}");
        Report.Fact("answers of the source from the start, of those 429", $"{after.Values.Sum():N0}, {after.GetValueOrDefault(429)}");
        Delays("visible to stored", await StoredAsync(stage, raised));
        Delays("visible to acknowledged", [.. raised.Select(alert => (index.At(alert.Value.Tenant, alert.Key) - alert.Value.At).TotalSeconds)]);
        Report.Fact("requests of one tenant that the source takes before it answers 429", $"{await TakenAsync(stage, tenants[0].Id)}");
    }

    private static void Delays(string what, List<double> seconds)
    {
        seconds.Sort();
        Report.Fact($"{what}, p50, p99 and most", $"{At(seconds, 0.5):0.0} s, {At(seconds, 0.99):0.0} s, {seconds[^1]:0.0} s of {seconds.Count} alerts (poll interval {Poll.TotalSeconds:0} s)");
    }

    /// <summary>That the limit is in force: asks past the hub until the source refuses.</summary>
    private static async Task<int> TakenAsync(Stage stage, Guid tenant)
    {
        using var http = stage.OpenSource();
        await stage.SignInAsync(http, tenant);
        for (var taken = 0; ; taken++)
        {
            using var answer = await http.GetAsync(new Uri("/graph/v1.0/security/alerts_v2?$top=1", UriKind.Relative));
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) return taken;
            answer.EnsureSuccessStatusCode();
            if (taken == 1000) throw new InvalidOperationException("The source keeps no limit.");
        }
    }

    private static double At(List<double> sorted, double share) => sorted[(int)((sorted.Count - 1) * share)];

    /// <summary>From raised to the hub's own time of storing, as its API tells it.</summary>
    private static async Task<List<double>> StoredAsync(Stage stage, Dictionary<string, (Guid Tenant, DateTimeOffset At)> raised)
    {
        var delays = new List<double>();
        for (string? cursor = null; ;)
        {
            var page = await stage.Client.ListAlertsAsync(new Api.V1.AlertQuery { From = raised.Values.Min(alert => alert.At).AddMinutes(-1), Limit = 1000, Cursor = cursor }, CancellationToken.None);
            foreach (var alert in page.Items)
            {
                if (raised.TryGetValue(alert.AlertId, out var known)) delays.Add((alert.CollectedAt - known.At).TotalSeconds);
            }

            if (page.Next is null) return delays;
            cursor = page.Next;
        }
    }
}
