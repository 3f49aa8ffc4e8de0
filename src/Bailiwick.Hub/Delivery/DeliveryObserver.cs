using System.Collections.Concurrent;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Sinks;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Delivery;

/// <summary>Told of every attempt; writes the log and the metrics.</summary>
internal sealed partial class DeliveryObserver(ILogger logger)
{
    private readonly ConcurrentDictionary<string, (DeliveryFailure Reason, string? Detail)> _troubled = new(StringComparer.Ordinal);

    /// <summary>One attempt ended. Trouble is logged when it begins or changes, and its end once; the metrics count every attempt.</summary>
    public void Tried(string sink, DeliveryResult result, IReadOnlyList<AlertVersion> versions, TimeSpan took)
    {
        DeliveryMetrics.Tried(sink, result, versions.Count, took);
        if (result is DeliveryResult.Delivered or DeliveryResult.DeliveredPart)
        {
            Log.Delivered(logger, result is DeliveryResult.DeliveredPart part ? part.Versions : versions.Count, sink, took.TotalMilliseconds);
            if (_troubled.TryRemove(sink, out _)) Log.TakesAgain(logger, sink);
        }

        if (result is DeliveryResult.TryLater later && Began(sink, (later.Reason, later.Detail))) Log.TryLater(logger, sink, later.Reason, later.Detail);
    }

    /// <summary>A version was set aside.</summary>
    public void SetAside(string sink, DeliveryResult.Refused refused)
    {
        DeliveryMetrics.SetAside(sink, refused.Reason);
        Log.SetAside(logger, sink, refused.Reason, refused.Detail);
    }

    /// <summary>The hub's own code failed.</summary>
    public void Failed(string reader, Exception failure) => Log.Failed(logger, failure, reader);

    /// <summary>Whether this trouble is news; of several that meet at once, one says so.</summary>
    private bool Began(string sink, (DeliveryFailure Reason, string? Detail) trouble)
    {
        while (true)
        {
            if (!_troubled.TryGetValue(sink, out var known))
            {
                if (_troubled.TryAdd(sink, trouble)) return true;
            }
            else if (known == trouble)
            {
                return false;
            }
            else if (_troubled.TryUpdate(sink, trouble, known))
            {
                return true;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Delivered {Count} versions to {Sink} in {Milliseconds:0.0} ms.")]
        public static partial void Delivered(ILogger logger, int count, string sink, double milliseconds);

        [LoggerMessage(2, LogLevel.Warning, "Sink {Sink} takes nothing now, will be retried: {Reason}. {Detail}")]
        public static partial void TryLater(ILogger logger, string sink, DeliveryFailure reason, string? detail);

        [LoggerMessage(3, LogLevel.Error, "Sink {Sink} refuses one version for good, it was set aside: {Reason}. {Detail}")]
        public static partial void SetAside(ILogger logger, string sink, DeliveryFailure reason, string detail);

        [LoggerMessage(4, LogLevel.Error, "Serving {Reader} failed inside the hub; will be retried.")]
        public static partial void Failed(ILogger logger, Exception failure, string reader);

        [LoggerMessage(5, LogLevel.Information, "Sink {Sink} takes alerts again.")]
        public static partial void TakesAgain(ILogger logger, string sink);
    }
}
