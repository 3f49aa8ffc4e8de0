using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Wire.Defender;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// The detections of a world alert as the retired exporter tells them: 50 fields, empty text instead of null, immutable because only
/// what never changes on an alert is used. Source: pull-alerts-using-rest-api 2020, api-portal-mapping 2020.
/// </summary>
internal sealed class DetectionShape
{
    /// <summary>No detection is processed later than this after its alert's creation.</summary>
    public static readonly long Latest = TimeSpan.FromMinutes(2).Ticks;

    private readonly Dictionary<string, object?> _fields = [];

    private DetectionShape(string fullId, long processed) => (FullId, Processed) = (fullId, processed);

    /// <summary>Alert id, a colon, the indicator's unique id.</summary>
    public string FullId { get; }

    /// <summary><c>LastProcessedTimeUtc</c>, the time that queries filter by.</summary>
    public long Processed { get; }

    /// <summary>The device's group, empty when none.</summary>
    public string Group => (string)_fields["MachineGroup"]!;

    public string DeviceTags => (string)_fields["DeviceCreatedMachineTags"]!;

    public string CloudTags => (string)_fields["CloudCreatedMachineTags"]!;

    /// <summary>Makes an alert's detections: one, and as many further ones as asked or as the alert's own number says (0 to 2).</summary>
    public static IReadOnlyList<DetectionShape> From(ReadOnlySpan<byte> graph, int? further)
    {
        var reader = new Utf8JsonReader(graph);
        using var document = JsonDocument.ParseValue(ref reader);
        var alert = document.RootElement;
        var id = DefenderShape.Text(alert, "id")!;
        var count = 1 + (further ?? SHA256.HashData(Encoding.UTF8.GetBytes(id))[0] % 3);
        var all = new List<DetectionShape>(count);
        for (var part = 0; part < count; part++) all.Add(Make(alert, id, part));
        return all;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var name in DetectionFields.Order)
        {
            json.WritePropertyName(name);
            switch (_fields.TryGetValue(name, out var value) ? value : "")
            {
                case bool flag: json.WriteBooleanValue(flag); break;
                case long number: json.WriteNumberValue(number); break;
                case null: json.WriteNullValue(); break;
                case var text: json.WriteStringValue((string)text); break;
            }
        }

        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>A time of the alert in ticks; 0 when it is missing or unreadable.</summary>
    private static long TimeOf(JsonElement alert, string name) => WireTime.TryParse(DefenderShape.Text(alert, name) ?? "", out var ticks) ? ticks : 0;

    private static DetectionShape Make(JsonElement alert, string id, int part)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{id}/{part}"));
        var created = TimeOf(alert, "createdDateTime");
        var happened = TimeOf(alert, "firstActivityDateTime");
        var unique = Convert.ToBase64String(digest);
        var processed = created + Math.Min(((long)digest[1] % 30 * TimeSpan.TicksPerSecond) + (part * 17_000_000L) + digest[2], Latest);
        var detection = new DetectionShape($"{id}:{unique}", processed);
        detection.Fill(alert, id, part, digest, unique, happened);
        return detection;
    }

    private void Fill(JsonElement alert, string id, int part, byte[] digest, string unique, long happened)
    {
        var device = First(alert, "device");
        var process = First(alert, "process");
        var file = DefenderShape.Inner(First(alert, "file"), "fileDetails");
        if (file.ValueKind != JsonValueKind.Object) file = DefenderShape.Inner(process, "imageFile");
        var account = DefenderShape.Inner(First(alert, "user"), "userAccount");
        var antivirus = DefenderShape.Text(alert, "detectionSource") == "antivirus";
        var name = DefenderShape.Text(device, "deviceDnsName") ?? "";
        var tags = DefenderShape.Inner(device, "tags") is { ValueKind: JsonValueKind.Array } all ? string.Join("; ", all.EnumerateArray()) : "";
        Set("AlertTime", WireTime.Full(happened + (part * TimeSpan.TicksPerSecond)));
        Set("ComputerDnsName", name);
        Set("AlertTitle", DefenderShape.Text(alert, "title"));
        Set("Category", DefenderShape.Text(alert, "category"));
        Set("Severity", AlertWords.Upper(DefenderShape.Text(alert, "severity")));
        Set("AlertId", id);
        Set("Actor", DefenderShape.Text(alert, "actorDisplayName"));
        Set("LinkToWDATP", $"https://securitycenter.windows.com/alert/{id}");
        Set("Sha1", DefenderShape.Text(file, "sha1"));
        Set("FileName", DefenderShape.Text(file, "fileName"));
        Set("FilePath", DefenderShape.Text(file, "filePath"));
        Set("IpAddress", DefenderShape.Text(First(alert, "ip"), "ipAddress"));
        Set("Url", DefenderShape.Text(First(alert, "url"), "url"));
        Set("IoaDefinitionId", DefenderShape.Text(alert, "detectorId"));
        Set("UserName", DefenderShape.Text(account, "accountName"));
        _fields["AlertPart"] = (long)part;
        Set("FullId", FullId);
        Set("LastProcessedTimeUtc", WireTime.Full(Processed));
        Set("ThreatFamily", DefenderShape.Text(alert, "threatFamilyName"));
        Set("ThreatName", DefenderShape.Text(alert, "threatDisplayName"));
        _fields["RemediationIsSuccess"] = antivirus ? true : null;
        Set("Source", antivirus ? "Antivirus" : "EDR");
        Set("Md5", antivirus ? DefenderShape.Text(file, "md5") : "");
        Set("Sha256", antivirus ? DefenderShape.Text(file, "sha256") : "");
        _fields["WasExecutingWhileDetected"] = antivirus ? false : null;
        Set("UserDomain", DefenderShape.Text(account, "domainName"));
        Set("LogOnUsers", account.ValueKind == JsonValueKind.Object ? $@"{DefenderShape.Text(account, "domainName")}\{DefenderShape.Text(account, "accountName")}" : "");
        Set("MachineDomain", name.Contains('.', StringComparison.Ordinal) ? name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..] : "");
        Set("MachineName", name.Split('.')[0]);
        Set("InternalIPv4List", DefenderShape.Text(device, "lastIpAddress"));
        Set("FileHash", DefenderShape.Text(file, "sha1"));
        Set("DeviceID", DefenderShape.Text(device, "mdeDeviceId"));
        Set("MachineGroup", DefenderShape.Text(device, "rbacGroupName"));
        Set("Description", DefenderShape.Text(alert, "description"));
        Set("CloudCreatedMachineTags", tags);
        Set("CommandLine", DefenderShape.Text(process, "processCommandLine"));
        Set("IncidentLinkToWDATP", $"https://securitycenter.windows.com/incidents/byalert?alertId={id}&source=SIEM");
        _fields["ReportID"] = 70_000_000L + (BitConverter.ToUInt32(digest, 4) % 1_000_000_000);
        Set("LinkToMTP", $"https://security.microsoft.com/alert/{id}");
        Set("IncidentLinkToMTP", $"https://security.microsoft.com/incidents/byalert?alertId={id}&source=SIEM");
        Set("ExternalId", Convert.ToHexString(digest)[..40]);
        Set("IocUniqueId", unique);
        _fields.TryAdd("MachineGroup", "");
        _fields.TryAdd("DeviceCreatedMachineTags", "");
    }

    /// <summary>The first entry of a kind among the evidence that the alert was created with; what updates added later does not count.</summary>
    private static JsonElement First(JsonElement alert, string kind)
    {
        if (DefenderShape.Inner(alert, "evidence") is not { ValueKind: JsonValueKind.Array } all || all.GetArrayLength() == 0) return default;
        var begun = DefenderShape.Text(all[0], "createdDateTime");
        return all.EnumerateArray().FirstOrDefault(entry =>
            DefenderShape.Text(entry, "createdDateTime") == begun && DefenderShape.Text(entry, "@odata.type") == $"#microsoft.graph.security.{kind}Evidence");
    }

    private void Set(string name, string? value) => _fields[name] = value ?? "";
}
