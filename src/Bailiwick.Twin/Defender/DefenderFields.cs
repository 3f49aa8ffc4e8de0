using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Defender;

namespace Bailiwick.Twin.Defender;

/// <summary>What Defender's list of alerts filters by; capitals of names do not matter. Source: get-alerts 2025-03, exposed-apis-odata-samples 2020.</summary>
internal static class DefenderFields
{
    public static readonly IReadOnlyDictionary<string, FilterField> Alerts = new Dictionary<string, FilterField>(StringComparer.OrdinalIgnoreCase)
    {
        ["alertCreationTime"] = new("created", FieldKind.Time),
        ["lastUpdateTime"] = new("updated", FieldKind.Time),
        ["lastEventTime"] = new("last_event", FieldKind.Time),
        ["incidentId"] = new("incident", FieldKind.Number),
        ["investigationId"] = new("investigation", FieldKind.Number),
        ["id"] = new("id", FieldKind.Text),
        ["assignedTo"] = new("assigned", FieldKind.Text),
        ["category"] = new("category", FieldKind.Text),
        ["detectionSource"] = new("detection", FieldKind.Text, Stored: AlertWords.DetectionSource),
        ["status"] = new("status", FieldKind.Word, DefenderWords.Statuses, AlertWords.Lower),
        ["severity"] = new("severity", FieldKind.Word, DefenderWords.Severities, AlertWords.Severity),
    };

    /// <summary>The XDR API filters incidents by these only. Source: api-list-incidents 2026-08.</summary>
    public static readonly IReadOnlyDictionary<string, FilterField> Incidents = new Dictionary<string, FilterField>(StringComparer.OrdinalIgnoreCase)
    {
        ["lastUpdateTime"] = new("updated", FieldKind.Time),
        ["createdTime"] = new("created", FieldKind.Time),
        ["status"] = new("status", FieldKind.Word, ["Active", "Resolved", "InProgress", "Redirected"], AlertWords.Lower),
        ["assignedTo"] = new("assigned", FieldKind.Text),
    };
}
