using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.DefenderAlerts;

/// <summary>
/// Defender for Endpoint <c>GET /api/alerts?$expand=evidence</c>. No count and no reliable continuation: pages are proven by looking behind them.
/// Source: get-alerts, 2025-03 (limits 100 a minute and 1,500 an hour; <c>$top</c> ≤ 10,000).
/// </summary>
public sealed class DefenderAlertSource : IAlertSource
{
    /// <inheritdoc/>
    public string Name => AlertSources.DefenderAlerts;

    /// <inheritdoc/>
    public TokenAudience Audience => TokenAudience.Defender;

    /// <inheritdoc/>
    public AlertShape Shape { get; } = new("id", "aadTenantId", "lastUpdateTime", "alertCreationTime", "severity", "status");

    /// <inheritdoc/>
    public RequestLimits Limits { get; } = new(PerMinute: 100, PerHour: 1500);

    /// <inheritdoc/>
    public bool HasExpansions => true;

    /// <inheritdoc/>
    public Uri Address(Uri origin, TimeWindow window, int top, int skip, bool plain = false)
    {
        var query = new ODataQuery().Window(Shape.Updated, window.From, window.To).Option("$top", top);
        if (!plain) query.Option("$expand", "evidence");
        if (skip > 0) query.Option("$skip", skip);
        return query.On(origin, "api/alerts");
    }
}
