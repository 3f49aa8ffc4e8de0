using Bailiwick.Simulation.Naive;

namespace Bailiwick.Bench;

/// <summary>What naive collectors lose in the simulated world that the documentation shows, beside the hub.</summary>
internal static class NaiveTable
{
    public static async Task RunAsync()
    {
        Report.Title($"Naive collectors and the hub in one simulated world, seed {Comparison.Seed}: 20 tenants, two days of bad weather");
        Console.Write(Comparison.Print(await Comparison.RunAsync(Comparison.Rough(Comparison.Seed))));
    }
}
