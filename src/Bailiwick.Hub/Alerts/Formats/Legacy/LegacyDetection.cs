using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Legacy;

/// <summary>
/// One record in the shape of the retired alert exporter, so that the parsers people wrote for it go on: its 50 fields in its order, empty text where there is
/// nothing, then <c>TenantId</c>, which the exporter never had, and <c>Bailiwick</c> with every value in columns (see <see cref="AlertColumns"/>) and our
/// routing fields. A detection keeps its own values; alerts of the other sources are rendered by Microsoft's migration table, one detection a version, from the
/// first device, file, process, user, address and URL. Sources: pull-alerts-using-rest-api (2020), configure-siem (2024).
/// </summary>
public static class LegacyDetection
{
    private static readonly AlertFieldSet s_carried = new(
        AlertField.Title, AlertField.Category, AlertField.DetectorId, AlertField.Description, AlertField.ThreatName, AlertField.ThreatFamily, AlertField.Actor);

    /// <summary>Writes a record as an exporter would that received it at a time of its own.</summary>
    /// <param name="output">Receives UTF-8 JSON in one line.</param>
    /// <param name="record">What to write.</param>
    /// <param name="processedAt">Stands in <c>LastProcessedTimeUtc</c>, the field that connectors go on from.</param>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, in AlertRecord record, DateTimeOffset processedAt)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        Write(json, view, record, processedAt);
        JsonOutput.Return(json);
    }

    /// <summary>The device group of a record, or empty.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static string MachineGroupOf(AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        using var view = AlertView.Rent(version.Raw);
        return view.Text(AlertText.OfDevice(view, AlertField.DeviceGroup)) ?? "";
    }

    internal static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record) => Write(json, view, record, null);

    private static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record, DateTimeOffset? processedAt)
    {
        var version = record.Version;
        json.WriteStartObject();
        if (view.IsDetection) WriteOwn(json, view, processedAt);
        else WriteRendered(json, view, version, processedAt ?? version.UpdatedAt);
        json.WriteString("TenantId"u8, version.Tenant.Value);
        json.WriteStartObject("Bailiwick"u8);
        AlertColumns.Write(json, view, s_carried);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The exporter's own members by their names; what it did not send is empty. Its other members stand in the columns.</summary>
    private static void WriteOwn(Utf8JsonWriter json, AlertView view, DateTimeOffset? processedAt)
    {
        foreach (var (name, utf8, kind) in LegacyFields.Order)
        {
            json.WritePropertyName(name);
            if (processedAt is { } moment && utf8.AsSpan().SequenceEqual("LastProcessedTimeUtc"u8))
            {
                json.WriteStringValue(Time(moment));
                continue;
            }

            var value = default(AlertValue);
            foreach (ref readonly var leaf in view.Leaves)
            {
                if (!view.Utf8(leaf.Path).SequenceEqual(utf8)) continue;
                value = leaf.Value;
                break;
            }

            if (value.Kind is AlertValueKind.Number or AlertValueKind.Boolean) json.WriteRawValue(view.Utf8(value), skipInputValidation: true);
            else if (value.Exists || kind == LegacyKind.Text) json.WriteStringValue(view.Utf8(value));
            else if (kind == LegacyKind.Number) json.WriteNumberValue(0);
            else json.WriteNullValue();
        }
    }

    private static void WriteRendered(Utf8JsonWriter json, AlertView view, AlertVersion version, DateTimeOffset processedAt)
    {
        var key = Convert.FromHexString(version.Key);
        var unique = Convert.ToBase64String(key);
        var device = view.FirstOf(EvidenceKind.Device);
        var process = view.FirstOf(EvidenceKind.Process);
        var file = view.FirstOf(EvidenceKind.File) is >= 0 and var found ? found : process;
        var user = view.FirstOf(EvidenceKind.User);
        var dns = view.Text(AlertText.OfDevice(view, AlertField.DeviceDnsName)) ?? "";
        var id = Uri.EscapeDataString(version.AlertId);
        var (alertUrl, incidentUrl) = (AlertText.PortalUrl(view, version), AlertText.IncidentUrl(view, version) ?? "");

        Text("AlertTime", Time(AlertText.CreatedAt(view, version)));
        Text("ComputerDnsName", dns);
        Value("AlertTitle", view[AlertField.Title]);
        Value("Category", view[AlertField.Category]);
        Text("Severity", Severity(view));
        Text("AlertId", version.AlertId);
        Value("Actor", view[AlertField.Actor]);
        Text("LinkToWDATP", alertUrl);
        Empty("IocName", "IocValue", "CreatorIocName", "CreatorIocValue");
        Value("Sha1", view.Find(file, AlertField.Sha1));
        Value("FileName", view.Find(file, AlertField.FileName));
        Value("FilePath", view.Find(file, AlertField.FilePath));
        Value("IpAddress", view.Find(view.FirstOf(EvidenceKind.Ip), AlertField.IpAddress));
        Value("Url", view.Find(view.FirstOf(EvidenceKind.Url), AlertField.Url));
        Value("IoaDefinitionId", view[AlertField.DetectorId]);
        Value("UserName", view.Find(user, AlertField.AccountName));
        json.WriteNumber("AlertPart", 0);
        Text("FullId", $"{version.AlertId}:{unique}");
        Text("LastProcessedTimeUtc", Time(processedAt));
        Empty("ThreatCategory");
        Value("ThreatFamily", view[AlertField.ThreatFamily]);
        Value("ThreatName", view[AlertField.ThreatName]);
        Empty("RemediationAction");
        json.WriteNull("RemediationIsSuccess");
        Text("Source", Source(view));
        Value("Md5", view.Find(file, AlertField.Md5));
        Value("Sha256", view.Find(file, AlertField.Sha256));
        json.WriteNull("WasExecutingWhileDetected");
        Value("UserDomain", view.Find(user, AlertField.AccountDomain));
        Text("LogOnUsers", LogOnUsers(view, device));
        Text("MachineDomain", dns.Contains('.', StringComparison.Ordinal) ? dns[(dns.IndexOf('.', StringComparison.Ordinal) + 1)..] : "");
        Text("MachineName", dns.Split('.')[0]);
        Text("InternalIPv4List", Addresses(view, device, six: false));
        Text("InternalIPv6List", Addresses(view, device, six: true));
        Value("FileHash", view.Find(file, AlertField.Sha1));
        Value("DeviceID", AlertText.OfDevice(view, AlertField.DeviceId));
        Value("MachineGroup", AlertText.OfDevice(view, AlertField.DeviceGroup));
        Value("Description", view[AlertField.Description]);
        Empty("DeviceCreatedMachineTags", "CloudCreatedMachineTags");
        Value("CommandLine", view.Find(process, AlertField.CommandLine));
        Text("IncidentLinkToWDATP", incidentUrl);
        json.WriteNumber("ReportID", 0);
        Text("LinkToMTP", alertUrl);
        Text("IncidentLinkToMTP", incidentUrl);
        Text("ExternalId", Convert.ToHexString(key.AsSpan(0, 20)));
        Text("IocUniqueId", unique);

        void Text(string name, string value) => json.WriteString(name, value);
        void Value(string name, AlertValue value) => json.WriteString(name, view.Utf8(value));
        void Empty(params ReadOnlySpan<string> names)
        {
            foreach (var name in names) json.WriteString(name, "");
        }
    }

    private static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    /// <summary>Capitalised as the exporter did; a newer word passes.</summary>
    private static string Severity(AlertView view) => view.Severity == AlertSeverity.Unknown ? view.Text(view[AlertField.Severity]) ?? "" : view.Severity.ToString();

    private static string Source(AlertView view) => AlertText.Word(view.Text(view[AlertField.DetectionSource])) switch
    {
        "antivirus" or "windowsdefenderav" => "Antivirus",
        "windowsdefenderatp" or "microsoftdefenderforendpoint" => "EDR",
        _ => view.Text(view[AlertField.DetectionSource]) ?? "",
    };

    /// <summary><c>domain\user; domain\user</c>.</summary>
    private static string LogOnUsers(AlertView view, int device)
    {
        var users = new List<string>();
        if (device < 0) return "";
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry != device) continue;
            if (leaf.Field == AlertField.LoggedOnUser) users.Add(view.Text(leaf.Value)!);
            else if (users.Count > 0 && view.Utf8(leaf.Path).SequenceEqual("loggedOnUsers.domainName"u8)) users[^1] = $@"{view.Text(leaf.Value)}\{users[^1]}";
        }

        return string.Join("; ", users);
    }

    private static string Addresses(AlertView view, int device, bool six)
    {
        var addresses = new List<string>();
        if (device < 0) return "";
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry == device && leaf.Field == AlertField.DeviceIp && JsonText.IsAddress(view.Utf8(leaf.Value)) && view.Utf8(leaf.Value).Contains((byte)':') == six)
                addresses.Add(view.Text(leaf.Value)!);
        }

        return string.Join("; ", addresses.Distinct());
    }
}
