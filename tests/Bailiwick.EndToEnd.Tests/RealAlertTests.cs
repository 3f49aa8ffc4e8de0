using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>Published and invented samples go in at the twin and come out of three sinks: each once, every evidence value findable, unknown fields kept.</summary>
public sealed class RealAlertTests
{
    private static readonly string[] PublishedDefender =
    [
        "defender-api/docs-get-alerts-1.json", "defender-api/docs-get-alerts-2-expand-evidence.json", "defender-api/docs-alert-single.json",
        "defender-api/xsoar-first-response-alerts.json", "defender-api/demo-tenant-alerts-a.ndjson",
    ];

    private static readonly string[] PublishedGraph = ["graph-alerts-v2/alert-hidden-file.json", "graph-alerts-v2/identity-alerts-a.ndjson"];

    [SkippableFact]
    public Task Published_Defender_alerts_arrive_whole() => ArriveAsync(AlertSources.DefenderAlerts, "defender", [.. PublishedDefender.Select(SharedData.FileOrSkip)]);

    [SkippableFact]
    public Task Published_Graph_alerts_arrive_whole() => ArriveAsync(AlertSources.GraphAlerts, "graph", [.. PublishedGraph.Select(SharedData.FileOrSkip)]);

    [Fact]
    public Task Our_own_Defender_alerts_arrive_whole() => ArriveAsync(AlertSources.DefenderAlerts, "defender", [Own("defender-alerts.ndjson")]);

    [Fact]
    public Task Our_own_Graph_alerts_arrive_whole() => ArriveAsync(AlertSources.GraphAlerts, "graph", [Own("graph-alerts.ndjson")]);

    /// <summary>
    /// A published file as it is. Ours record by record, so that each is moved to now: years lie between them; and without the one that no plane of Microsoft's
    /// could send (it has no title).
    /// </summary>
    private static IEnumerable<byte[]> Parts(string file) => file.Contains("Samples", StringComparison.Ordinal)
        ? File.ReadLines(file).Where(line => line.Contains("\"title\"", StringComparison.Ordinal)).Select(Encoding.UTF8.GetBytes)
        : [File.ReadAllBytes(file)];

    private static string Own(string name) => Repository.Path("tests", "Bailiwick.Hub.Tests", "Samples", name);

    private static async Task ArriveAsync(string source, string plane, IReadOnlyList<string> files)
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenant = (await twin.AddCustomersAsync(1))[0];
        foreach (var file in files)
        {
            foreach (var part in Parts(file))
            {
                using var stream = new MemoryStream(part);
                twin.Planes.Alerts.Import(tenant.Id, stream, retime: true);
            }
        }

        var truth = twin.Planes.Alerts.Truth(tenant.Id).Where(line => line.Source == plane).ToList();
        truth.Count.ShouldBeGreaterThan(1);
        using var authority = new LocalAuthority(TimeProvider.System);
        using var certificate = authority.IssueForLoopback();
        await using var hec = await HecReceiver.StartAsync(new HecReceiverOptions { Token = "hec-token-of-the-test", KeepEvents = true, Acknowledgement = true }, CancellationToken.None);
        await using var syslog = SyslogListener.Start(new SyslogListenerOptions { Certificate = certificate, KeepMessages = true });
        await using var hub = await HubFixture.StartAsync(twin);
        var caFile = Path.Combine(hub.Folder, "receivers.pem");
        await File.WriteAllTextAsync(caFile, authority.CertificatePem);
        await hub.AddSinkAsync("files", "jsonlines", new { directory = hub.Lines });
        await hub.AddSinkAsync("siem", "syslog", new { host = "localhost", port = syslog.Port, caFile });
        await hub.AddSinkAsync("splunk", "splunk-hec", new { url = hec.Url, acknowledgement = true }, "hec-token-of-the-test");
        await hub.ConnectAsync(await hub.AddApplicationAsync(twin), [tenant], source);

        await Until.TrueAsync(
            () => SinkFiles.Lines(hub.Lines).Count >= truth.Count && hec.Count >= truth.Count && syslog.Count >= truth.Count, $"{truth.Count} alerts in each sink", TimeSpan.FromMinutes(1));
        var versions = await StoredAsync(hub, tenant.Id);
        versions.Select(version => Convert.ToHexStringLower(SHA256.HashData(version.Raw.Span))).Order(StringComparer.Ordinal)
            .ShouldBe(truth.Select(line => line.Sha256).Order(StringComparer.Ordinal), "the log holds the upstream's own bytes, unknown fields and all");
        var lines = SinkFiles.Lines(hub.Lines);
        lines.Count.ShouldBe(truth.Count);
        hec.Events.Count.ShouldBe(truth.Count);
        syslog.Messages.Count.ShouldBe(truth.Count);
        foreach (var version in versions)
        {
            var line = lines.Single(text => text.Contains(version.Key, StringComparison.Ordinal));
            hec.Events.Count(text => text.Contains(version.Key, StringComparison.Ordinal)).ShouldBe(1);
            syslog.Messages.Count(text => text.Contains(version.Key, StringComparison.Ordinal)).ShouldBe(1);
            var found = Leaves(line, outside: ["original", "raw"]);
            EvidenceOf(version.Raw).Where(value => !found.Contains(value)).ShouldBeEmpty($"evidence of {version.AlertId} that stands in no field");
        }
    }

    private static async Task<List<AlertVersion>> StoredAsync(HubFixture hub, Guid tenant)
    {
        var record = (await hub.Get<TenantStore>().GetAsync(new TenantId(tenant), CancellationToken.None))!;
        return await hub.Get<AlertLog>().ReadAsync(record.TenantKey, record.Id, 0, 1000, int.MaxValue, CancellationToken.None);
    }

    private static List<string> EvidenceOf(ReadOnlyMemory<byte> raw)
    {
        using var json = JsonDocument.Parse(raw);
        var values = new List<string>();
        if (json.RootElement.TryGetProperty("evidence", out var evidence)) Collect(evidence, values, []);
        return values;
    }

    private static HashSet<string> Leaves(string line, HashSet<string> outside)
    {
        using var json = JsonDocument.Parse(line);
        var values = new List<string>();
        Collect(json.RootElement, values, outside);
        return [.. values];
    }

    private static void Collect(JsonElement element, List<string> values, HashSet<string> outside)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject().Where(member => !outside.Contains(member.Name))) Collect(member.Value, values, outside);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) Collect(item, values, outside);
                break;
            case JsonValueKind.String:
                values.Add(element.GetString()!);
                break;
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                values.Add(element.GetRawText());
                break;
        }
    }
}
