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
        new string('ü', 5000), " leading and trailing ", "", "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-1+1", "<script>alert(1)</script>", "&lt;b&gt;", "a^b", "LEEF:2.0|x|y|1|z|^|",
        "v\tevidence99=forged\tdescription=forged", "\u2066isolate\u2069", "\u009b31mC1 escape", "\ufffe\uffff",
    ];

    public static IReadOnlyList<AlertVersion> Own() =>
    [
        .. Lines("defender-alerts.ndjson", AlertSources.DefenderAlerts), .. Lines("graph-alerts.ndjson", AlertSources.GraphAlerts),
        .. Lines("rich-alerts.ndjson", AlertSources.GraphAlerts), .. Lines("detections.ndjson", AlertSources.AlertExporter),
        .. Lines("incidents.ndjson", AlertSources.GraphIncidents),
    ];

    /// <summary>Records as no source should send them: each must be written all the same.</summary>
    public static IReadOnlyList<AlertVersion> Odd() =>
    [
        .. new[]
        {
            "{}",
            """{"id":7,"title":null,"severity":"UnSpecified","status":"Brewing","category":"null","evidence":null}""",
            """{"id":"x","title":12.50,"severity":3,"status":true,"description":[["a",{"b":"c"}]],"mitreTechniques":"T1059"}""",
            """{"id":"x","mitreTechniques":["T1059","T1059.001",null,"t9","T1027.010"],"tenantId":"not-a-guid","aadTenantId":""}""",
            """{"id":"x","evidence":{"entityType":"User","accountName":"lone"},"relatedUser":{"userName":"u","domainName":"D"},"loggedOnUsers":["a",{"accountName":"b"}]}""",
            """{"id":"x","evidence":["text",7,true,null,[],{},[{"sha1":"in a list"}],{"@odata.type":7,"x":1}]}""",
            """{"id":"x","evidence":[{"@odata.type":"#microsoft.graph.security.unheardOfEvidence","a":{"b":{"c":[1,2,{"sha256":"s"}]}},"":"no name"}]}""",
            """{"id":"x","evidence":[{"entityType":"Process","processId":"abc","parentProcessId":-1,"processCommandLine":"","sha1":"","processId":99999999999999999999}]}""",
            """{"id":"x","evidence":[{"entityType":"Ip","ipAddress":"999.1.1.1"},{"entityType":"Ip","ipAddress":"fe80::1%eth0"},{"entityType":"Url","url":""}]}""",
            """{"id":"x","lastUpdateDateTime":"2026-01-01T00:00:00Z","createdDateTime":"2026-01-01T00:00:00.1Z","firstActivityDateTime":"2026-01-01T00:00:00.1234567Z","lastActivityDateTime":"0001-01-01T00:00:00Z"}""",
            """{"id":"x","createdDateTime":"2026-13-45T99:00:00Z","firstActivityDateTime":"yesterday","lastActivityDateTime":17}""",
            """{"AlertTitle":"t","AlertTime":"2016-09-12T00:00:00.000","RemediationIsSuccess":null,"FileName":"","IpAddress":"not an address","Later":{"a":[1]}}""",
            """{"AlertId":"a","CommandLine":"only a command line","SHA1":"0123","evidence":[{"entityType":"File","fileName":"f"}]}""",
            """{"incidentId":1,"incidentName":"n","alerts":[{"alertId":"a","devices":[],"entities":[{"entityType":"MailMessage","sender":"not mail","recipient":"r@x.example","subject":"s"}]}],"entities":[]}""",
            """{"id":"i","displayName":"d","status":"Redirected","severity":"Critical","alerts":{"evidence":{"url":"u"}}}""",
            """{"id":"x","id":"y","title":"a","title":"b","big":123456789012345678901234567890.5e-7,"deep":{"a":{"a":{"a":{"a":{"a":{"a":{"a":"z"}}}}}}}}""",
        }.Select((raw, at) => Version(
            Encoding.UTF8.GetBytes(raw), at + 1, raw.Contains("AlertT", StringComparison.Ordinal) ? AlertSources.AlertExporter : raw.Contains("isplayName", StringComparison.Ordinal) ? AlertSources.GraphIncidents : AlertSources.GraphAlerts, $"odd-{at}")),
    ];

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
        foreach (var file in new[] { "defender-api", "graph-alerts-v2", "graph-incidents", "xdr-incidents-api", "legacy-siem" }.SelectMany(folder => Directory.GetFiles(Path.Combine(shared, folder))).Order(StringComparer.Ordinal))
        {
            var source = Path.GetFileName(Path.GetDirectoryName(file)) switch
            {
                "graph-alerts-v2" => AlertSources.GraphAlerts,
                "legacy-siem" => AlertSources.AlertExporter,
                "graph-incidents" or "xdr-incidents-api" => AlertSources.GraphIncidents,
                _ => AlertSources.DefenderAlerts,
            };
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
            string[] ids = ["id", "AlertId", "incidentId", "alertId"];
            string[] titles = ["title", "AlertTitle", "incidentName", "displayName"];
            if (ids.FirstOrDefault(record.ContainsKey) is { } id && titles.Any(record.ContainsKey))
                all.Add(Version(Encoding.UTF8.GetBytes(record.ToJsonString()), all.Count + 1, source, record[id]!.ToString()));
            else foreach (var member in record) Collect(member.Value, source, all);
        }
    }

    /// <summary>A file beside this one.</summary>
    public static string FilePath(string name) => Repository.Path("tests", "Bailiwick.Hub.Tests", "Samples", name);

    private static IEnumerable<AlertVersion> Lines(string file, string source) =>
        File.ReadAllLines(FilePath(file))
            .Select((line, at) => Version(Encoding.UTF8.GetBytes(line), at + 1, source, IdOf(JsonNode.Parse(line)!)));

    private static string IdOf(JsonNode record) => (record["id"] ?? record["AlertId"] ?? record["incidentId"])!.ToString();
}
