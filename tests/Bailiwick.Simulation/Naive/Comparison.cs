using System.Globalization;
using System.Text;
using Bailiwick.Hub.Alerts;
using Bailiwick.Simulation.Network;
using Bailiwick.Simulation.Process;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation.Naive;

/// <summary>One row of the comparison.</summary>
/// <param name="Strategy">How it collects.</param>
/// <param name="Lost">States owed that it never got.</param>
/// <param name="Repeated">Times it got, and passed on, what it had.</param>
/// <param name="Requests">Requests it made.</param>
internal sealed record ComparisonRow(string Strategy, int Lost, long Repeated, long Requests);

/// <summary>The hub and the naive strategies in one world with one weather.</summary>
internal static class Comparison
{
    /// <summary>The seed whose table the documentation shows.</summary>
    public const int Seed = 7;

    public static Scenario Rough(int seed) => new()
    {
        Seed = seed,
        Tenants = 20,
        Active = TimeSpan.FromDays(2),
        AlertsPerDay = 12,
        Poll = TimeSpan.FromMinutes(5),
        Plants = false,
        Sources = [AlertSources.GraphAlerts],
        BadReceivers = 0,
    };

    /// <summary>A world without faults, with pages and request limits as the sources document them.</summary>
    public static Scenario Quiet(int seed, string source) => new()
    {
        Seed = seed,
        Tenants = 6,
        Active = TimeSpan.FromDays(1),
        Poll = TimeSpan.FromMinutes(1),
        DrainPoll = TimeSpan.FromMinutes(1),
        Drain = TimeSpan.FromHours(2),
        AlertsPerDay = 12,
        Hazards = false,
        Plants = false,
        LargePages = true,
        Sources = [source],
        BadReceivers = 0,
    };

    /// <summary>The whole table, the hub last.</summary>
    public static async Task<IReadOnlyList<ComparisonRow>> RunAsync(Scenario scenario)
    {
        var rows = NaiveStrategy.All.Select(strategy => Run(scenario, strategy)).ToList();
        var hub = await Simulator.RunAsync(scenario);
        rows.Add(new ComparisonRow("Bailiwick, killed and restarted on failing disks", hub.LostByCollecting.Count + hub.LostByDelivery.Count, hub.Repeats, hub.Requests));
        return rows;
    }

    /// <summary>One naive strategy through a world: no deaths, no failing disk, only the weather.</summary>
    public static ComparisonRow Run(Scenario scenario, NaiveStrategy strategy)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var world = WorldBuilder.Build(scenario);
            var time = new VirtualTime(world.Start);
            var incarnation = new Incarnation(_ => { });
            var own = new IncarnationTime(time, incarnation);
            using var trace = new Trace();
            using var plane = new SimPlane(world, own, incarnation, Chance.Stream(scenario.Seed, strategy.Name), trace);
            using var http = new HttpClient(plane, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
            var client = new NaiveClient(http, own, scenario.Options(AlertSources.GraphAlerts).PageSize);
            Exception? fault = null;
            async void PollForEver(Feed feed)
            {
                try
                {
                    await PollAsync(world, own, client, feed, strategy);
                }
#pragma warning disable CA1031 // whatever it is, it is a fault of the simulation
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    fault ??= failure;
                }
            }

            foreach (var feed in world.Feeds) PollForEver(feed);
            time.RunUntil(world.End);
            incarnation.Die();
            if (fault is not null) throw new InvalidOperationException("A naive strategy broke.", fault);
            var lost = Obligations.Of(world).Count(state => state.Record.IsStorable && !client.Got.ContainsKey(state));
            return new ComparisonRow(strategy.Name, lost, client.Got.Values.Sum(times => times - 1L), plane.Requests);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>The table as Markdown.</summary>
    public static string Print(IReadOnlyList<ComparisonRow> rows)
    {
        var text = new StringBuilder("| Strategy | Lost | Repeated | Requests |\n|---|---:|---:|---:|\n");
        foreach (var row in rows) text.Append(CultureInfo.InvariantCulture, $"| {row.Strategy} | {row.Lost:N0} | {row.Repeated:N0} | {row.Requests:N0} |\n");
        return text.ToString();
    }

    private static async Task PollAsync(SimWorld world, IncarnationTime time, NaiveClient client, Feed feed, NaiveStrategy strategy)
    {
        var mark = (world.Start - world.Scenario.History).UtcTicks;
        while (true)
        {
            var started = time.Now;
            try
            {
                if (feed.Tenant.Weather.Strike(started, token: true, Chance.Stream(world.Scenario.Seed, "token")) == Fault.None) mark = await strategy.PollAsync(client, feed, mark, started);
            }
            catch (HttpRequestException)
            {
                // the next poll tries again
            }

            var poll = started < world.CalmFrom ? world.Scenario.Poll : world.Scenario.DrainPoll;
            await time.DelayAsync(new TimeSpan(Math.Max(0, started + poll.Ticks - time.Now)));
        }
    }
}
