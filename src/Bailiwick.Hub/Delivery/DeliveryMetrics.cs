using System.Diagnostics.Metrics;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Hub.Delivery;

/// <summary>What delivery counts: one addition per attempt.</summary>
internal static class DeliveryMetrics
{
    private static readonly Meter s_meter = new(Meters.Delivery);
    private static readonly Counter<long> s_delivered = Instruments.Delivered.Counter(s_meter);
    private static readonly Counter<long> s_failures = Instruments.DeliveryFailures.Counter(s_meter);
    private static readonly Counter<long> s_deadLetters = Instruments.DeadLettered.Counter(s_meter);
    private static readonly Histogram<double> s_duration = Instruments.DeliveryDuration.Histogram(s_meter);

    /// <summary>One attempt ended.</summary>
    public static void Tried(string sink, DeliveryResult result, int versions, TimeSpan took)
    {
        var label = Label(Labels.Sink, sink);
        s_duration.Record(took.TotalSeconds, label);
        switch (result)
        {
            case DeliveryResult.Delivered:
                s_delivered.Add(versions, label);
                break;
            case DeliveryResult.DeliveredPart part:
                s_delivered.Add(part.Versions, label);
                break;
            case DeliveryResult.TryLater later:
                s_failures.Add(1, label, ReasonOf(later.Reason));
                break;
            case DeliveryResult.Refused refused:
                s_failures.Add(1, label, ReasonOf(refused.Reason));
                break;
        }
    }

    /// <summary>A version was set aside.</summary>
    public static void SetAside(string sink, DeliveryFailure reason) => s_deadLetters.Add(1, Label(Labels.Sink, sink), ReasonOf(reason));

    private static KeyValuePair<string, object?> ReasonOf(DeliveryFailure reason) => Label(Labels.Reason, reason.ToString().ToLowerInvariant());

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
