using System.Diagnostics;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>
/// What each kind of sink costs: one log, collected once, which one sink after the other reads from its beginning. Each first gets the alerts of two tenants unmeasured,
/// so that no row pays for compiling.
/// </summary>
internal static class EachSink
{
    private const int Tenants = 20;
    private const int PerTenant = 2500;
    private const int WarmTenants = 2;

    public static async Task RunAsync()
    {
        await using var receivers = await SinkReceivers.StartAsync();
        await using var stage = await Stage.StartAsync(
            new AlertKnobs { Limits = false, GraphNextLink = true, VisibilityLagMinSeconds = 0, VisibilityLagMaxSeconds = 0 },
            TimeSpan.FromMinutes(1),
            (SinkReceivers.Cloud, receivers.AzureLogs, receivers.CaFile));
        var tenants = await stage.AddTenantsAsync("Customer", Tenants, PerTenant);
        long alerts = Tenants * PerTenant;
        Report.Title($"Each sink alone: {Tenants} tenants, {alerts:N0} alerts from the log, all receivers over TLS");
        var (cpu, watch) = (stage.Hub.Cpu, Stopwatch.StartNew());
        await stage.ConnectAsync(tenants);
        await stage.WaitForCollectedAsync(alerts, TimeSpan.FromMinutes(5));
        Report.Rate("collected and stored, no sink, compiling included", alerts, watch.Elapsed, stage.Hub.Cpu - cpu);

        var warm = (await stage.Client.ListCustomersAsync(null, CancellationToken.None)).Items.Take(WarmTenants).Select(customer => customer.Id).ToList();
        await receivers.Trials[0].RunAsync(stage, "first", alerts, null); // what all kinds share is compiled for good only after many alerts
        foreach (var (number, trial) in receivers.Trials.Index())
        {
            await trial.RunAsync(stage, $"warm{number}", WarmTenants * PerTenant, warm);
            var cost = await trial.RunAsync(stage, $"full{number}", alerts, null);
            Report.Rate(trial.What, alerts, cost.Took, cost.Hub, trial.Receiver is { } receiver ? (receiver.Whose, cost.Receiver) : null);
        }

        if (receivers.NoBroker is { } reason) Report.Fact("rabbitmq: not measured", reason);
        Report.Fact("hub: memory, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
    }
}
