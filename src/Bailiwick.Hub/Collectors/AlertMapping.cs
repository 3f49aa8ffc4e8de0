using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>
/// From a record on the wire to a version for the log; pure. The planes spell the same words in camelCase (Graph) and PascalCase (Defender);
/// a word this program does not know counts as unknown and survives in the raw bytes. An active incident counts as new, one merged into another as resolved.
/// Sources: alert resources of both planes, 2025-03; incident resource, 2022.
/// </summary>
internal static class AlertMapping
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
        "informational" or "Informational" => AlertSeverity.Informational,
        "low" or "Low" => AlertSeverity.Low,
        "medium" or "Medium" => AlertSeverity.Medium,
        "high" or "High" => AlertSeverity.High,
        _ => AlertSeverity.Unknown,
    };

    private static AlertStatus Status(string? word) => word switch
    {
        "new" or "New" or "active" => AlertStatus.New,
        "inProgress" or "InProgress" or "awaitingAction" => AlertStatus.InProgress,
        "resolved" or "Resolved" or "redirected" => AlertStatus.Resolved,
        _ => AlertStatus.Unknown,
    };
}
