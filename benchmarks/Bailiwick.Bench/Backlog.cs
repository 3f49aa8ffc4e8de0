using System.Diagnostics;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>A sink that was away: a thousand tenants' alerts wait in the log, then the sink is taken up again. How fast they drain, and in how much memory.</summary>
internal static class Backlog
{
    private const int Tenants = 1000;

    /// <param name="alerts">Alerts that wait in all.</param>
    public static async Task RunAsync(int alerts)
    {
        await using var stage = await Stage.StartAsync(new AlertKnobs { Limits = false, GraphNextLink = true, VisibilityLagMinSeconds = 0, VisibilityLagMaxSeconds = 0 }, TimeSpan.FromMinutes(1));
        var tenants = await stage.AddTenantsAsync("Tenant", Tenants, alerts / Tenants);
        await stage.AddLinesSinkAsync();
        await stage.Client.ParkSinkAsync("files", parked: true, CancellationToken.None);
        Report.Title($"Backlog: {Tenants:N0} tenants, {alerts:N0} alerts wait for a sink that is away");
        var watch = Stopwatch.StartNew();
        await stage.ConnectAsync(tenants);
        await stage.WaitForCollectedAsync(alerts, TimeSpan.FromMinutes(20));
        Report.Fact("collected, nothing delivered", $"{watch.Elapsed.TotalSeconds:0} s");
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
        Report.Fact("memory with all of it waiting, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
        var cpu = stage.Hub.Cpu;
        watch.Restart();
        await stage.Client.ParkSinkAsync("files", parked: false, CancellationToken.None);
        await stage.WaitForLinesAsync(alerts);
        Report.Rate("draining: log to ECS files with fsync", alerts, watch.Elapsed, stage.Hub.Cpu - cpu);
        Report.Fact("memory after draining, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
    }
}
