namespace Bailiwick.Hub.Alerts;

/// <summary>The names of the sources, as stored, shown and sent.</summary>
public static class AlertSources
{
    /// <summary>Graph <c>/security/alerts_v2</c>: all Defender products.</summary>
    public const string GraphAlerts = "GraphAlerts";

    /// <summary>Defender for Endpoint <c>/api/alerts</c> with evidence.</summary>
    public const string DefenderAlerts = "DefenderAlerts";
}
