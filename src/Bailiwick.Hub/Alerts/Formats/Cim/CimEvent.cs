using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Cim;

/// <summary>
/// One record as a flat event with the field names of Splunk's Common Information Model, data model Alerts, followed by the alert's own words, every value
/// in columns (see <see cref="AlertColumns"/>) and our routing fields. Source: "Alerts", Splunk Common Information Model Add-on (read 2026).
/// </summary>
public static class CimEvent
{
    private static readonly (JsonEncodedText Name, AlertField Field)[] s_own =
    [
        (Of("signature"), AlertField.Title), (Of("signature_id"), AlertField.DetectorId), (Of("description"), AlertField.Description),
        (Of("category"), AlertField.Category), (Of("status"), AlertField.Status), (Of("classification"), AlertField.Classification),
        (Of("determination"), AlertField.Determination), (Of("assigned_to"), AlertField.AssignedTo), (Of("incident_id"), AlertField.IncidentId),
        (Of("detection_source"), AlertField.DetectionSource), (Of("service_source"), AlertField.ServiceSource), (Of("threat_name"), AlertField.ThreatName),
        (Of("threat_family"), AlertField.ThreatFamily), (Of("actor"), AlertField.Actor),
    ];

    private static readonly AlertFieldSet s_carried = new([.. s_own.Select(pair => pair.Field)]);

    internal static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        var version = record.Version;
        json.WriteStartObject();
        json.WriteString("id"u8, version.AlertId);
        json.WriteString("type"u8, "alert"u8);
        json.WriteString("tag"u8, "alert"u8);
        json.WriteString("app"u8, AlertText.Product(view, version));
        json.WriteString("severity"u8, view.Severity switch
        {
            AlertSeverity.Informational => "informational"u8,
            AlertSeverity.Low => "low"u8,
            AlertSeverity.Medium => "medium"u8,
            AlertSeverity.High => "high"u8,
            _ => "unknown"u8,
        });
        Text(json, "severity_id"u8, view, view[AlertField.Severity]);
        Text(json, "subject"u8, view, view[AlertField.Title]);
        Text(json, "body"u8, view, view[AlertField.Description]);
        foreach (var (name, field) in s_own)
        {
            if (view[field].Length > 0) json.WriteString(name, view.Utf8(view[field]));
        }

        WriteEntities(json, view);
        WriteTechniques(json, view);
        json.WriteString("vendor_account"u8, version.Tenant.Value);
        json.WriteString("url"u8, AlertText.PortalUrl(view, version));
        AlertColumns.Write(json, view, s_carried);
        json.WriteStartObject("bailiwick"u8);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The first device is the destination, the first address the source, the first person the user.</summary>
    private static void WriteEntities(Utf8JsonWriter json, AlertView view)
    {
        var device = view.FirstOf(EvidenceKind.Device);
        var name = AlertText.OfDevice(view, AlertField.DeviceDnsName);
        Text(json, "dest"u8, view, name.Length > 0 ? name : view.Find(device, AlertField.HostName));
        var ip = view.FirstOf(EvidenceKind.Ip);
        var connection = view.FirstOf(EvidenceKind.Connection);
        Text(json, "src"u8, view, connection >= 0 ? view.Find(connection, AlertField.SourceIp) : ip >= 0 && !AlertText.IsDestination(view, ip) ? view.Find(ip, AlertField.IpAddress) : default);
        var user = view.FirstOf(EvidenceKind.User);
        if (user < 0) user = view.FirstOf(EvidenceKind.Mailbox);
        var (principal, account) = (view.Find(user, AlertField.UserPrincipalName), view.Find(user, AlertField.AccountName));
        Text(json, "user"u8, view, account.Length > 0 ? account : principal.Length > 0 ? principal : view.Find(user, AlertField.MailboxAddress));
        Text(json, "user_name"u8, view, principal.Length > 0 ? principal : account);
    }

    private static void WriteTechniques(Utf8JsonWriter json, AlertView view)
    {
        if (!view[AlertField.Technique].Exists) return;
        json.WriteStartArray("mitre_technique_id"u8);
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field == AlertField.Technique && leaf.Entry < 0) json.WriteStringValue(view.Utf8(leaf.Value));
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (value.Length > 0) json.WriteString(name, view.Utf8(value));
    }

    private static JsonEncodedText Of(string name) => JsonEncodedText.Encode(name);
}
