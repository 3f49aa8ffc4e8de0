using System.Text;
using System.Text.Json;
using Bailiwick.Testing;
using Bailiwick.Twin.Import;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Import;

public sealed class AlertImportTests
{
    private const string Own = "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01";
    private const string Foreign = "b3c1b5fc-0000-4000-8000-10d74f6d6e9c";
    private static readonly ImportOptions Options = new(Guid.Parse(Own));

    private const string GraphAlert =
        $$"""{ "id":"da1_-7","tenantId" : "{{Foreign}}","title":"T\u00e4st \/ 50%","severity":"low","status":"new","serviceSource":"microsoftDefenderForEndpoint","size":1.50E+3,"createdDateTime":"2021-04-27T12:19:27.7211305Z","lastUpdateDateTime":"2021-05-02T14:19:01.3266667Z","resolvedDateTime":null,"alertWebUrl":"https://security.microsoft.com/alerts/da1_-7?tid={{Foreign}}&x=1","evidence":[{"@odata.type":"#microsoft.graph.security.brandNewEvidence","createdDateTime":"2021-04-27T12:19:27.72Z","url":"https://evil.example/?tid=keepme","b":2,"a":[1, 2]}] }""";

    private const string Detection = """{"AlertTime":"2020-09-30T14:09:20.35743Z","AlertTitle":"t","Severity":"High","AlertId":"da2_1","FullId":"da2_1:abc=","LastProcessedTimeUtc":"2020-09-30T14:11:44.0779765Z","MachineGroup":""}""";

    private const string Incident =
        $$"""{"incidentId":263,"redirectIncidentId":null,"incidentName":"n","createdTime":"2021-03-22T12:34:34.0466667Z","lastUpdateTime":"2021-04-27T08:30:46.7466667Z","status":"Active","severity":"Low","alerts":[{"alertId":"a","tenantId":"{{Foreign}}"}]}""";

    [Fact]
    public void Tenant_fields_and_portal_links_become_the_tenants_own_and_no_other_byte_moves()
    {
        var record = Read(GraphAlert).Records.ShouldHaveSingleItem();
        record.Shape.ShouldBe(RecordShape.GraphAlert);
        Encoding.UTF8.GetString(record.Body).ShouldBe(GraphAlert.Replace(Foreign, Own, StringComparison.Ordinal));
    }

    [Fact]
    public void Keeping_the_tenant_keeps_every_byte()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(GraphAlert));
        var record = AlertImport.Read(file, Options with { KeepTenant = true }).Records.ShouldHaveSingleItem();
        Encoding.UTF8.GetString(record.Body).ShouldBe(GraphAlert);
    }

    [Fact]
    public void Retiming_shifts_every_time_by_whole_seconds_and_keeps_its_spelling()
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(GraphAlert));
        var now = new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
        var body = Encoding.UTF8.GetString(AlertImport.Read(file, Options with { KeepTenant = true, NewestAt = now }).Records[0].Body);
        body.ShouldContain("\"lastUpdateDateTime\":\"2026-03-11T07:59:59.3266667Z\"");
        body.ShouldContain("\"createdDateTime\":\"2026-03-06T06:00:25.7211305Z\"");
        body.ShouldContain("\"createdDateTime\":\"2026-03-06T06:00:25.72Z\"");
        body.Length.ShouldBe(GraphAlert.Length);
    }

    [Theory]
    [InlineData("[{0},{0}]", 2)]
    [InlineData("{\"@odata.context\":\"x\",\"value\":[{0}]}", 1)]
    [InlineData("{0}\n{0}\n\n{0}\n", 3)]
    [InlineData("[{\"index\":0,\"response\":{\"value\":[{0}]}},{\"index\":1,\"response\":{\"value\":[{\"osPlatform\":\"x\"}]}}]", 1)]
    [InlineData("\uFEFF{0}", 1)]
    [InlineData("{\"value\":[]}", 0)]
    public void Every_usual_wrapping_is_read(string wrapping, int count)
    {
        foreach (var record in (string[])[GraphAlert, Detection, Incident])
        {
            var read = Read(wrapping.Replace("{0}", record, StringComparison.Ordinal));
            read.Records.Count.ShouldBe(count);
            read.Skipped.ShouldBe(wrapping.Contains("osPlatform", StringComparison.Ordinal) ? 1 : 0);
        }
    }

    [Fact]
    public void The_alerts_inside_an_incident_get_the_tenant_too() =>
        Encoding.UTF8.GetString(Read(Incident).Records[0].Body).ShouldBe(Incident.Replace(Foreign, Own, StringComparison.Ordinal));

    [Theory]
    [InlineData("", 1, 1, "no JSON")]
    [InlineData("{\"a\":1}", 1, 1, "known shape")]
    [InlineData("[{\"a\":1}]", 1, 2, "known shape")]
    [InlineData("\n\n  {\"osPlatform\":\"x\"}", 3, 3, "known shape")]
    [InlineData("[\n{\"alertCreationTime\":\"2026-01-01T00:00:00Z\"}]", 2, 1, "no id")]
    [InlineData("[1]", 1, 2, "must be a JSON object")]
    [InlineData("{\"value\":[1]}", 1, 11, "must be a JSON object")]
    [InlineData("\n {\"id\":\"\\ud800\",\"alertCreationTime\":\"2021-01-26T20:33:57Z\"}", 2, 8, "lone surrogate")]
    [InlineData("{\"id\":\"b\",\"alertCreationTime\":\"2021-01-26T20:33:57Z\",\"x\":{\"\\udc00\":1}}", 1, 59, "lone surrogate")]
    public void A_bad_file_says_where_and_why(string text, int line, int column, string reason)
    {
        var fault = Should.Throw<ImportException>(() => Read(text));
        (fault.Line, fault.Column).ShouldBe((line, column));
        fault.Message.ShouldContain(reason);
    }

    [Fact]
    public void A_cut_line_is_named_by_its_number()
    {
        var fault = Should.Throw<ImportException>(() => Read($"{Detection}\n{Detection[..40]}\n"));
        fault.Line.ShouldBeInRange(2, 3);
        fault.Message.ShouldContain("not valid JSON");
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_at_their_line()
    {
        using var file = new MemoryStream([.. "{\"a\":\n\""u8, 0xff, .. "\"}"u8]);
        Should.Throw<ImportException>(() => AlertImport.Read(file, Options)).Message.ShouldBe("line 2, column 2: the file is not UTF-8 text");
    }

    [Fact]
    public async Task An_imported_record_is_seen_on_the_plane_of_its_shape_only()
    {
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExporterApps = [PlaneHost.App] });
        foreach (var file in (string[])[GraphAlert, Detection, Incident])
        {
            var (status, body, _) = await host.ControlAsync(HttpMethod.Post, $"/tenants/{Own}/import?retime=true", file);
            status.ShouldBe(200);
            body.GetProperty("imported").GetInt32().ShouldBe(1);
        }

        (await host.GraphAsync("/security/alerts_v2")).Body.Ids().ShouldBe(["da1_-7"]);
        (await host.DefenderAsync("/alerts")).Body.Values().ShouldBeEmpty();
        (await host.DefenderAsync("/incidents")).Body.Values().ShouldHaveSingleItem().GetProperty("incidentId").GetInt32().ShouldBe(263);
        (await host.DefenderAsync("/incidents/263")).Status.ShouldBe(200);
        (await host.ExporterAsync()).Body.Values().ShouldHaveSingleItem().Str("FullId").ShouldBe("da2_1:abc=");
    }

    [Fact]
    public async Task A_refused_file_imports_nothing_and_answers_with_the_line()
    {
        await using var host = await PlaneHost.StartAsync();
        var (status, body, _) = await host.ControlAsync(HttpMethod.Post, $"/tenants/{Own}/import", GraphAlert + "\n{\"nothing\":true}");
        status.ShouldBe(400);
        body.GetProperty("line").GetInt32().ShouldBe(2);
        (await host.GraphAsync("/security/alerts_v2")).Body.Values().ShouldBeEmpty();
    }

    [SkippableTheory]
    [InlineData("defender-api/docs-get-alerts-1.json", RecordShape.DefenderAlert, 1)]
    [InlineData("defender-api/docs-get-alerts-2-expand-evidence.json", RecordShape.DefenderAlert, 1)]
    [InlineData("defender-api/docs-alert-single.json", RecordShape.DefenderAlert, 1)]
    [InlineData("defender-api/docs-odata-samples.json", RecordShape.DefenderAlert, 2)]
    [InlineData("defender-api/demo-tenant-alerts-a.ndjson", RecordShape.DefenderAlert, 69)]
    [InlineData("defender-api/rapid7-update-alert.json", RecordShape.DefenderAlert, 1)]
    [InlineData("graph-alerts-v2/alert-hidden-file.json", RecordShape.GraphAlert, 1)]
    [InlineData("graph-alerts-v2/identity-alerts-a.ndjson", RecordShape.GraphAlert, 2)]
    [InlineData("legacy-siem/docs-alertexporter-detections.json", RecordShape.Detection, 1)]
    [InlineData("xdr-incidents-api/docs-list-incidents.json", RecordShape.XdrIncident, 3)]
    [InlineData("xdr-incidents-api/incidents-a.ndjson", RecordShape.XdrIncident, 64)]
    [InlineData("xdr-incidents-api/raw-incident.json", RecordShape.XdrIncident, 1)]
    [InlineData("graph-incidents/docs-list-incidents.json", RecordShape.GraphIncident, 1)]
    public async Task Documented_and_recorded_samples_come_back_as_they_went_in(string name, RecordShape shape, int count)
    {
        var bytes = await File.ReadAllBytesAsync(SharedData.FileOrSkip(name));
        await using var host = await PlaneHost.StartAsync(new AlertKnobs { ExporterApps = [PlaneHost.App] });
        using var file = new MemoryStream(bytes);
        var read = host.Alerts.Import(PlaneHost.Harrowgate, file, keepTenant: true);
        read.Records.Count.ShouldBe(count);
        read.Records.ShouldAllBe(record => record.Shape == shape);
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var record in read.Records) text.ShouldContain(Encoding.UTF8.GetString(record.Body));
        var served = shape switch
        {
            RecordShape.DefenderAlert => (await host.DefenderAsync("/alerts?$expand=evidence")).Body,
            RecordShape.GraphAlert => (await host.GraphAsync("/security/alerts_v2")).Body,
            RecordShape.GraphIncident => (await host.GraphAsync("/security/incidents")).Body,
            RecordShape.XdrIncident => (await host.DefenderAsync("/incidents")).Body,
            _ => (await host.ExporterAsync("?sinceTimeUtc=2000-01-01")).Body,
        };
        var expected = read.Records.GroupBy(record => record.Id).Select(group => Encoding.UTF8.GetString(group.Last().Body)).Order(StringComparer.Ordinal);
        served.Values().Select(value => value.GetRawText()).Order(StringComparer.Ordinal).ShouldBe(expected);
    }

    [SkippableFact]
    public async Task Successive_polls_with_overlapping_ids_leave_each_alert_once()
    {
        await using var host = await PlaneHost.StartAsync();
        using var file = File.OpenRead(SharedData.FileOrSkip("defender-api/xsoar-first-response-alerts.json"));
        var read = host.Alerts.Import(PlaneHost.Harrowgate, file, retime: true);
        var served = (await host.DefenderAsync("/alerts")).Body;
        served.Ids().Order().ShouldBe(read.Records.Select(record => record.Id).Distinct().Order());
    }

    [SkippableFact]
    public void Every_recorded_alert_gets_the_tenant_and_keeps_its_values()
    {
        using var file = File.OpenRead(SharedData.FileOrSkip("defender-api/demo-tenant-alerts-a.ndjson"));
        foreach (var record in AlertImport.Read(file, Options).Records)
        {
            using var body = JsonDocument.Parse(record.Body);
            body.RootElement.Str("aadTenantId").ShouldBe(Own);
            body.RootElement.Str("id").ShouldBe(record.Id);
        }
    }

    private static ImportedFile Read(string text)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return AlertImport.Read(file, Options);
    }
}
