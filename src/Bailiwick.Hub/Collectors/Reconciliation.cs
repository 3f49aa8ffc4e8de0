using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>One record as two sources are compared by.</summary>
/// <param name="Key">What both sources call it.</param>
/// <param name="Updated">The time that its source is listed by, UTC.</param>
/// <param name="Created">Its creation, UTC.</param>
internal sealed record ComparedRecord(string Key, DateTimeOffset Updated, DateTimeOffset Created);

/// <summary>A record that one source shows and the other does not.</summary>
/// <param name="RecordId">What both sources call it.</param>
/// <param name="MissingIn">The source that does not show it.</param>
/// <param name="RecordAt">The time by which it is looked for again, UTC.</param>
/// <param name="Likely">One sentence: why, probably.</param>
public sealed record Difference(string RecordId, string MissingIn, DateTimeOffset RecordAt, string Likely);

/// <summary>
/// Compares what two sources show of one tenant; pure. A Defender alert has the id that Graph gives as the provider's alert id, of alerts of Defender for
/// Endpoint only; a detection of the exporter names its alert. Source: alert resources of both planes, 2025-03; pull-alerts-using-rest-api, 2020.
/// </summary>
internal static class Reconciliation
{
    private const string AsPerson = " as the person sees it";
    private const string AsApplication = " as the application sees it";

    /// <summary>What a source is called when it is seen through the tenant's other connection.</summary>
    public static string NameOf(string source, ConnectionFlow flow) => source + (flow == ConnectionFlow.AppOnly ? AsApplication : AsPerson);

    /// <summary>What a record is compared by when both views are of its own source; null when it has no id or time.</summary>
    public static ComparedRecord? ReadOwn(UpstreamAlert alert) =>
        alert.Id is { Length: > 0 } id && alert.Updated is { } updated ? new ComparedRecord(id, updated, alert.Created ?? updated) : null;

    /// <summary>What a record is compared by across sources; null for one that the other planes do not hold.</summary>
    public static ComparedRecord? Read(string source, UpstreamAlert alert)
    {
        if (alert.Id is not { Length: > 0 } id || alert.Updated is not { } updated) return null;
        var created = alert.Created ?? updated;
        if (source == AlertSources.DefenderAlerts) return new ComparedRecord(id, updated, created);
        using var record = JsonDocument.Parse(alert.Raw);
        if (source == AlertSources.AlertExporter) return Text(record.RootElement, "AlertId") is { } named ? new ComparedRecord(named, updated, updated) : null;
        return Text(record.RootElement, "serviceSource") is "microsoftDefenderForEndpoint"
            ? new ComparedRecord(Text(record.RootElement, "providerAlertId") ?? id, updated, created)
            : null;
    }

    /// <summary>What either side shows of the window and the other does not show at all.</summary>
    /// <param name="source">One source.</param>
    /// <param name="records">Everything it showed, of a window wider than the one judged.</param>
    /// <param name="other">The other source.</param>
    /// <param name="others">Everything it showed.</param>
    /// <param name="window">What is judged.</param>
    public static IReadOnlyList<Difference> Compare(
        string source, IReadOnlyCollection<ComparedRecord> records, string other, IReadOnlyCollection<ComparedRecord> others, TimeWindow window) =>
        [.. MissingIn(other, records, others, window), .. MissingIn(source, others, records, window)];

    /// <summary>Incidents against alerts, both from the log.</summary>
    /// <param name="alerts">Alerts with the incident each names, null for none.</param>
    /// <param name="incidents">Ids of the incidents that the log holds among those named, and of those of the window.</param>
    /// <param name="window">The window's incidents with their times; those merged into others are left out.</param>
    /// <param name="named">Every incident that any alert since names.</param>
    public static IReadOnlyList<Difference> CompareIncidents(
        IEnumerable<(ComparedRecord Alert, string? Incident)> alerts, IReadOnlySet<string> incidents, IEnumerable<ComparedRecord> window, IReadOnlySet<string> named) =>
    [
        .. alerts.Where(one => one.Incident is not null && !incidents.Contains(one.Incident)).Select(one => new Difference(
            one.Alert.Key, AlertSources.GraphIncidents, one.Alert.Updated, $"The alert names the incident {one.Incident}, which was not collected: it became visible late, or the permission for incidents is narrower.")),
        .. window.Where(incident => !named.Contains(incident.Key)).Select(incident => new Difference(
            incident.Key, "", incident.Updated, "No collected alert names the incident: its alerts are of a product that the source does not list, were suppressed, or are not seen by the connection.")),
    ];

    private static IEnumerable<Difference> MissingIn(string other, IEnumerable<ComparedRecord> records, IEnumerable<ComparedRecord> others, TimeWindow window)
    {
        var shown = others.Select(record => record.Key).ToHashSet(StringComparer.Ordinal);
        var byCreation = other == AlertSources.AlertExporter; // detections never change: only an alert's beginning has one
        return records.Where(record => !shown.Contains(record.Key)).GroupBy(record => record.Key, StringComparer.Ordinal)
            .Select(group => (Id: group.Key, At: byCreation ? group.Min(record => record.Created) : group.Max(record => record.Updated)))
            .Where(record => record.At >= window.From && record.At < window.To)
            .Select(record => new Difference(record.Id, other, record.At, LikelyOf(other)));
    }

    private static string LikelyOf(string missingIn) => missingIn switch
    {
        AlertSources.AlertExporter => "The exporter shows no detection of the alert: it is being retired, or does not hold this kind.",
        _ when missingIn.EndsWith(AsPerson, StringComparison.Ordinal) => "The person does not see it: their device groups or their role leave it out. It was collected app-only.",
        _ when missingIn.EndsWith(AsApplication, StringComparison.Ordinal) => "The application does not see it: a permission is missing, or it shows it late. It was collected with the person's sign-in.",
        _ => $"{missingIn} shows it late or not at all: suppressed there, or beyond what the connection may see on that plane.",
    };

    internal static string? Text(JsonElement record, string name) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out var value)
            ? value.ValueKind switch { JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null, JsonValueKind.Number => value.GetRawText(), _ => null }
            : null;
}
