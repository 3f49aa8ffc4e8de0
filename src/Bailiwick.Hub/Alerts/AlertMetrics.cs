using System.Diagnostics.Metrics;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Hub.Alerts;

/// <summary>What the log counts: one addition per page.</summary>
internal static class AlertMetrics
{
    private static readonly Meter s_meter = new(Meters.Alerts);
    private static readonly Counter<long> s_appended = Instruments.VersionsAppended.Counter(s_meter);
    private static readonly Counter<long> s_repeated = Instruments.VersionsRepeated.Counter(s_meter);
    private static readonly Histogram<double> s_duration = Instruments.AppendDuration.Histogram(s_meter);

    /// <summary>One page was committed.</summary>
    public static void Appended(string source, int added, int repeated, TimeSpan took)
    {
        var label = new KeyValuePair<string, object?>(Labels.Source, source);
        if (added > 0) s_appended.Add(added, label);
        if (repeated > 0) s_repeated.Add(repeated, label);
        s_duration.Record(took.TotalSeconds);
    }
}
