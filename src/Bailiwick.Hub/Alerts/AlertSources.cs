namespace Bailiwick.Hub.Alerts;

/// <summary>The names of the sources, as stored, shown and sent.</summary>
public static class AlertSources
{
    /// <summary>Graph <c>/security/alerts_v2</c>: all Defender products.</summary>
    public const string GraphAlerts = "GraphAlerts";

    /// <summary>Defender for Endpoint <c>/api/alerts</c> with evidence.</summary>
    public const string DefenderAlerts = "DefenderAlerts";

    /// <summary>Every source whose alerts this program can hold.</summary>
    public static IReadOnlyList<string> All { get; } = [GraphAlerts, DefenderAlerts];

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
