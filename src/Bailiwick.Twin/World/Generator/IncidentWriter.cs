using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.World.Generator;

/// <summary>Writes the incident that a run of generated alerts belongs to. Properties: list-incidents 2023, SDK 5.92.</summary>
internal static class IncidentWriter
{
    public static ShelfRecord Write(Guid tenant, long number, IReadOnlyList<GeneratedAlert> alerts)
    {
        var worst = alerts.MaxBy(alert => Rank(alert.Severity))!;
        var name = alerts.Count == 1
            ? $"{alerts[0].Title} on one endpoint"
            : $"Multi-stage incident involving {string.Join(" & ", alerts.Select(alert => alert.Category).Distinct().Order(StringComparer.Ordinal).Take(3))}";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object?>
            {
                ["id"] = number.ToString(),
                ["tenantId"] = tenant.ToString("D"),
                ["displayName"] = name,
                ["description"] = alerts[0].Title,
                ["summary"] = null,
                ["status"] = "active",
                ["redirectIncidentId"] = null,
                ["severity"] = worst.Severity,
                ["classification"] = "unknown",
                ["determination"] = "unknown",
                ["assignedTo"] = null,
                ["customTags"] = Array.Empty<string>(),
                ["systemTags"] = Array.Empty<string>(),
                ["comments"] = Array.Empty<string>(),
                ["createdDateTime"] = WireTime.Trimmed(WireTime.Grid(alerts.Min(alert => alert.Created))),
                ["lastUpdateDateTime"] = WireTime.Trimmed(alerts.Max(alert => alert.Updated)),
                ["lastModifiedBy"] = null,
                ["resolvingComment"] = null,
                ["incidentWebUrl"] = $"https://security.microsoft.com/incidents/{number}?tid={tenant:D}",
            },
            Relaxed.Options);
        return new ShelfRecord(RecordShape.GraphIncident, number.ToString(), body);
    }

    /// <summary>Orders severities.</summary>
    public static int Rank(string? severity) => severity switch { "high" => 3, "medium" => 2, "low" => 1, _ => 0 };
}
