using System.Text.Json;
using static Bailiwick.Hub.Alerts.Formats.Ecs.EcsNames;

namespace Bailiwick.Hub.Alerts.Formats.Ecs;

/// <content>The first device, user, process, file, address, URL, registry value and message; and all of them under <c>related</c>.</content>
public static partial class EcsDocument
{
    private static void WriteEntities(Utf8JsonWriter json, AlertView view)
    {
        WriteHost(json, view);
        var user = view.FirstOf(EvidenceKind.User);
        if (user < 0) user = view.FirstOf(EvidenceKind.Mailbox);
        if (user >= 0) WriteUser(json, view, user);
        if (view.FirstOf(EvidenceKind.Process) is >= 0 and var process) WriteProcess(json, view, process);
        if (view.FirstOf(EvidenceKind.File) is >= 0 and var file) WriteFile(json, view, file);
        WriteNetwork(json, view);
        if (view.FirstOf(EvidenceKind.Url) is >= 0 and var url && view.Find(url, AlertField.Url) is { Length: > 0 } address)
        {
            json.WriteStartObject(Url);
            Text(json, Original, view, address);
            if (view.Utf8(address).IndexOf("://"u8) > 0) Text(json, Full, view, address);
            json.WriteEndObject();
        }

        if (view.FirstOf(EvidenceKind.Registry) is >= 0 and var registry) WriteRegistry(json, view, registry);
        if (view.FirstOf(EvidenceKind.Message) is >= 0 and var message) WriteMessage(json, view, message);
    }

    private static void WriteHost(Utf8JsonWriter json, AlertView view)
    {
        var device = view.FirstOf(EvidenceKind.Device);
        var id = device >= 0 ? view.Find(device, AlertField.DeviceId) : view[AlertField.DeviceId];
        var name = device >= 0 ? view.Find(device, AlertField.DeviceDnsName) : view[AlertField.DeviceDnsName];
        if (device < 0 && !id.Exists && !name.Exists) return;
        json.WriteStartObject(Host);
        Keyword(json, Id, view, id);
        Keyword(json, Name, view, name.Length > 0 ? name : view.Find(device, AlertField.HostName));
        Keyword(json, Hostname, view, view.Find(device, AlertField.HostName));
        Keyword(json, Domain, view, view.Find(device, AlertField.NtDomain) is { Length: > 0 } domain ? domain : view.Find(device, AlertField.DnsDomain));
        if (view.Find(device, AlertField.OsPlatform).Length is > 0 and <= MaxKeyword)
        {
            json.WriteStartObject(Os);
            Keyword(json, Platform, view, view.Find(device, AlertField.OsPlatform));
            Keyword(json, EcsNames.Version, view, view.Find(device, AlertField.OsVersion));
            json.WriteEndObject();
        }

        if (view.Find(device, AlertField.DeviceIp).Exists)
        {
            json.WriteStartArray(Ip);
            var evidence = view.Evidence[device];
            var written = new DistinctTexts();
            foreach (ref readonly var leaf in view.Leaves.Slice(evidence.FirstLeaf, evidence.LeafCount))
            {
                if (leaf.Field == AlertField.DeviceIp && JsonText.IsAddress(view.Utf8(leaf.Value)) && written.Add(view.Utf8(leaf.Value)))
                    json.WriteStringValue(view.Utf8(leaf.Value));
            }

            written.Dispose();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteUser(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject(User);
        var principal = view.Find(entry, AlertField.UserPrincipalName);
        var sid = view.Find(entry, AlertField.UserSid);
        Keyword(json, Id, view, sid.Length > 0 ? sid : view.Find(entry, AlertField.UserDirectoryId));
        Keyword(json, Name, view, view.Find(entry, AlertField.AccountName) is { Length: > 0 } name ? name : principal);
        Keyword(json, Domain, view, view.Find(entry, AlertField.AccountDomain));
        Keyword(json, FullName, view, view.Find(entry, AlertField.UserDisplayName));
        var mailbox = view.Find(entry, AlertField.MailboxAddress);
        Keyword(json, Email, view, mailbox.Length > 0 ? mailbox : view.Utf8(principal).Contains((byte)'@') ? principal : default);
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject(Process);
        Whole(json, Pid, view, view.Find(entry, AlertField.ProcessId));
        Keyword(json, Name, view, view.Find(entry, AlertField.FileName));
        FullPath(json, Executable, view, entry, AlertField.FilePath, AlertField.FileName);
        Text(json, CommandLine, view, view.Find(entry, AlertField.CommandLine));
        Date(json, Start, view, view.Find(entry, AlertField.ProcessStartedAt));
        WriteHash(json, view, view.Find(entry, AlertField.Sha1), view.Find(entry, AlertField.Sha256), view.Find(entry, AlertField.Md5));
        if (view.Find(entry, AlertField.ParentProcessId).Exists || view.Find(entry, AlertField.ParentFileName).Exists)
        {
            json.WriteStartObject(Parent);
            Whole(json, Pid, view, view.Find(entry, AlertField.ParentProcessId));
            Keyword(json, Name, view, view.Find(entry, AlertField.ParentFileName));
            FullPath(json, Executable, view, entry, AlertField.ParentFilePath, AlertField.ParentFileName);
            Date(json, Start, view, view.Find(entry, AlertField.ParentStartedAt));
            WriteHash(json, view, view.Find(entry, AlertField.ParentSha1), view.Find(entry, AlertField.ParentSha256), default);
            json.WriteEndObject();
        }

        if (view.Find(entry, AlertField.AccountName).Length is > 0 and <= MaxKeyword)
        {
            json.WriteStartObject(User);
            Keyword(json, Id, view, view.Find(entry, AlertField.UserSid));
            Keyword(json, Name, view, view.Find(entry, AlertField.AccountName));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject(EcsNames.File);
        Keyword(json, Name, view, view.Find(entry, AlertField.FileName));
        Keyword(json, EcsNames.Directory, view, view.Find(entry, AlertField.FilePath));
        FullPath(json, EcsNames.Path, view, entry, AlertField.FilePath, AlertField.FileName);
        Whole(json, Size, view, view.Find(entry, AlertField.FileSize));
        WriteHash(json, view, view.Find(entry, AlertField.Sha1), view.Find(entry, AlertField.Sha256), view.Find(entry, AlertField.Md5));
        if (view.Find(entry, AlertField.FileSigner).Length is > 0 and <= MaxKeyword)
        {
            json.WriteStartObject(CodeSignature);
            Keyword(json, SubjectName, view, view.Find(entry, AlertField.FileSigner));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteHash(Utf8JsonWriter json, AlertView view, AlertValue sha1, AlertValue sha256, AlertValue md5)
    {
        if (sha1.Length + sha256.Length + md5.Length == 0) return;
        json.WriteStartObject(Hash);
        Keyword(json, Sha1, view, sha1);
        Keyword(json, Sha256, view, sha256);
        Keyword(json, Md5, view, md5);
        json.WriteEndObject();
    }

    private static void FullPath(Utf8JsonWriter json, JsonEncodedText name, AlertView view, int entry, AlertField folder, AlertField file)
    {
        var (path, last) = (view.Find(entry, folder), view.Find(entry, file));
        if (path.Length is 0 or > MaxKeyword || last.Length > 255) return;
        Span<byte> joined = stackalloc byte[MaxKeyword + 256];
        var length = AlertText.JoinPath(view.Utf8(path), view.Utf8(last), joined);
        if (length <= MaxKeyword) json.WriteString(name, joined[..length]);
    }

    private static void WriteNetwork(Utf8JsonWriter json, AlertView view)
    {
        if (view.FirstOf(EvidenceKind.Connection) is >= 0 and var connection)
        {
            json.WriteStartObject(EcsNames.Source);
            Address(json, Ip, view, view.Find(connection, AlertField.SourceIp));
            Whole(json, Port, view, view.Find(connection, AlertField.SourcePort));
            json.WriteEndObject();
            json.WriteStartObject(Destination);
            Address(json, Ip, view, view.Find(connection, AlertField.DestinationIp));
            Whole(json, Port, view, view.Find(connection, AlertField.DestinationPort));
            json.WriteEndObject();
            return;
        }

        var ip = view.FirstOf(EvidenceKind.Ip);
        if (ip < 0 || !JsonText.IsAddress(view.Utf8(view.Find(ip, AlertField.IpAddress)))) return;
        json.WriteStartObject(AlertText.IsDestination(view, ip) ? Destination : EcsNames.Source);
        Address(json, Ip, view, view.Find(ip, AlertField.IpAddress));
        json.WriteEndObject();
    }

    private static void WriteRegistry(Utf8JsonWriter json, AlertView view, int entry)
    {
        var hive = view.Find(entry, AlertField.RegistryHive);
        var key = view.Find(entry, AlertField.RegistryKey);
        var data = view.Find(entry, AlertField.RegistryValue);
        json.WriteStartObject(Registry);
        if (hive.Length is > 0 and <= MaxKeyword) json.WriteString(Hive, ShortHive(view.Utf8(hive)));
        Keyword(json, Key, view, key);
        RegistryPath(json, view, hive, key, view.Find(entry, AlertField.RegistryValueName));
        Keyword(json, Value, view, view.Find(entry, AlertField.RegistryValueName));
        if (data.Exists)
        {
            json.WriteStartObject(Data);
            json.WriteStartArray(Strings);
            json.WriteStringValue(view.Room is null ? view.Utf8(data) : view.Room.Cut(view.Utf8(data)));
            json.WriteEndArray();
            Keyword(json, EcsNames.Type, view, view.Find(entry, AlertField.RegistryValueType));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void RegistryPath(Utf8JsonWriter json, AlertView view, AlertValue hive, AlertValue key, AlertValue name)
    {
        var length = hive.Length + key.Length + name.Length + 2;
        if (key.Length == 0 || length > MaxKeyword) return;
        Span<byte> path = stackalloc byte[MaxKeyword];
        var shortHive = ShortHive(view.Utf8(hive));
        shortHive.CopyTo(path);
        var used = shortHive.Length;
        if (used > 0) path[used++] = (byte)'\\';
        view.Utf8(key).CopyTo(path[used..]);
        used += key.Length;
        if (name.Length > 0) path[used++] = (byte)'\\';
        view.Utf8(name).CopyTo(path[used..]);
        json.WriteString(EcsNames.Path, path[..(used + name.Length)]);
    }

    private static ReadOnlySpan<byte> ShortHive(ReadOnlySpan<byte> hive)
    {
        if (hive.SequenceEqual("HKEY_LOCAL_MACHINE"u8)) return "HKLM"u8;
        if (hive.SequenceEqual("HKEY_CURRENT_USER"u8)) return "HKCU"u8;
        if (hive.SequenceEqual("HKEY_USERS"u8)) return "HKU"u8;
        if (hive.SequenceEqual("HKEY_CLASSES_ROOT"u8)) return "HKCR"u8;
        return hive.SequenceEqual("HKEY_CURRENT_CONFIG"u8) ? "HKCC"u8 : hive;
    }

    private static void WriteMessage(Utf8JsonWriter json, AlertView view, int entry)
    {
        json.WriteStartObject(Email);
        Keyword(json, Subject, view, view.Find(entry, AlertField.Subject));
        Keyword(json, MessageId, view, view.Find(entry, AlertField.InternetMessageId));
        Keyword(json, LocalId, view, view.Find(entry, AlertField.NetworkMessageId));
        if (view.Find(entry, AlertField.EnvelopeSender).Length is > 0 and <= MaxKeyword)
        {
            json.WriteStartObject(Sender);
            Keyword(json, EcsNames.Address, view, view.Find(entry, AlertField.EnvelopeSender));
            json.WriteEndObject();
        }

        AddressList(json, From, view, view.Find(entry, AlertField.FromSender));
        AddressList(json, To, view, view.Find(entry, AlertField.Recipient));
        json.WriteEndObject();
    }

    private static void AddressList(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Length is 0 or > MaxKeyword) return;
        json.WriteStartObject(name);
        json.WriteStartArray(EcsNames.Address);
        json.WriteStringValue(view.Utf8(value));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRelated(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartObject(Related);
        Span<RelatedKind> few = stackalloc RelatedKind[512];
        var kinds = view.Leaves.Length <= few.Length ? few[..view.Leaves.Length] : new RelatedKind[view.Leaves.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            ref readonly var leaf = ref view.Leaves[i];
            kinds[i] = leaf.Value.Kind == AlertValueKind.Text && leaf.Value.Length is > 0 and <= MaxKeyword ? RelatedValues.KindOf(leaf.Field) : RelatedKind.None;
        }

        WriteRelated(json, view, Hash, RelatedKind.Hash, kinds);
        WriteRelated(json, view, Hosts, RelatedKind.Host, kinds);
        WriteRelated(json, view, Ip, RelatedKind.Ip, kinds);
        WriteRelated(json, view, User, RelatedKind.User, kinds);
        json.WriteEndObject();
    }

    private static void WriteRelated(Utf8JsonWriter json, AlertView view, JsonEncodedText name, RelatedKind kind, ReadOnlySpan<RelatedKind> kinds)
    {
        var written = new DistinctTexts();
        var open = false;
        for (var next = kinds.IndexOf(kind); next >= 0; next = NextOf(kinds, kind, next))
        {
            ref readonly var leaf = ref view.Leaves[next];
            var text = view.Utf8(leaf.Value);
            if (!RelatedValues.IsFit(leaf.Field, kind, text) || !written.Add(text)) continue;
            if (!open) json.WriteStartArray(name);
            open = true;
            json.WriteStringValue(text);
        }

        if (open) json.WriteEndArray();
        written.Dispose();
    }

    private static int NextOf(ReadOnlySpan<RelatedKind> kinds, RelatedKind kind, int after) =>
        kinds[(after + 1)..].IndexOf(kind) is >= 0 and var further ? after + 1 + further : -1;
}
