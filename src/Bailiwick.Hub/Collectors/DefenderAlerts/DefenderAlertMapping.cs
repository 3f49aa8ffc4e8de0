using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.DefenderAlerts;

/// <summary>From a Defender for Endpoint alert to a version for the log. Enum members are PascalCase. Source: alerts resource, 2025-03.</summary>
internal static class DefenderAlertMapping
{
    public static CollectedAlert ToAlert(UpstreamAlert alert) => new(
        alert.Id!,
        alert.Updated!.Value,
        alert.Created ?? alert.Updated.Value,
        Severity(alert.Severity),
        Status(alert.Status),
        alert.Digest,
        alert.Raw);

    private static AlertSeverity Severity(string? word) => word switch
    {
        "Informational" => AlertSeverity.Informational,
        "Low" => AlertSeverity.Low,
        "Medium" => AlertSeverity.Medium,
        "High" => AlertSeverity.High,
        _ => AlertSeverity.Unknown,
    };

    private static AlertStatus Status(string? word) => word switch
    {
        "New" => AlertStatus.New,
        "InProgress" => AlertStatus.InProgress,
        "Resolved" => AlertStatus.Resolved,
        _ => AlertStatus.Unknown,
    };
}
