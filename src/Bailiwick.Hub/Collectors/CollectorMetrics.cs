using System.Diagnostics.Metrics;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>What collectors count: one addition per page or walk.</summary>
internal static class CollectorMetrics
{
    private static readonly Meter s_meter = new(Meters.Collectors);
    private static readonly Counter<long> s_read = Instruments.AlertsRead.Counter(s_meter);
    private static readonly Counter<long> s_pages = Instruments.PagesRead.Counter(s_meter);
    private static readonly Counter<long> s_requests = Instruments.SourceRequests.Counter(s_meter);
    private static readonly Counter<long> s_rejected = Instruments.AlertsRejected.Counter(s_meter);
    private static readonly Counter<long> s_quarantined = Instruments.Quarantined.Counter(s_meter);
    private static readonly Counter<long> s_throttled = Instruments.Throttled.Counter(s_meter);
    private static readonly Counter<long> s_walks = Instruments.Walks.Counter(s_meter);
    private static readonly Histogram<double> s_duration = Instruments.WalkDuration.Histogram(s_meter);

    /// <summary>One request was answered.</summary>
    public static void Asked(string source, PageAnswer answer)
    {
        var result = answer switch
        {
            PageAnswer.Page => "page",
            PageAnswer.TryLater later => later.Reason.ToString().ToLowerInvariant(),
            PageAnswer.Refused refused => refused.Reason.ToString().ToLowerInvariant(),
            _ => "unknown",
        };
        s_requests.Add(1, Label(Labels.Source, source), Label(Labels.Result, result));
        if (answer is PageAnswer.TryLater { Reason: UpstreamFailure.Throttled }) s_throttled.Add(1, Label(Labels.Source, source));
    }

    /// <summary>One page is about to be stored.</summary>
    public static void Read(string source, int alerts, IReadOnlyList<RejectedRecord> rejected)
    {
        s_pages.Add(1, Label(Labels.Source, source));
        s_read.Add(alerts, Label(Labels.Source, source));
        foreach (var record in rejected)
        {
            s_rejected.Add(1, Label(Labels.Source, source), Label(Labels.Reason, record.Reason));
            if (record.Reason == "foreign-tenant") s_quarantined.Add(1, Label(Labels.Source, source));
        }
    }

    /// <summary>One walk ended.</summary>
    public static void Walked(string source, WalkResult result, TimeSpan took)
    {
        s_walks.Add(1, Label(Labels.Source, source), Label(Labels.Result, result is WalkResult.Clean ? "clean" : "unclean"));
        s_duration.Record(took.TotalSeconds, Label(Labels.Source, source));
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
