namespace Bailiwick.Hub.Alerts;

/// <summary>The names of the sources, as stored, shown and sent.</summary>
public static class AlertSources
{
    /// <summary>Graph <c>/security/alerts_v2</c>: all Defender products.</summary>
    public const string GraphAlerts = "GraphAlerts";

    /// <summary>Defender for Endpoint <c>/api/alerts</c> with evidence.</summary>
    public const string DefenderAlerts = "DefenderAlerts";

    /// <summary>The retired SIEM endpoint <c>/api/alerts</c> of the alert exporter: immutable detections.</summary>
    public const string AlertExporter = "AlertExporter";

    /// <summary>Graph <c>/security/incidents</c>.</summary>
    public const string GraphIncidents = "GraphIncidents";

    /// <summary>Every source whose records this program can hold.</summary>
    public static IReadOnlyList<string> All { get; } = [GraphAlerts, DefenderAlerts, AlertExporter, GraphIncidents];

    /// <summary>What the records of a source are about.</summary>
    public static RecordKind KindOf(string source) => source switch
    {
        AlertExporter => RecordKind.Detection,
        GraphIncidents => RecordKind.Incident,
        _ => RecordKind.Alert,
    };

    /// <summary>The one string of a stored name, so that a million rows do not carry a million copies.</summary>
    internal static string Shared(string stored)
    {
        foreach (var name in All)
        {
            if (name == stored) return name;
        }

        return stored;
    }
}
