using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Sinks;
using Bailiwick.Testing;

namespace Bailiwick.Hub.Tests.Samples;

/// <summary>Alerts to write: our own invented ones, hostile ones, and the real ones beside the repository where they exist.</summary>
internal static class SampleAlerts
{
    public static readonly TenantId Tenant = new(Guid.ParseExact("6b0f3c2e-5a41-4d7e-9c55-0f2f7c1b9a10", "D"));

    public static readonly CustomerId Customer = new(Guid.ParseExact("019583aa-0000-7000-8000-000000000001", "D"));

    public const string CustomerName = "Harrowgate Tools";

    /// <summary>Strings that break encoders. Each is a text a JSON document can carry.</summary>
    public static readonly IReadOnlyList<string> HostileTexts =
    [
        "line\r\nbreak", "line\nbreak", "line\rbreak", "trailing\n", "\nleading", "a|b|c", "a=b=c", @"C:\dir\file", @"\", @"\\", @"a\=b", @"a\|b", @"\n", @"\r\n text",
        "tab\there", "nul\0inside", "bell\a esc\u001b[31m", "c1\u0085next", "sep\u2028and\u2029", "bidi\u202Eevil\u202C", "zero\u200Bwidth", "\uFEFFbom", "astral 😀 𝄞",
        "quote\"bracket]backslash\\", "]\" x=\"1", " cs1=forged cs1Label=x", "x cs2=forged", "CEF:0|forged|", "<13>1 - - - - - -", "7 <13>1 ", "{\"json\":1}", "${jndi}", "%s%n",
        new string('ü', 5000), " leading and trailing ", "",
    ];

    public static IReadOnlyList<AlertVersion> Own() => [.. Lines("defender-alerts.ndjson", AlertSources.DefenderAlerts), .. Lines("graph-alerts.ndjson", AlertSources.GraphAlerts)];

    public static IReadOnlyList<AlertVersion> Hostile()
    {
        var number = 0;
        return
        [
            .. HostileTexts.Select(text => Version(
                JsonSerializer.SerializeToUtf8Bytes(new
                {
                    id = text, title = text, description = text, category = text, severity = "High", detectorId = text, threatName = text, computerDnsName = text,
                    evidence = new object[]
                    {
                        new { entityType = "User", accountName = text, domainName = text },
                        new { entityType = "Process", fileName = text, filePath = text, processCommandLine = text, processId = 7 },
                        new { entityType = text, anything = text },
                    },
                    unknown = text,
                }),
                ++number,
                AlertSources.DefenderAlerts,
                text.Length == 0 ? "empty" : text)),
            Version(Encoding.UTF8.GetBytes("""{"id":"lone","title":"a\ud83dz","evidence":[{"entityType":"User","accountName":"\udc00 x","\ud800k":"v"}]}"""), ++number),
            Version([.. "{\"id\":\"bytes\",\"title\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8], ++number),
        ];
    }

    /// <summary>Every alert of the published samples, whatever file shape it came in; skips where they are absent.</summary>
    public static IReadOnlyList<AlertVersion> RealOrSkip()
    {
        var shared = SharedData.FolderOrSkip();
        var all = new List<AlertVersion>();
        foreach (var file in new[] { "defender-api", "graph-alerts-v2" }.SelectMany(folder => Directory.GetFiles(Path.Combine(shared, folder))).Order(StringComparer.Ordinal))
        {
            var source = file.Contains("graph", StringComparison.Ordinal) ? AlertSources.GraphAlerts : AlertSources.DefenderAlerts;
            var documents = file.EndsWith(".ndjson", StringComparison.Ordinal) ? File.ReadAllLines(file) : [File.ReadAllText(file)];
            foreach (var document in documents.Where(line => line.Length > 0)) Collect(JsonNode.Parse(document), source, all);
        }

        return all;
    }

    public static AlertVersion Version(byte[] raw, long number, string source = AlertSources.DefenderAlerts, string? id = null) => new()
    {
        Tenant = Tenant,
        LogNumber = number,
        Source = source,
        AlertId = id ?? $"alert-{number}",
        UpdatedAt = new DateTimeOffset(2026, 3, 11, 8, 40, 36, 470, TimeSpan.Zero).AddTicks(number),
        Digest = SHA256.HashData(raw),
        CollectedAt = new DateTimeOffset(2026, 3, 11, 8, 41, 0, TimeSpan.Zero),
        Raw = raw,
    };

    public static AlertVersion Simple(long number, string title = "A title") =>
        Version(JsonSerializer.SerializeToUtf8Bytes(new { id = $"alert-{number}", title, severity = "Low" }), number);

    public static AlertBatch Batch(params IReadOnlyList<AlertVersion> versions) => new(versions[0].Tenant, Customer, CustomerName, versions);

    private static void Collect(JsonNode? node, string source, List<AlertVersion> all)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) Collect(item, source, all);
        }
        else if (node is JsonObject record)
        {
            if (record.ContainsKey("id") && record.ContainsKey("title"))
                all.Add(Version(Encoding.UTF8.GetBytes(record.ToJsonString()), all.Count + 1, source, record["id"]!.ToString()));
            else foreach (var member in record) Collect(member.Value, source, all);
        }
    }

    /// <summary>A file beside this one.</summary>
    public static string FilePath(string name) => Repository.Path("tests", "Bailiwick.Hub.Tests", "Samples", name);

    private static IEnumerable<AlertVersion> Lines(string file, string source) =>
        File.ReadAllLines(FilePath(file))
            .Select((line, at) => Version(Encoding.UTF8.GetBytes(line), at + 1, source, JsonNode.Parse(line)!["id"]!.ToString()));
}
