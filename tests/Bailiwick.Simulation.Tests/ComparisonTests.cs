using Bailiwick.Hub.Alerts;
using Bailiwick.Simulation.Naive;
using Bailiwick.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Bailiwick.Simulation.Tests;

public sealed class ComparisonTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_naive_collector_loses_where_the_hub_loses_nothing()
    {
        var rows = await Comparison.RunAsync(Comparison.Rough(Comparison.Seed));
        var table = Comparison.Print(rows);
        output.WriteLine(table);
        rows.Count.ShouldBe(5);
        rows.SkipLast(1).ShouldAllBe(row => row.Lost > 0);
        rows[^1].Lost.ShouldBe(0);
        var page = File.ReadAllText(Repository.Path("docs", "collectors", "why-naive-collectors-lose.md"));
        foreach (var line in table.Split('\n').SkipLast(2)) page.ShouldContain(line, Case.Sensitive, "the page shows what its seed gives");
    }

    [Theory]
    [InlineData(AlertSources.GraphAlerts)]
    [InlineData(AlertSources.DefenderAlerts)]
    public async Task Proof_costs_at_most_a_quarter_more_requests_in_a_world_without_faults(string source)
    {
        var scenario = Comparison.Quiet(5, source);
        var hub = await Simulator.RunAsync(scenario);
        var naive = Comparison.Run(scenario, NaiveStrategy.All.Single(strategy => strategy.Name == "updated after the last one seen"));
        var more = (hub.Requests / (double)naive.Requests) - 1;
        output.WriteLine($"{source}: {hub.Requests:N0} requests, a naive poll {naive.Requests:N0}: {more:P1} more; lost {hub.LostByCollecting.Count} and {naive.Lost}");
        hub.IsRight.ShouldBeTrue(hub.ToString());
        more.ShouldBeLessThanOrEqualTo(0.25);
    }
}
