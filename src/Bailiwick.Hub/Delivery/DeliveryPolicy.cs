namespace Bailiwick.Hub.Delivery;

/// <summary>How long a sink is left alone after a failure. Pure, apart from the random part.</summary>
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
}
