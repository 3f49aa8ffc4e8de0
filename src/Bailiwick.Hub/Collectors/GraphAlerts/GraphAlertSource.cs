using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.GraphAlerts;

/// <summary>
/// Graph <c>GET /v1.0/security/alerts_v2</c>: alerts of every Defender product, evidence inline.
/// Source: security-list-alerts_v2, 2024-09; limits: throttling-limits (security), 2025-01.
/// </summary>
public sealed class GraphAlertSource : IAlertSource
{
    /// <inheritdoc/>
    public string Name => AlertSources.GraphAlerts;

    /// <inheritdoc/>
    public TokenAudience Audience => TokenAudience.Graph;

    /// <inheritdoc/>
    public AlertShape Shape { get; } = new("id", "tenantId", "lastUpdateDateTime", "createdDateTime", "severity", "status");

    /// <inheritdoc/>
    public RequestLimits Limits { get; } = new(PerMinute: 150, PerHour: null);

    /// <inheritdoc/>
    public Uri Address(Uri origin, TimeWindow window, int top, int skip, bool plain = false)
    {
        var query = new ODataQuery().Window(Shape.Updated, window.From, window.To).Option("$top", top).Option("$count", "true");
        if (skip > 0) query.Option("$skip", skip);
        return query.On(origin, "v1.0/security/alerts_v2");
    }
}
