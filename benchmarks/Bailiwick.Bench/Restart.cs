using System.Diagnostics;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Bench;

/// <summary>
/// <c>kill -9</c> while alerts flow, and a start: from the start of the process to the first line that was not there before, and until every alert that was raised
/// before the start, most of them while no hub ran, is there.
/// </summary>
internal static class Restart
{
    private const int Tenants = 200;
    private const int PerTenant = 20;
    private const int Rounds = 5;

    /// <summary>What start to first delivery should take on a machine that does nothing else.</summary>
    private static readonly TimeSpan s_wanted = TimeSpan.FromSeconds(2);

    public static async Task RunAsync()
    {
        await using var stage = await Stage.StartAsync(new AlertKnobs { Limits = true, VisibilityLagMinSeconds = 0, VisibilityLagMaxSeconds = 0 }, TimeSpan.FromSeconds(5));
        var tenants = await stage.AddTenantsAsync("Tenant", Tenants, PerTenant);
        await stage.AddLinesSinkAsync();
        Report.Title($"Restart: {Tenants} tenants connected, kill -9 while alerts flow to files, start again");
        await stage.ConnectAsync(tenants);
        await stage.WaitForLinesAsync(Tenants * PerTenant);

        var (raised, random) = ((long)(Tenants * PerTenant), new Random(7));
        var firsts = new List<TimeSpan>();
        for (var round = 1; round <= Rounds; round++)
        {
            raised += await FlowAsync(stage, tenants, random, TimeSpan.FromSeconds(4));
            await stage.KillHubAsync();
            var before = stage.LinesWritten();
            var missed = await FlowAsync(stage, tenants, random, TimeSpan.FromSeconds(2));
            raised += missed;
            firsts.Add(await RoundAsync(stage, round, before, missed, raised));
        }

        firsts.Sort();
        Report.Fact("start of the process to the first new line, median and most", $"{firsts[Rounds / 2].TotalSeconds:0.00} s, {firsts[^1].TotalSeconds:0.00} s (wanted: {s_wanted.TotalSeconds:0} s)");
    }

    private static async Task<TimeSpan> RoundAsync(Stage stage, int round, long before, long missed, long raised)
    {
        var watch = Stopwatch.StartNew();
        var starting = stage.StartHubAsync();
        while (stage.LinesWritten() <= before)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(1)) throw new TimeoutException("Nothing was delivered within a minute of the start.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        var first = watch.Elapsed;
        await starting;
        var cpu = stage.Hub.Cpu;
        await stage.WaitForLinesAsync(raised);
        Report.Fact(
            $"round {round}: first new line, all of {missed} raised while down",
            $"{first.TotalSeconds:0.00} s, {watch.Elapsed.TotalSeconds:0.0} s; {cpu.TotalSeconds:0.00} s CPU until the first");
        return first;
    }

    /// <summary>Raises fifty alerts a second in tenants taken by chance.</summary>
    /// <returns>How many.</returns>
    private static async Task<long> FlowAsync(Stage stage, IReadOnlyList<TwinTenant> tenants, Random random, TimeSpan howLong)
    {
        var raised = 0L;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < howLong; raised++)
        {
            stage.Planes.Alerts.Raise(tenants[random.Next(tenants.Count)].Id, seed: random.NextInt64());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return raised;
    }
}
