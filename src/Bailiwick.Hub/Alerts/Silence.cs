namespace Bailiwick.Hub.Alerts;

/// <summary>How long a (tenant, source) has brought nothing, held against its own past.</summary>
/// <param name="IsUnusual">True when it is far longer than usual; null when there is not enough past to judge.</param>
/// <param name="Since">The end of the last hour with a version, UTC; null when there was none within <see cref="Memory"/>.</param>
/// <param name="LongestUsual">The longest time without one in the past looked at; null without judgement.</param>
public sealed record Silence(bool? IsUnusual, DateTimeOffset? Since, TimeSpan? LongestUsual)
{
    /// <summary>The past looked at.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(14);

    /// <summary>Less past than this allows no judgement.</summary>
    public static readonly TimeSpan LeastHistory = TimeSpan.FromDays(7);

    /// <summary>Fewer hours with a version than this allow no judgement.</summary>
    public const int LeastBusyHours = 8;

    /// <summary>A shorter silence is never called unusual.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromHours(4);

    /// <summary>Judges; pure.</summary>
    /// <param name="busy">The hours of the last <see cref="Memory"/> with at least one version, rising.</param>
    /// <param name="knownFrom">The oldest covered hour within that time; null when there is none.</param>
    /// <param name="until">Up to when everything is known: the collector's cursor.</param>
    /// <returns>Silence counts as unusual when it is more than twice the longest of the past, and longer than <see cref="Shortest"/>.</returns>
    public static Silence Of(IReadOnlyList<long> busy, long? knownFrom, DateTimeOffset until)
    {
        ArgumentNullException.ThrowIfNull(busy);
        if (busy.Count == 0) return new Silence(null, null, null);
        var since = CoverageLedger.StartOf(busy[^1] + 1);
        if (busy.Count < LeastBusyHours || knownFrom is not { } first || until - CoverageLedger.StartOf(first) < LeastHistory) return new Silence(null, since, null);
        var longest = Math.Max(0, busy[0] - first);
        for (var i = 1; i < busy.Count; i++) longest = Math.Max(longest, busy[i] - busy[i - 1] - 1);
        var usual = TimeSpan.FromHours(longest);
        var now = until - since;
        return new Silence(now > Shortest && now > usual * 2, since, usual);
    }
}
