using System.Collections.Concurrent;
using System.Globalization;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Bailiwick.Simulation.Tests;

/// <summary>
/// The hub through seeded worlds. A seed that fails is printed with the command that replays it; the replay writes every event to a file.
/// Environment: BAILIWICK_SEED (this seed alone), BAILIWICK_SEEDS (how many), BAILIWICK_TESTS=long (thousands, and the month).
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private const int Seeds = 200;
    private const int LongSeeds = 3000;

    private static bool IsLong => Environment.GetEnvironmentVariable("BAILIWICK_TESTS") == "long";

    [Fact]
    public async Task No_short_world_finds_anything_lost_changed_disordered_or_claimed_in_vain()
    {
        if (Number("BAILIWICK_SEED") is { } seed)
        {
            await ReplayAsync(seed);
            return;
        }

        var results = await RunAsync(Enumerable.Range(1, Number("BAILIWICK_SEEDS") ?? (IsLong ? LongSeeds : Seeds)).Select(Scenario.Short));
        output.WriteLine(
            $"{results.Count} worlds: {results.Sum(result => result.States):N0} states, {results.Sum(result => result.Owed):N0} owed, {results.Sum(result => result.Logged):N0} logged, " +
            $"{results.Sum(result => result.Lives):N0} lives, {results.Sum(result => result.Requests):N0} requests, {results.Sum(result => result.Repeats):N0} repeats, " +
            $"{results.Sum(result => result.DeadLetters):N0} dead letters, {results.Sum(result => result.Claims):N0} claims held, {Environment.CpuUsage.TotalTime.TotalSeconds:0} s CPU");
        var wrong = results.Where(result => !result.IsRight).OrderBy(result => result.Scenario.Seed).ToList();
        wrong.ShouldBeEmpty(string.Join('\n', wrong.Take(5).Select(result => $"{result}\n  replay: BAILIWICK_SEED={result.Scenario.Seed} dotnet test tests/Bailiwick.Simulation.Tests --filter SeedTests")) + $"\nseeds: {string.Join(' ', wrong.Select(result => result.Scenario.Seed))}\n");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    public async Task The_same_seed_gives_the_same_run_to_the_last_event(int seed)
    {
        var first = await Simulator.RunAsync(Scenario.Short(seed));
        first.Requests.ShouldBeGreaterThan(100);
        (await Simulator.RunAsync(Scenario.Short(seed))).Digest.ShouldBe(first.Digest);
        (await Simulator.RunAsync(Scenario.Short(seed + 1))).Digest.ShouldNotBe(first.Digest);
    }

    [Fact]
    public async Task A_hub_without_look_back_and_sweeps_is_found_out()
    {
        var lost = 0;
        for (var seed = 1; seed <= 4; seed++) lost += (await Simulator.RunAsync(Scenario.Short(seed) with { LooksBack = false })).LostByCollecting.Count;
        lost.ShouldBeGreaterThan(0, "else the simulation proves nothing");
    }

    [SkippableFact]
    public async Task A_month_of_two_hundred_tenants_finds_nothing_either()
    {
        Skip.IfNot(IsLong, "A month takes minutes: BAILIWICK_TESTS=long runs it.");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var results = await RunAsync(Enumerable.Range(30, 4).Select(seed => Scenario.Month(seed, tenants: 50))); // four hubs of fifty: one world is one thread
        foreach (var result in results) output.WriteLine(result.ToString());
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0} s");
        results.ShouldAllBe(result => result.IsRight);
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static async Task<List<SimulationResult>> RunAsync(IEnumerable<Scenario> scenarios)
    {
        var results = new ConcurrentBag<SimulationResult>();
        await Parallel.ForEachAsync(
            scenarios,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (scenario, _) => results.Add(await Simulator.RunAsync(scenario)));
        return [.. results];
    }

    private async Task ReplayAsync(int seed)
    {
        var file = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"bailiwick-seed-{seed}.txt"));
        await using var trace = new StreamWriter(file);
        var result = await Simulator.RunAsync(Scenario.Short(seed), trace);
        output.WriteLine($"{result}\nevery event: {file}");
        result.IsRight.ShouldBeTrue($"{result}\nevery event: {file}\n");
    }
}
