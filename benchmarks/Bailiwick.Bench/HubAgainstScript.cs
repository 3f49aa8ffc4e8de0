using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>Collect, store durably, deliver to one sink: the hub's process against a plain script on the same source.</summary>
internal static class HubAgainstScript
{
    private const int Tenants = 20;
    private const int PerTenant = 6000;

    public static async Task RunAsync()
    {
        await using var stage = await Stage.StartAsync(new AlertKnobs { Limits = false, GraphNextLink = true }, TimeSpan.FromSeconds(5));
        var warm = await stage.AddTenantsAsync("Warm", 4, 2500);
        var measured = await stage.AddTenantsAsync("Customer", Tenants, PerTenant);
        long alerts = Tenants * PerTenant;
        var bytes = stage.Planes.Alerts.Truth(measured[0].Id).Count(line => line.Source == "graph");
        Report.Title($"Hub against script: {Tenants} tenants, {alerts:N0} Graph alerts ({bytes} in the first tenant), source in the benchmark's process");

        await stage.AddLinesSinkAsync();
        await stage.ConnectAsync(warm);
        await stage.WaitForLinesAsync(4 * 2500);
        var (cpu, written) = (stage.Hub.Cpu, stage.Hub.Written);
        var own = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await stage.ConnectAsync(measured);
        await stage.WaitForLinesAsync((4 * 2500) + alerts);
        var hub = watch.Elapsed;
        Report.Rate("hub: collect, SQLite synchronous=FULL, ECS to files with fsync", alerts, hub, stage.Hub.Cpu - cpu);
        Report.Fact("source and counting, in the benchmark's process", $"{(Environment.CpuUsage.TotalTime - own).TotalMicroseconds / alerts:0.0} µs CPU/alert");
        Report.Fact("hub: bytes written per alert, database and files", $"{(stage.Hub.Written - written) / alerts:N0}");
        Report.Fact("hub: memory, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");

        await Download.RunAsync(stage, [.. measured.Select(tenant => tenant.Id)]);
        var script = await ScriptAsync(stage, measured.Select(tenant => tenant.Id).ToList());
        if (script is not { } ran) return;
        Report.Rate("python script: requests, JSON to one file, no state", alerts, ran.Took, ran.Cpu);
        Report.Fact("hub against script, alerts/s", $"{ran.Took / hub:0.00} x");
    }

    private static async Task<(TimeSpan Took, TimeSpan Cpu)?> ScriptAsync(Stage stage, List<Guid> tenants)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "collect.py");
        var input = Path.Combine(stage.Lines, "script.json");
        await File.WriteAllTextAsync(input, JsonSerializer.Serialize(new
        {
            login = stage.Twin.Address,
            client = stage.App.AppId,
            secret = stage.App.Secrets[0].Value,
            ca = stage.Twin.CaFile,
            output = Path.Combine(stage.Lines, "script.out"),
            tenants,
        }));
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, input]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var text = await python.StandardOutput.ReadToEndAsync();
        var errors = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        if (python.ExitCode != 0)
        {
            Report.Fact("python script", $"did not run: {errors.Trim().Split('\n')[^1]}");
            return null;
        }

        var fields = text.Trim().Split(' ');
        var count = long.Parse(fields[0], CultureInfo.InvariantCulture);
        if (count != tenants.Count * PerTenant) throw new InvalidOperationException($"The script read {count} alerts.");
        return (TimeSpan.FromSeconds(double.Parse(fields[1], CultureInfo.InvariantCulture)), TimeSpan.FromSeconds(double.Parse(fields[2], CultureInfo.InvariantCulture)));
    }
}
