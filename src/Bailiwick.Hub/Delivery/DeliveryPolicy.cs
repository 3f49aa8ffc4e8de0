using Bailiwick.Hub.Sinks;

namespace Bailiwick.Hub.Delivery;

/// <summary>What to do with a receiver's answer. Pure, apart from the random part of a pause.</summary>
internal sealed class DeliveryPolicy(DeliveryOptions options, Random random)
{
    /// <summary>
    /// The pause after the n-th failure in a row (1, 2, …): full jitter below a doubling ceiling, never shorter than the receiver's own wish. There is no last try.
    /// </summary>
    public TimeSpan PauseAfter(int failures, TimeSpan? wish)
    {
        var ceiling = TimeSpan.FromTicks(Math.Min(options.FirstPause.Ticks << Math.Min(failures - 1, 20), options.LongestPause.Ticks));
        var pause = ceiling * random.NextDouble();
        return wish is { } after && after > pause ? after : pause;
    }

    /// <summary>
    /// Whether a refused batch must be narrowed first: only a record that is refused alone is set aside.
    /// </summary>
    public static bool MustNarrow(DeliveryResult.Refused refused, int versions)
    {
        ArgumentNullException.ThrowIfNull(refused);
        return versions > 1;
    }
}
