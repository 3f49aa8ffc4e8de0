using System.Text.Json;
using Bailiwick.Twin.World.Generator;
using Bailiwick.Wire.Defender;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// A world alert as Defender for Endpoint tells it. Keys and order: alerts 2025-03; every evidence key is always there, absent ones null.
/// </summary>
internal static class DefenderShape
{
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> graph, long? investigation, bool evidence)
    {
        var reader = new Utf8JsonReader(graph);
        using var document = JsonDocument.ParseValue(ref reader);
        var alert = document.RootElement;
        var device = Of(alert, "device");
        var user = Of(alert, "user");
        json.WriteStartObject();
        Copy(json, "id", alert, "id");
        if (long.TryParse(Text(alert, "incidentId"), out var incident)) json.WriteNumber("incidentId", incident);
        else json.WriteNull("incidentId");
        if (investigation is { } number) json.WriteNumber("investigationId", number);
        else json.WriteNull("investigationId");
        Copy(json, "assignedTo", alert, "assignedTo");
        json.WriteString("severity", AlertWords.DefenderSeverity(Text(alert, "severity")));
        json.WriteString("status", AlertWords.Upper(Text(alert, "status")));
        json.WriteString("classification", AlertWords.DefenderClassification(Text(alert, "classification")));
        json.WriteString("determination", AlertWords.DefenderDetermination(Text(alert, "determination")));
        json.WriteString("investigationState", AlertWords.Upper(Text(alert, "investigationState")));
        json.WriteString("detectionSource", AlertWords.DefenderDetectionSource(Text(alert, "detectionSource")));
        Copy(json, "detectorId", alert, "detectorId");
        Copy(json, "category", alert, "category");
        Copy(json, "threatFamilyName", alert, "threatFamilyName");
        Copy(json, "title", alert, "title");
        Copy(json, "description", alert, "description");
        Copy(json, "alertCreationTime", alert, "createdDateTime");
        Copy(json, "firstEventTime", alert, "firstActivityDateTime");
        Copy(json, "lastEventTime", alert, "lastActivityDateTime");
        Copy(json, "lastUpdateTime", alert, "lastUpdateDateTime");
        Copy(json, "resolvedTime", alert, "resolvedDateTime");
        Copy(json, "machineId", device, "mdeDeviceId");
        Copy(json, "computerDnsName", device, "deviceDnsName");
        Copy(json, "rbacGroupName", device, "rbacGroupName");
        Copy(json, "aadTenantId", alert, "tenantId");
        Copy(json, "threatName", alert, "threatDisplayName");
        Copy(json, "mitreTechniques", alert, "mitreTechniques");
        Related(json, user);
        Copy(json, "loggedOnUsers", device, "loggedOnUsers");
        Comments(json, alert);
        json.WriteStartArray("evidence");
        if (evidence)
        {
            foreach (var entry in Evidence(alert)) Entry(json, entry);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>The first evidence entry of a kind, or a default element.</summary>
    internal static JsonElement Of(JsonElement alert, string kind) =>
        First(alert, $"#microsoft.graph.security.{kind}Evidence");

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static JsonElement Inner(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static JsonElement First(JsonElement alert, string type)
    {
        if (Inner(alert, "evidence") is not { ValueKind: JsonValueKind.Array } all) return default;
        foreach (var entry in all.EnumerateArray())
        {
            if (entry.TryGetProperty("@odata.type", out var name) && name.ValueEquals(type)) return entry;
        }

        return default;
    }

    private static IEnumerable<JsonElement> Evidence(JsonElement alert) =>
        Inner(alert, "evidence") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray() : [];

    private static void Related(Utf8JsonWriter json, JsonElement user)
    {
        if (Inner(user, "userAccount") is not { ValueKind: JsonValueKind.Object } account)
        {
            json.WriteNull("relatedUser");
            return;
        }

        json.WriteStartObject("relatedUser");
        Copy(json, "userName", account, "accountName");
        Copy(json, "domainName", account, "domainName");
        json.WriteEndObject();
    }

    private static void Comments(Utf8JsonWriter json, JsonElement alert)
    {
        json.WriteStartArray("comments");
        if (Inner(alert, "comments") is { ValueKind: JsonValueKind.Array } comments)
        {
            foreach (var comment in comments.EnumerateArray())
            {
                json.WriteStartObject();
                Copy(json, "comment", comment, "comment");
                Copy(json, "createdBy", comment, "createdByDisplayName");
                Copy(json, "createdTime", comment, "createdDateTime");
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void Entry(Utf8JsonWriter json, JsonElement entry)
    {
        var kind = Text(entry, "@odata.type")?["#microsoft.graph.security.".Length..];
        var type = kind switch
        {
            "userEvidence" => "User",
            "processEvidence" => "Process",
            "fileEvidence" => "File",
            "ipEvidence" => "Ip",
            "urlEvidence" => "Url",
            "registryKeyEvidence" or "registryValueEvidence" => "Registry",
            _ => null,
        };
        if (type is null) return;
        var file = Inner(entry, type == "Process" ? "imageFile" : "fileDetails");
        var account = Inner(entry, "userAccount");
        var parent = Inner(entry, "parentProcessImageFile");
        json.WriteStartObject();
        json.WriteString("entityType", type);
        foreach (var key in DefenderWords.EvidenceKeys.Skip(1))
        {
            var (from, name) = key switch
            {
                "evidenceCreationTime" => (entry, "createdDateTime"),
                "sha1" or "sha256" or "fileName" or "filePath" => (file, key),
                "processCreationTime" => (entry, "processCreationDateTime"),
                "parentProcessCreationTime" => (entry, "parentProcessCreationDateTime"),
                "parentProcessFileName" => (parent, "fileName"),
                "parentProcessFilePath" => (parent, "filePath"),
                "accountName" or "domainName" or "userSid" or "userPrincipalName" => (account, key),
                "aadUserId" => (account, "azureAdUserId"),
                _ => (entry, key),
            };
            if (key == "detectionStatus") json.WriteString(key, AlertWords.Upper(Text(entry, key)));
            else Copy(json, key, from, name);
        }

        json.WriteEndObject();
    }

    private static void Copy(Utf8JsonWriter json, string name, JsonElement from, string property)
    {
        if (from.ValueKind == JsonValueKind.Object && from.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Undefined)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>The short domain name as the exporter prints it.</summary>
    internal static string NetBios(string domain) => EvidenceWriter.NetBios(domain);
}
