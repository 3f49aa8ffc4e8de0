using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors.GraphAlerts;

/// <summary>From a Graph alert to a version for the log. Enum members are camelCase; unknown ones survive in the raw bytes.</summary>
internal static class GraphAlertMapping
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
        "informational" => AlertSeverity.Informational,
        "low" => AlertSeverity.Low,
        "medium" => AlertSeverity.Medium,
        "high" => AlertSeverity.High,
        _ => AlertSeverity.Unknown,
    };

    private static AlertStatus Status(string? word) => word switch
    {
        "new" => AlertStatus.New,
        "inProgress" => AlertStatus.InProgress,
        "resolved" => AlertStatus.Resolved,
        _ => AlertStatus.Unknown,
    };
}
