using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.GraphIncidents;

/// <summary>
/// Graph <c>GET /v1.0/security/incidents</c>: a second kind of record, collected beside the alerts. Alerts are not expanded: on large tenants that answers a
/// lasting 500. An incident merged into another says so in its own record; the other one is fetched when the log does not have it.
/// Source: list-incidents, 2023; security-incident, 2022 (redirectIncidentId); limits as for alerts: no number of their own is documented.
/// </summary>
public sealed class GraphIncidentSource : IAlertSource
{
    /// <summary>The largest page asked for; the real cap is not documented.</summary>
    public const int MaxTop = 50;

    /// <inheritdoc/>
    public string Name => AlertSources.GraphIncidents;

    /// <inheritdoc/>
    public TokenAudience Audience => TokenAudience.Graph;

    /// <inheritdoc/>
    public AlertShape Shape { get; } =
        new("id", "tenantId", "lastUpdateDateTime", "createdDateTime", "severity", "status") { Redirect = "redirectIncidentId" };

    /// <inheritdoc/>
    public RequestLimits Limits { get; } = new(PerMinute: 150, PerHour: null);

    /// <inheritdoc/>
    public Uri Address(Uri origin, TimeWindow window, int top, int skip, bool plain = false)
    {
        var query = new ODataQuery().Window(Shape.Updated, window.From, window.To).Option("$top", Math.Min(top, MaxTop)).Option("$count", "true");
        if (skip > 0) query.Option("$skip", skip);
        return query.On(origin, "v1.0/security/incidents");
    }

    /// <inheritdoc/>
    public Uri? AddressOf(Uri origin, string id) => new ODataQuery().On(origin, $"v1.0/security/incidents/{Uri.EscapeDataString(id)}");
}
