using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Graph;

namespace Bailiwick.Twin.Graph;

/// <summary>What Graph's lists filter by; anything else answers 400. Source: list-alerts_v2 and list-incidents 2023, field report 2026.</summary>
internal static class GraphFields
{
    public static readonly IReadOnlyDictionary<string, FilterField> Alerts = new Dictionary<string, FilterField>
    {
        ["assignedTo"] = new("assigned", FieldKind.Text),
        ["classification"] = new("classification", FieldKind.Word, GraphSecurityWords.Classifications),
        ["determination"] = new("determination", FieldKind.Word, GraphSecurityWords.Determinations),
        ["createdDateTime"] = new("created", FieldKind.Time),
        ["lastUpdateDateTime"] = new("updated", FieldKind.Time),
        ["severity"] = new("severity", FieldKind.Word, GraphSecurityWords.Severities),
        ["serviceSource"] = new("service", FieldKind.Word, GraphSecurityWords.ServiceSources),
        ["status"] = new("status", FieldKind.Word, GraphSecurityWords.Statuses),
    };

    public static readonly IReadOnlyDictionary<string, FilterField> Incidents = new Dictionary<string, FilterField>(Alerts.Where(pair => pair.Key != "serviceSource"))
    {
        ["status"] = new("status", FieldKind.Word, GraphSecurityWords.IncidentStatuses),
    };
}
