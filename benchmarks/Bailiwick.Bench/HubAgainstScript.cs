using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>
/// Collect, store durably (SQLite with synchronous=FULL, files with fsync), deliver to one sink: the hub's process against a plain script on the same source. The hub
/// works through two rounds of the same size, so that what compiling costs in the first can be told from what an alert costs for good; the script is held against the second.
/// A tenant is walked once a minute, the default: the tenants of the first round are not walked again while the second is measured.
/// </summary>
internal static class HubAgainstScript
{
    private const int Tenants = 20;
    private const int PerTenant = 6000;
    private const long Alerts = Tenants * PerTenant;

    public static async Task RunAsync()
    {
        await using var stage = await Stage.StartAsync(new AlertKnobs { Limits = false, GraphNextLink = true }, TimeSpan.FromMinutes(1));
        var warm = await stage.AddTenantsAsync("Warm", 4, 2500);
        var first = await stage.AddTenantsAsync("First", Tenants, PerTenant);
        var second = await stage.AddTenantsAsync("Second", Tenants, PerTenant);
        var bytes = stage.Planes.Alerts.Truth(second[0].Id).Count(line => line.Source == "graph");
        Report.Title($"Hub against script: twice {Tenants} tenants, {Alerts:N0} Graph alerts ({bytes} in one tenant), source in the benchmark's process");

        await stage.AddLinesSinkAsync();
        await stage.ConnectAsync(warm);
        await stage.WaitForLinesAsync(4 * 2500);
        await RoundAsync(stage, first, "first, after 10,000 alerts");
        var hub = await RoundAsync(stage, second, "second, warm");

        await Download.RunAsync(stage, [.. second.Select(tenant => tenant.Id)]);
        var script = await ScriptAsync(stage, second.Select(tenant => tenant.Id).ToList());
        if (script is not { } ran) return;
        Report.Rate("python script: requests, JSON to one file, no state", Alerts, ran.Took, ran.Cpu);
        Report.Fact("second round of the hub against the script, alerts/s", $"{ran.Took / hub:0.00} x");
    }

    private static async Task<TimeSpan> RoundAsync(Stage stage, IReadOnlyList<TwinTenant> tenants, string which)
    {
        var (cpu, written, lines) = (stage.Hub.Cpu, stage.Hub.Written, stage.LinesWritten());
        var own = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await stage.ConnectAsync(tenants);
        await stage.WaitForLinesAsync(lines + Alerts);
        var took = watch.Elapsed;
        Report.Rate($"hub ({which}): collect, SQLite, ECS to files", Alerts, took, stage.Hub.Cpu - cpu, ("source and counting", Environment.CpuUsage.TotalTime - own));
        Report.Fact("  bytes written per alert, database and files", $"{(stage.Hub.Written - written) / Alerts:N0}");
        Report.Fact("  memory, now and most", $"{stage.Hub.ResidentMb:0} MB, {stage.Hub.PeakMb:0} MB");
        return took;
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
