using System.Globalization;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.AlertExporter;

/// <summary>
/// The retired SIEM endpoint <c>GET /api/alerts</c>: a bare array of detections, which never change and name no tenant. The window is always sent: without one
/// only the last two hours come back. <c>limit</c> is never sent: it drops the older end. Source: pull-alerts-using-rest-api, 2020; no request limit is
/// documented, so a cautious one of our own is kept.
/// </summary>
public sealed class AlertExporterSource : IAlertSource
{
    /// <inheritdoc/>
    public string Name => AlertSources.AlertExporter;

    /// <inheritdoc/>
    public TokenAudience Audience => TokenAudience.Exporter;

    /// <inheritdoc/>
    public AlertShape Shape { get; } =
        new("FullId", null, "LastProcessedTimeUtc", "AlertTime", "Severity", null) { Form = ListForm.Array, NamedByContent = true };

    /// <inheritdoc/>
    public RequestLimits Limits { get; } = new(PerMinute: 60, PerHour: null);

    /// <inheritdoc/>
    public Uri Address(Uri origin, TimeWindow window, int top, int skip, bool plain = false) =>
        new ODataQuery().Option("sinceTimeUtc", Time(window.From)).Option("untilTimeUtc", Time(window.To.AddTicks(TimeSpan.TicksPerMillisecond - 1)))
            .On(origin, "api/alerts");

    /// <summary>Whole milliseconds without a zone, as in the documented sample; the bounds only ever move outward.</summary>
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
