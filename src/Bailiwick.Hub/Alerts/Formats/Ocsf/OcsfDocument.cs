using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Ocsf;

/// <summary>
/// One record as an Open Cybersecurity Schema Framework event: alerts and detections as Detection Finding (2004), incidents as Incident Finding (2005).
/// <c>evidences</c> has an object per entry that OCSF knows, <c>observables</c> every indicator, and <c>unmapped</c> every value in columns, see
/// <see cref="AlertColumns"/>, and our routing fields. Source: ocsf-schema, classes detection_finding and incident_finding (read 2026).
/// </summary>
public static partial class OcsfDocument
{
    /// <summary>The version of the schema that the documents keep to.</summary>
    public const string SchemaVersion = "1.6.0";

    private const int DetectionFinding = 2004;
    private const int IncidentFinding = 2005;

    /// <summary>What stands whole in a field of its own whatever it is.</summary>
    private static readonly AlertFieldSet s_carried = new(AlertField.Title, AlertField.Description);

    internal static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        var version = record.Version;
        var incident = AlertSources.KindOf(version.Source) == RecordKind.Incident;
        var (activity, activityName) = Activity(view, version);
        var classUid = incident ? IncidentFinding : DetectionFinding;
        var created = AlertText.CreatedAt(view, version).ToUnixTimeMilliseconds();
        json.WriteStartObject();
        json.WriteNumber("activity_id"u8, activity);
        json.WriteString("activity_name"u8, activityName);
        json.WriteNumber("category_uid"u8, 2);
        json.WriteString("category_name"u8, "Findings"u8);
        json.WriteNumber("class_uid"u8, classUid);
        json.WriteString("class_name"u8, incident ? "Incident Finding"u8 : "Detection Finding"u8);
        json.WriteNumber("type_uid"u8, (classUid * 100) + activity);
        json.WriteNumber("time"u8, created);
        Moment(json, "start_time"u8, view, AlertField.FirstActivityAt);
        Moment(json, "end_time"u8, view, AlertField.LastActivityAt);
        WriteSeverity(json, view);
        WriteStatus(json, view, incident);
        Text(json, "message"u8, view, view[AlertField.Title]);
        WriteMetadata(json, view, record);
        if (incident)
        {
            WriteIncident(json, view, record, created);
        }
        else
        {
            json.WriteBoolean("is_alert"u8, activity != 3);
            json.WritePropertyName("finding_info"u8);
            WriteFinding(json, view, record, created);
            WriteEvidences(json, view);
        }

        WriteObservables(json, view);
        json.WriteStartObject("unmapped"u8);
        AlertColumns.Write(json, view, s_carried);
        json.WriteStartObject("bailiwick"u8);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Resolved is Close; a version no later than a second after the record's creation is Create, every other Update.</summary>
    private static (int Id, string Name) Activity(AlertView view, AlertVersion version)
    {
        if (Word(view, AlertField.Status) is "resolved" or "redirected") return (3, "Close");
        var age = version.UpdatedAt - AlertText.CreatedAt(view, version);
        return view.IsDetection || age <= TimeSpan.FromSeconds(1) ? (1, "Create") : (2, "Update");
    }

    private static void WriteSeverity(Utf8JsonWriter json, AlertView view)
    {
        var (id, caption) = view.Severity switch
        {
            AlertSeverity.Informational => (1, "Informational"),
            AlertSeverity.Low => (2, "Low"),
            AlertSeverity.Medium => (3, "Medium"),
            AlertSeverity.High => (4, "High"),
            _ => Word(view, AlertField.Severity) is { Length: > 0 } word and not ("unknown" or "unspecified" or "null") ? (99, word) : (0, "Unknown"),
        };
        json.WriteNumber("severity_id"u8, id);
        json.WriteString("severity"u8, caption);
    }

    private static void WriteStatus(Utf8JsonWriter json, AlertView view, bool incident)
    {
        var word = Word(view, AlertField.Status);
        var (id, caption) = word switch
        {
            "" or "unknown" or "null" => (0, "Unknown"),
            "new" => (1, "New"),
            "active" when incident => view[AlertField.AssignedTo].Length > 0 ? (2, "In Progress") : (1, "New"),
            "inprogress" or "active" => (2, "In Progress"),
            "awaitingaction" when incident => (3, "On Hold"),
            "redirected" when incident => (5, "Closed"),
            "resolved" => (4, "Resolved"),
            _ => (99, word),
        };
        json.WriteNumber("status_id"u8, id);
        json.WriteString("status"u8, caption);
    }

    private static void WriteMetadata(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        var version = record.Version;
        json.WriteStartObject("metadata"u8);
        json.WriteString("version"u8, SchemaVersion);
        json.WriteString("uid"u8, version.Key);
        json.WriteString("log_name"u8, version.Source);
        json.WriteString("log_provider"u8, "Bailiwick"u8);
        json.WriteString("tenant_uid"u8, version.Tenant.Value);
        json.WriteNumber("modified_time"u8, version.UpdatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("logged_time"u8, version.CollectedAt.ToUnixTimeMilliseconds());
        json.WriteString("original_time"u8, version.UpdatedAt.UtcDateTime);
        json.WriteStartObject("product"u8);
        json.WriteString("name"u8, AlertText.Product(view, version));
        json.WriteString("vendor_name"u8, "Microsoft"u8);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteIncident(Utf8JsonWriter json, AlertView view, in AlertRecord record, long created)
    {
        Text(json, "desc"u8, view, view[AlertField.Description]);
        json.WriteString("src_url"u8, AlertText.PortalUrl(view, record.Version));

        // the class asks for a person or a group
        json.WriteStartObject(view[AlertField.AssignedTo].Length > 0 ? "assignee"u8 : "assignee_group"u8);
        if (view[AlertField.AssignedTo].Length > 0) Text(json, "name"u8, view, view[AlertField.AssignedTo]);
        else json.WriteString("name"u8, "Unassigned"u8);
        json.WriteEndObject();
        var (verdict, caption) = Word(view, AlertField.Classification) switch
        {
            "falsepositive" => (1, "False Positive"),
            "truepositive" => (2, "True Positive"),
            "informationalexpectedactivity" or "benignpositive" => (5, "Benign"),
            _ => (0, "Unknown"),
        };
        json.WriteNumber("verdict_id"u8, verdict);
        json.WriteString("verdict"u8, caption);
        WriteAttacks(json, view);
        json.WriteStartArray("finding_info_list"u8);
        WriteFinding(json, view, record, created, attacks: false);
        json.WriteEndArray();
    }

    private static void WriteFinding(Utf8JsonWriter json, AlertView view, in AlertRecord record, long created, bool attacks = true)
    {
        var version = record.Version;
        json.WriteStartObject();
        json.WriteString("uid"u8, version.AlertId);
        Text(json, "title"u8, view, view[AlertField.Title]);
        Text(json, "desc"u8, view, view[AlertField.Description]);
        json.WriteString("src_url"u8, AlertText.PortalUrl(view, version));
        json.WriteNumber("created_time"u8, created);
        json.WriteNumber("modified_time"u8, version.UpdatedAt.ToUnixTimeMilliseconds());
        Moment(json, "first_seen_time"u8, view, AlertField.FirstActivityAt);
        Moment(json, "last_seen_time"u8, view, AlertField.LastActivityAt);
        List(json, "types"u8, view, view[AlertField.Category]);
        List(json, "data_sources"u8, view, view[AlertField.DetectionSource]);
        if (view[AlertField.DetectorId].Length > 0)
        {
            json.WriteStartObject("analytic"u8);
            json.WriteNumber("type_id"u8, 1);
            Text(json, "uid"u8, view, view[AlertField.DetectorId]);
            json.WriteEndObject();
        }

        if (attacks) WriteAttacks(json, view);
        json.WriteEndObject();
    }

    private static void WriteAttacks(Utf8JsonWriter json, AlertView view)
    {
        var isTactic = AttackTactics.TryFind(view.Utf8(view[AlertField.Category]), out var tactic, out var tacticName);
        if (!isTactic && !HasTechnique(view)) return;
        json.WriteStartArray("attacks"u8);
        if (isTactic)
        {
            json.WriteStartObject();
            json.WriteStartObject("tactic"u8);
            json.WriteString("uid"u8, tactic);
            json.WriteString("name"u8, tacticName);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field != AlertField.Technique || leaf.Entry >= 0 || leaf.Value.Length == 0) continue;
            var id = view.Utf8(leaf.Value);
            var dot = id.IndexOf((byte)'.');
            json.WriteStartObject();
            json.WriteStartObject("technique"u8);
            json.WriteString("uid"u8, dot > 0 ? id[..dot] : id);
            json.WriteEndObject();
            if (dot > 0)
            {
                json.WriteStartObject("sub_technique"u8);
                json.WriteString("uid"u8, id);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static bool HasTechnique(AlertView view)
    {
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field == AlertField.Technique && leaf.Entry < 0 && leaf.Value.Length > 0) return true;
        }

        return false;
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (value.Length > 0) json.WriteString(name, view.Utf8(value));
    }

    private static void List(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (value.Length == 0) return;
        json.WriteStartArray(name);
        json.WriteStringValue(view.Utf8(value));
        json.WriteEndArray();
    }

    private static void Moment(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertField field)
    {
        if (JsonText.TryDate(view.Utf8(view[field]), out var moment)) json.WriteNumber(name, moment.ToUnixTimeMilliseconds());
    }

    private static void Moment(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (JsonText.TryDate(view.Utf8(value), out var moment)) json.WriteNumber(name, moment.ToUnixTimeMilliseconds());
    }

    /// <summary>An enum word without case and blanks; empty when there is none.</summary>
    private static string Word(AlertView view, AlertField field) => AlertText.Word(view.Text(view[field]));
}
