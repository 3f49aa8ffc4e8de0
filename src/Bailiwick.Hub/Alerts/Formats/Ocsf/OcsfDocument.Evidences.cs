using System.Buffers.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Ocsf;

/// <content>Entries as OCSF objects, each only when it has what the object requires; every value of every entry stands in <c>unmapped</c> all the same.</content>
public static partial class OcsfDocument
{
    private static void WriteEvidences(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartArray("evidences"u8);
        for (var entry = 0; entry < view.Evidence.Length; entry++)
        {
            switch (view.Evidence[entry].Kind)
            {
                case EvidenceKind.Detection:
                    if (view.FirstOf(EvidenceKind.Device) == entry) WriteDevice(json, view, entry);
                    if (view.FirstOf(EvidenceKind.File) == entry) WriteFileEvidence(json, view, entry);
                    if (view.FirstOf(EvidenceKind.User) == entry) WriteUserEvidence(json, view, entry);
                    if (view.FirstOf(EvidenceKind.Ip) == entry) WriteEndpoint(json, view, entry);
                    if (view.FirstOf(EvidenceKind.Url) == entry) WriteUrl(json, view, entry);
                    break;
                case EvidenceKind.Device:
                    WriteDevice(json, view, entry);
                    break;
                case EvidenceKind.File:
                    WriteFileEvidence(json, view, entry);
                    break;
                case EvidenceKind.Process:
                    WriteProcess(json, view, entry);
                    break;
                case EvidenceKind.User or EvidenceKind.Mailbox:
                    WriteUserEvidence(json, view, entry);
                    break;
                case EvidenceKind.Ip:
                    WriteEndpoint(json, view, entry);
                    break;
                case EvidenceKind.Connection:
                    WriteConnection(json, view, entry);
                    break;
                case EvidenceKind.Url:
                    WriteUrl(json, view, entry);
                    break;
                case EvidenceKind.Message:
                    WriteEmail(json, view, entry);
                    break;
                case EvidenceKind.Registry:
                    WriteRegistry(json, view, entry);
                    break;
            }
        }

        json.WriteEndArray();
    }

    private static void WriteDevice(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject();
        json.WriteStartObject("device"u8);
        json.WriteNumber("type_id"u8, 0);
        Text(json, "uid"u8, view, view.Find(entry, AlertField.DeviceId));
        var name = view.Find(entry, AlertField.DeviceDnsName) is { Length: > 0 } dns ? dns : view.Find(entry, AlertField.HostName);
        Text(json, "hostname"u8, view, name);
        Text(json, "name"u8, view, view.Find(entry, AlertField.HostName));
        Text(json, "domain"u8, view, view.Find(entry, AlertField.NtDomain) is { Length: > 0 } domain ? domain : view.Find(entry, AlertField.DnsDomain));
        Address(json, "ip"u8, view, view.Find(entry, AlertField.DeviceIp));
        var platform = view.Find(entry, AlertField.OsPlatform);
        if (platform.Length > 0)
        {
            json.WriteStartObject("os"u8);
            Text(json, "name"u8, view, platform);
            json.WriteNumber("type_id"u8, view.Utf8(platform).StartsWith("Windows"u8) ? 100 : view.Utf8(platform).SequenceEqual("Linux"u8) ? 200 : view.Utf8(platform).SequenceEqual("macOS"u8) ? 300 : 0);
            Text(json, "version"u8, view, view.Find(entry, AlertField.OsVersion));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteFileEvidence(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject();
        json.WritePropertyName("file"u8);
        WriteFile(json, view, entry, AlertField.FileName, AlertField.FilePath, AlertField.Sha1, AlertField.Sha256, AlertField.Md5);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, AlertView view, int entry, AlertField name, AlertField folder, AlertField sha1, AlertField sha256, AlertField md5)
    {
        json.WriteStartObject();
        var file = view.Find(entry, name);
        json.WriteString("name"u8, file.Length > 0 ? view.Utf8(file) : "unknown"u8);
        json.WriteNumber("type_id"u8, file.Length > 0 ? 1 : 0);
        var parent = view.Find(entry, folder);
        Text(json, "parent_folder"u8, view, parent);
        if (parent.Length > 0)
        {
            var path = System.Buffers.ArrayPool<byte>.Shared.Rent(parent.Length + file.Length + 1);
            json.WriteString("path"u8, path.AsSpan(0, AlertText.JoinPath(view.Utf8(parent), view.Utf8(file), path)));
            System.Buffers.ArrayPool<byte>.Shared.Return(path);
        }

        Whole(json, "size"u8, view, name == AlertField.FileName ? view.Find(entry, AlertField.FileSize) : default, long.MaxValue);
        if (view.Find(entry, sha1).Length + view.Find(entry, sha256).Length + view.Find(entry, md5).Length > 0)
        {
            json.WriteStartArray("hashes"u8);
            Fingerprint(json, view, view.Find(entry, md5), 1, "MD5"u8);
            Fingerprint(json, view, view.Find(entry, sha1), 2, "SHA-1"u8);
            Fingerprint(json, view, view.Find(entry, sha256), 3, "SHA-256"u8);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Fingerprint(Utf8JsonWriter json, AlertView view, AlertValue hash, int algorithm, ReadOnlySpan<byte> caption)
    {
        if (hash.Length == 0) return;
        json.WriteStartObject();
        json.WriteNumber("algorithm_id"u8, algorithm);
        json.WriteString("algorithm"u8, caption);
        Text(json, "value"u8, view, hash);
        json.WriteEndObject();
    }

    /// <summary>OCSF knows no process without a number: then its file and its person stand alone.</summary>
    private static void WriteProcess(Utf8JsonWriter json, AlertView view, int entry)
    {
        if (!IsWhole(view, view.Find(entry, AlertField.ProcessId), int.MaxValue))
        {
            WriteFileEvidence(json, view, entry);
            WriteUserEvidence(json, view, entry);
            return;
        }

        json.WriteStartObject();
        json.WriteStartObject("process"u8);
        Whole(json, "pid"u8, view, view.Find(entry, AlertField.ProcessId), int.MaxValue);
        Text(json, "name"u8, view, view.Find(entry, AlertField.FileName));
        Text(json, "cmd_line"u8, view, view.Find(entry, AlertField.CommandLine));
        Moment(json, "created_time"u8, view, view.Find(entry, AlertField.ProcessStartedAt));
        json.WritePropertyName("file"u8);
        WriteFile(json, view, entry, AlertField.FileName, AlertField.FilePath, AlertField.Sha1, AlertField.Sha256, AlertField.Md5);
        if (view.Find(entry, AlertField.AccountName).Length > 0)
        {
            json.WritePropertyName("user"u8);
            WriteUser(json, view, entry);
        }

        if (IsWhole(view, view.Find(entry, AlertField.ParentProcessId), int.MaxValue))
        {
            json.WriteStartObject("parent_process"u8);
            Whole(json, "pid"u8, view, view.Find(entry, AlertField.ParentProcessId), int.MaxValue);
            Text(json, "name"u8, view, view.Find(entry, AlertField.ParentFileName));
            Moment(json, "created_time"u8, view, view.Find(entry, AlertField.ParentStartedAt));
            if (view.Find(entry, AlertField.ParentFileName).Length > 0)
            {
                json.WritePropertyName("file"u8);
                WriteFile(json, view, entry, AlertField.ParentFileName, AlertField.ParentFilePath, AlertField.ParentSha1, AlertField.ParentSha256, AlertField.Count);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteUserEvidence(Utf8JsonWriter json, AlertView view, int entry)
    {
        if (UserName(view, entry).Length + UserId(view, entry).Length == 0) return;
        json.WriteStartObject();
        json.WritePropertyName("user"u8);
        WriteUser(json, view, entry);
        json.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject();
        json.WriteNumber("type_id"u8, 0);
        Text(json, "name"u8, view, UserName(view, entry));
        Text(json, "uid"u8, view, UserId(view, entry));
        Text(json, "uid_alt"u8, view, view.Find(entry, AlertField.UserDirectoryId));
        Text(json, "domain"u8, view, view.Find(entry, AlertField.AccountDomain));
        Text(json, "full_name"u8, view, view.Find(entry, AlertField.UserDisplayName));
        var mail = view.Find(entry, AlertField.MailboxAddress);
        Mail(json, "email_addr"u8, view, mail.Length > 0 ? mail : view.Find(entry, AlertField.UserPrincipalName));
        json.WriteEndObject();
    }

    private static AlertValue UserName(AlertView view, int entry)
    {
        foreach (var field in (ReadOnlySpan<AlertField>)[AlertField.AccountName, AlertField.UserPrincipalName, AlertField.MailboxAddress])
        {
            if (view.Find(entry, field) is { Length: > 0 } name) return name;
        }

        return default;
    }

    private static AlertValue UserId(AlertView view, int entry) =>
        view.Find(entry, AlertField.UserSid) is { Length: > 0 } sid ? sid : view.Find(entry, AlertField.UserDirectoryId);

    private static void WriteEndpoint(Utf8JsonWriter json, AlertView view, int entry)
    {
        if (!JsonText.IsAddress(view.Utf8(view.Find(entry, AlertField.IpAddress)))) return;
        json.WriteStartObject();
        json.WriteStartObject(AlertText.IsDestination(view, entry) ? "dst_endpoint"u8 : "src_endpoint"u8);
        Address(json, "ip"u8, view, view.Find(entry, AlertField.IpAddress));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteConnection(Utf8JsonWriter json, AlertView view, int entry)
    {
        var (source, destination) = (view.Find(entry, AlertField.SourceIp), view.Find(entry, AlertField.DestinationIp));
        var (hasSource, hasDestination) = (JsonText.IsAddress(view.Utf8(source)), JsonText.IsAddress(view.Utf8(destination)));
        if (!hasSource && !hasDestination) return;
        json.WriteStartObject();
        if (hasSource) End("src_endpoint"u8, source, AlertField.SourcePort);
        if (hasDestination) End("dst_endpoint"u8, destination, AlertField.DestinationPort);
        json.WriteEndObject();

        void End(ReadOnlySpan<byte> name, AlertValue address, AlertField port)
        {
            json.WriteStartObject(name);
            Address(json, "ip"u8, view, address);
            Whole(json, "port"u8, view, view.Find(entry, port), ushort.MaxValue);
            json.WriteEndObject();
        }
    }

    private static void WriteUrl(Utf8JsonWriter json, AlertView view, int entry)
    {
        if (view.Find(entry, AlertField.Url).Length == 0) return;
        json.WriteStartObject();
        json.WriteStartObject("url"u8);
        Text(json, "url_string"u8, view, view.Find(entry, AlertField.Url));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEmail(Utf8JsonWriter json, AlertView view, int entry)
    {
        var (from, to) = (view.Find(entry, AlertField.FromSender), view.Find(entry, AlertField.Recipient));
        if (!IsMail(view.Utf8(from)) && !IsMail(view.Utf8(to))) return;
        json.WriteStartObject();
        json.WriteStartObject("email"u8);
        Mail(json, "from"u8, view, from);
        if (IsMail(view.Utf8(to))) List(json, "to"u8, view, to);
        Mail(json, "smtp_from"u8, view, view.Find(entry, AlertField.EnvelopeSender));
        Text(json, "subject"u8, view, view.Find(entry, AlertField.Subject));
        Text(json, "message_uid"u8, view, view.Find(entry, AlertField.InternetMessageId));
        Text(json, "uid"u8, view, view.Find(entry, AlertField.NetworkMessageId));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The core schema has no registry object; <c>data</c> takes any JSON.</summary>
    private static void WriteRegistry(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject();
        json.WriteStartObject("data"u8);
        Text(json, "registry_hive"u8, view, view.Find(entry, AlertField.RegistryHive));
        Text(json, "registry_key"u8, view, view.Find(entry, AlertField.RegistryKey));
        Text(json, "registry_value_name"u8, view, view.Find(entry, AlertField.RegistryValueName));
        Text(json, "registry_value_type"u8, view, view.Find(entry, AlertField.RegistryValueType));
        Text(json, "registry_value"u8, view, view.Find(entry, AlertField.RegistryValue));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteObservables(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartArray("observables"u8);
        foreach (ref readonly var leaf in view.Leaves)
        {
            var (type, caption) = Observable(leaf.Field);
            if (type == 0 || leaf.Value.Length == 0) continue;
            var text = view.Utf8(leaf.Value);
            if ((type == 2 && !JsonText.IsAddress(text)) || (type == 5 && !IsMail(text))) continue;
            if (type == 8 && !RelatedValues.IsFit(leaf.Field, RelatedKind.Hash, text)) continue;
            json.WriteStartObject();
            json.WriteString("name"u8, leaf.Entry < 0 ? "unmapped.properties.value"u8 : "unmapped.evidence.value"u8);
            json.WriteNumber("type_id"u8, type);
            json.WriteString("type"u8, caption);
            json.WriteString("value"u8, text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static (int Type, string Caption) Observable(AlertField field)
    {
        switch (RelatedValues.KindOf(field))
        {
            case RelatedKind.Hash: return (8, "Hash");
            case RelatedKind.Host: return (1, "Hostname");
            case RelatedKind.Ip: return (2, "IP Address");
        }

        return field switch
        {
            AlertField.AccountName or AlertField.LoggedOnUser => (4, "User Name"),
            AlertField.UserPrincipalName or AlertField.MailboxAddress or AlertField.FromSender or AlertField.EnvelopeSender or AlertField.Recipient => (5, "Email Address"),
            AlertField.Url => (6, "URL String"),
            AlertField.FileName or AlertField.ParentFileName => (7, "File Name"),
            AlertField.CommandLine => (13, "Command Line"),
            AlertField.FilePath or AlertField.ParentFilePath => (45, "File Path"),
            AlertField.UserSid or AlertField.UserDirectoryId or AlertField.DeviceId => (10, "Resource UID"),
            _ => (0, ""),
        };
    }

    private static void Address(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (value.Length <= 40 && JsonText.IsAddress(view.Utf8(value))) json.WriteString(name, view.Utf8(value));
    }

    private static void Mail(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value)
    {
        if (IsMail(view.Utf8(value))) json.WriteString(name, view.Utf8(value));
    }

    /// <summary>Letters, digits and <c>.-_+</c> before one at sign, a name with a dot behind it: narrower than the schema's own pattern.</summary>
    private static bool IsMail(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf((byte)'@');
        if (at < 1) return false;
        var dot = text[(at + 1)..].IndexOf((byte)'.');
        if (dot < 1 || dot == text.Length - at - 2) return false;
        for (var i = 0; i < text.Length; i++)
        {
            var ok = char.IsAsciiLetterOrDigit((char)text[i]) || text[i] is (byte)'.' or (byte)'-' || i == at || (i < at && text[i] is (byte)'_' or (byte)'+');
            if (!ok) return false;
        }

        return true;
    }

    private static bool IsWhole(AlertView view, AlertValue value, long most) =>
        Utf8Parser.TryParse(view.Utf8(value), out long number, out var used) && used == value.Length && used > 0 && number >= 0 && number <= most;

    private static void Whole(Utf8JsonWriter json, ReadOnlySpan<byte> name, AlertView view, AlertValue value, long most)
    {
        if (IsWhole(view, value, most) && Utf8Parser.TryParse(view.Utf8(value), out long number, out _)) json.WriteNumber(name, number);
    }
}
