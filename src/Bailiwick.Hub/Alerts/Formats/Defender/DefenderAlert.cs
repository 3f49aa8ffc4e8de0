using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Defender;

/// <summary>
/// A record in the shape of Defender <c>/api/alerts</c> with evidence. What that source sent is passed through byte for byte; records of other sources are
/// rendered: every member of the alert resource, null where there is nothing. Graph's camel-case words become Defender's; words this program does not know
/// pass with a capital. Evidence types that the shape cannot hold (mailboxes, cloud resources …) are left out: the <c>raw</c> format has them. Source: the
/// alert resource page (2024).
/// </summary>
public static class DefenderAlert
{
    private static readonly (EvidenceKind Kind, string Type)[] s_types =
    [
        (EvidenceKind.User, "User"), (EvidenceKind.Process, "Process"), (EvidenceKind.File, "File"), (EvidenceKind.Ip, "Ip"), (EvidenceKind.Url, "Url"),
        (EvidenceKind.Registry, "Registry"),
    ];

    private static readonly (string Name, AlertField Field, bool Number)[] s_evidence =
    [
        ("sha1", AlertField.Sha1, false), ("sha256", AlertField.Sha256, false), ("fileName", AlertField.FileName, false), ("filePath", AlertField.FilePath, false),
        ("processId", AlertField.ProcessId, true), ("processCommandLine", AlertField.CommandLine, false), ("processCreationTime", AlertField.ProcessStartedAt, false),
        ("parentProcessId", AlertField.ParentProcessId, true), ("parentProcessCreationTime", AlertField.ParentStartedAt, false),
        ("parentProcessFileName", AlertField.ParentFileName, false), ("parentProcessFilePath", AlertField.ParentFilePath, false),
        ("ipAddress", AlertField.IpAddress, false), ("url", AlertField.Url, false), ("registryKey", AlertField.RegistryKey, false),
        ("registryHive", AlertField.RegistryHive, false), ("registryValueType", AlertField.RegistryValueType, false),
        ("registryValue", AlertField.RegistryValue, false), ("accountName", AlertField.AccountName, false), ("domainName", AlertField.AccountDomain, false),
        ("userSid", AlertField.UserSid, false), ("aadUserId", AlertField.UserDirectoryId, false), ("userPrincipalName", AlertField.UserPrincipalName, false),
    ];

    /// <summary>Writes the alert without a line end.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, in AlertRecord record)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        if (record.Version.Source == AlertSources.DefenderAlerts)
        {
            output.Write(view.Json);
            return;
        }

        var json = JsonOutput.Rent(output);
        Write(json, view, record.Version);
        JsonOutput.Return(json);
    }

    /// <summary>A value that filters know by its Defender name, as it stands in the rendered alert; null when there is none.</summary>
    /// <param name="view">The alert.</param>
    /// <param name="field">One of incident, assigned person, category, detection source, last activity.</param>
    public static string? ValueOf(AlertView view, AlertField field)
    {
        ArgumentNullException.ThrowIfNull(view);
        var text = view.Text(view[field]);
        return field == AlertField.DetectionSource ? DetectionSource(text) : text;
    }

    private static void Write(Utf8JsonWriter json, AlertView view, AlertVersion version)
    {
        json.WriteStartObject();
        json.WriteString("id", version.AlertId);
        Number(json, "incidentId", view, view[AlertField.IncidentId]);
        json.WriteNull("investigationId");
        Text(json, "assignedTo", view, view[AlertField.AssignedTo]);
        json.WriteString("severity", view.Severity == AlertSeverity.Unknown ? "UnSpecified" : view.Severity.ToString());
        json.WriteString("status", Status(view));
        Word(json, "classification", view, AlertField.Classification);
        Word(json, "determination", view, AlertField.Determination);
        Word(json, "investigationState", view, AlertField.InvestigationState);
        json.WriteString("detectionSource", DetectionSource(view.Text(view[AlertField.DetectionSource])));
        Text(json, "detectorId", view, view[AlertField.DetectorId]);
        Text(json, "category", view, view[AlertField.Category]);
        Text(json, "threatFamilyName", view, view[AlertField.ThreatFamily]);
        Text(json, "title", view, view[AlertField.Title]);
        Text(json, "description", view, view[AlertField.Description]);
        json.WriteString("alertCreationTime", AlertText.CreatedAt(view, version).UtcDateTime);
        Text(json, "firstEventTime", view, view[AlertField.FirstActivityAt]);
        Text(json, "lastEventTime", view, view[AlertField.LastActivityAt]);
        json.WriteString("lastUpdateTime", version.UpdatedAt.UtcDateTime);
        Text(json, "resolvedTime", view, view[AlertField.ResolvedAt]);
        Text(json, "machineId", view, AlertText.OfDevice(view, AlertField.DeviceId));
        Text(json, "computerDnsName", view, AlertText.OfDevice(view, AlertField.DeviceDnsName));
        Text(json, "rbacGroupName", view, AlertText.OfDevice(view, AlertField.DeviceGroup));
        json.WriteString("aadTenantId", version.Tenant.Value);
        Text(json, "threatName", view, view[AlertField.ThreatName]);
        WriteTechniques(json, view);
        WriteRelatedUser(json, view);
        WriteComments(json, view);
        WriteEvidence(json, view);
        json.WriteEndObject();
    }

    private static void WriteTechniques(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartArray("mitreTechniques");
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field == AlertField.Technique && leaf.Entry < 0) json.WriteStringValue(view.Utf8(leaf.Value));
        }

        json.WriteEndArray();
    }

    private static void WriteRelatedUser(Utf8JsonWriter json, AlertView view)
    {
        var user = view.FirstOf(EvidenceKind.User);
        if (user < 0)
        {
            json.WriteNull("relatedUser");
            return;
        }

        json.WriteStartObject("relatedUser");
        Text(json, "userName", view, view.Find(user, AlertField.AccountName));
        Text(json, "domainName", view, view.Find(user, AlertField.AccountDomain));
        json.WriteEndObject();
    }

    /// <summary>Graph's comments in Defender's words; a comment begins with its text.</summary>
    private static void WriteComments(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartArray("comments");
        var open = false;
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry >= 0) continue;
            var path = view.Utf8(leaf.Path);
            if (path.SequenceEqual("comments.comment"u8))
            {
                if (open) json.WriteEndObject();
                json.WriteStartObject();
                open = true;
                json.WriteString("comment", view.Utf8(leaf.Value));
            }
            else if (open && path.SequenceEqual("comments.createdByDisplayName"u8))
            {
                json.WriteString("createdBy", view.Utf8(leaf.Value));
            }
            else if (open && path.SequenceEqual("comments.createdDateTime"u8))
            {
                json.WriteString("createdTime", view.Utf8(leaf.Value));
            }
        }

        if (open) json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteEvidence(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartArray("evidence");
        for (var i = 0; i < view.Evidence.Length; i++)
        {
            if (view.IsDetection)
            {
                foreach (var (kind, type) in s_types)
                {
                    if (view.FirstOf(kind) == i) WriteEntry(json, view, i, type);
                }
            }
            else if (Array.Find(s_types, known => known.Kind == view.Evidence[i].Kind) is { Type: { } type })
            {
                WriteEntry(json, view, i, type);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, AlertView view, int entry, string type)
    {
        json.WriteStartObject();
        json.WriteString("entityType", type);
        Text(json, "evidenceCreationTime", view, FindPath(view, entry, "createdDateTime"u8));
        foreach (var (name, field, number) in s_evidence)
        {
            if (number) Number(json, name, view, view.Find(entry, field));
            else Text(json, name, view, view.Find(entry, field));
        }

        Text(json, "detectionStatus", view, FindPath(view, entry, "detectionStatus"u8), capital: true);
        json.WriteEndObject();
    }

    private static AlertValue FindPath(AlertView view, int entry, ReadOnlySpan<byte> path)
    {
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry == entry && view.Utf8(leaf.Path).SequenceEqual(path)) return leaf.Value;
        }

        return default;
    }

    private static void Text(Utf8JsonWriter json, string name, AlertView view, AlertValue value, bool capital = false)
    {
        if (!value.Exists) json.WriteNull(name);
        else if (capital) json.WriteString(name, Capital(view.Text(value)!));
        else json.WriteString(name, view.Utf8(value));
    }

    private static void Word(Utf8JsonWriter json, string name, AlertView view, AlertField field) => Text(json, name, view, view[field], capital: true);

    private static void Number(Utf8JsonWriter json, string name, AlertView view, AlertValue value)
    {
        if (Utf8Parser.TryParse(view.Utf8(value), out long number, out var used) && used == value.Length && used > 0) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    private static string Status(AlertView view) => AlertText.Word(view.Text(view[AlertField.Status])) switch
    {
        "new" => "New",
        "inprogress" => "InProgress",
        "resolved" => "Resolved",
        _ => "Unknown",
    };

    /// <summary>Defender's own words for its sensor and its antivirus, whichever plane the record came from.</summary>
    private static string? DetectionSource(string? text) => AlertText.Word(text) switch
    {
        "" => null,
        "microsoftdefenderforendpoint" or "edr" or "windowsdefenderatp" => "WindowsDefenderAtp",
        "antivirus" or "windowsdefenderav" => "WindowsDefenderAv",
        _ => Capital(text!),
    };

    private static string Capital(string word) => word.Length == 0 ? word : string.Concat(char.ToUpperInvariant(word[0]).ToString(), word.AsSpan(1));
}
