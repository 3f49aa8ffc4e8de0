using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>What a record holds, read from its JSON alone and sharing nothing with the product's reader.</summary>
internal static class SourceValues
{
    private static readonly HashSet<string> s_lists =
    [
        "evidence", "relatedUser", "loggedOnUsers", "alertUser", "alertFiles", "alertDomains", "alertIps", "devices", "entities",
        "alerts.devices", "alerts.entities", "alerts.evidence",
    ];

    private static readonly HashSet<string> s_detection =
    [
        "ComputerDnsName", "MachineName", "MachineDomain", "DeviceID", "MachineGroup", "InternalIPv4List", "InternalIPv6List", "LogOnUsers", "FileName", "FilePath",
        "Sha1", "SHA1", "Sha256", "Md5", "FileHash", "UserName", "UserDomain", "IpAddress", "Url", "CommandLine", "RemediationIsSuccess", "WasExecutingWhileDetected",
    ];

    /// <summary>The (path, value) of every evidence value that is not null; of a detection that is not empty either.</summary>
    public static List<(string Path, string Value)> Evidence(AlertVersion version)
    {
        using var raw = JsonDocument.Parse(Clean(version.Raw));
        var found = new List<(string, string)>();
        Find(raw.RootElement, "", found);
        return found;
    }

    /// <summary>Every value that is not null, without the empty ones of a detection.</summary>
    public static List<string> All(AlertVersion version)
    {
        using var raw = JsonDocument.Parse(Clean(version.Raw));
        var found = new List<(string Path, string Value)>();
        Leaves(raw.RootElement, "", found);
        var detection = raw.RootElement.EnumerateObject().Any(member => s_detection.Contains(member.Name));
        return [.. found.Where(pair => !detection || pair.Value.Length > 0).Select(pair => pair.Value)];
    }

    /// <summary>The techniques that a record names anywhere.</summary>
    public static List<string> Techniques(AlertVersion version)
    {
        using var raw = JsonDocument.Parse(Clean(version.Raw));
        var found = new List<(string Path, string Value)>();
        Leaves(raw.RootElement, "", found);
        return [.. found.Where(pair => pair.Path is "mitreTechniques" or "alerts.mitreTechniques").Select(pair => pair.Value)];
    }

    /// <summary>The pairs of a document's columns.</summary>
    public static List<(string Path, string Value)> Columns(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var columns)) return [];
        var fields = columns.GetProperty("field").EnumerateArray().Select(item => item.GetString()!).ToList();
        var values = columns.GetProperty("value").EnumerateArray().Select(item => item.GetString()!).ToList();
        if (fields.Count != values.Count) throw new FormatException("The columns differ in length.");
        if (columns.TryGetProperty("entry", out var entries))
        {
            var types = columns.GetProperty("type").GetArrayLength();
            if (entries.GetArrayLength() != fields.Count || entries.EnumerateArray().Any(entry => entry.GetInt32() >= types)) throw new FormatException("An entry has no type.");
        }

        return [.. fields.Zip(values)];
    }

    /// <summary>Every text, number and flag of a document.</summary>
    public static HashSet<string> Texts(JsonElement document)
    {
        var found = new List<(string Path, string Value)>();
        Leaves(document, "", found);
        return [.. found.Select(pair => pair.Value)];
    }

    /// <summary>Every scalar that is not null with its path.</summary>
    public static void Leaves(JsonElement value, string path, List<(string Path, string Value)> found)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Leaves(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", found);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) Leaves(item, path, found);
                break;
            case JsonValueKind.Null:
                break;
            case JsonValueKind.String:
                found.Add((path, value.GetString()!));
                break;
            default:
                found.Add((path, value.GetRawText()));
                break;
        }
    }

    private static void Find(JsonElement value, string path, List<(string Path, string Value)> found)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray()) Find(item, path, found);
            return;
        }

        if (value.ValueKind != JsonValueKind.Object) return;
        foreach (var member in value.EnumerateObject())
        {
            var name = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (s_lists.Contains(name)) Entries(member.Value, name, found);
            else if (s_detection.Contains(name)) Leaves(member.Value, name, found);
            else Find(member.Value, name, found);
        }

        found.RemoveAll(pair => s_detection.Contains(pair.Path) && pair.Value.Length == 0);
    }

    private static void Entries(JsonElement list, string name, List<(string Path, string Value)> found)
    {
        foreach (var entry in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : [list])
            Leaves(entry, entry.ValueKind == JsonValueKind.Object ? "" : name, found);
    }

    /// <summary>What strict readers take: invalid bytes and lone surrogates replaced, as an independent reader would.</summary>
    private static string Clean(ReadOnlyMemory<byte> raw) => Encoding.UTF8.GetString(raw.Span)
        .Replace("\\ud83d", "\uFFFD", StringComparison.Ordinal).Replace("\\udc00", "\uFFFD", StringComparison.Ordinal).Replace("\\ud800", "\uFFFD", StringComparison.Ordinal);
}
