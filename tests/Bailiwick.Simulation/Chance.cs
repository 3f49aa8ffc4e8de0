namespace Bailiwick.Simulation;

/// <summary>Random streams that depend on the seed and a name only, so that one part's draws do not move another's.</summary>
internal static class Chance
{
    public static Random Stream(int seed, string name)
    {
        var hash = 2166136261u ^ (uint)seed;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        hash = (hash ^ (uint)seed) * 16777619u;
        return new Random((int)(hash & int.MaxValue));
    }

    public static bool Happens(this Random random, double chance) => random.NextDouble() < chance;

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

    public static TimeSpan Between(this Random random, TimeSpan least, TimeSpan most) => least + ((most - least) * random.NextDouble());

    /// <summary>A length of time whose logarithm is normal.</summary>
    public static TimeSpan LogNormal(this Random random, TimeSpan median, double sigma)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return median * Math.Exp(sigma * normal);
    }

    /// <summary>Between two lengths, each order of magnitude equally often.</summary>
    public static TimeSpan LogUniform(this Random random, TimeSpan least, TimeSpan most) => least * Math.Pow(most / least, random.NextDouble());
}
