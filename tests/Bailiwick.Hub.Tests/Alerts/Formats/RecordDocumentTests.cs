using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class RecordDocumentTests
{
    [Fact]
    public void It_reads_as_the_record_that_the_REST_API_answers()
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Odd(), .. SampleAlerts.Hostile()])
        {
            var row = new CurrentAlert
            {
                TenantKey = 1, Source = version.Source, AlertId = version.AlertId, LogNumber = version.LogNumber, StoredNumber = version.LogNumber, UpdatedAt = version.UpdatedAt.UtcTicks,
                CreatedAt = 0, Severity = 0, Status = 0, CollectedAt = version.CollectedAt.UtcTicks, Digest = version.Digest.ToArray(), Raw = version.Raw.ToArray(),
            };
            JsonSerializer.Deserialize<V1.Alert>(Write(version), ApiJson.Strict).ShouldBe(AlertRecords.ToRecord(row, new TenantRecord(1, SampleAlerts.Tenant, SampleAlerts.Customer, SampleAlerts.CustomerName, "global", null)));
        }
    }

    [Fact]
    public void The_record_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-graph.record.json"), Encoding.UTF8.GetString(Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77"))));

    private static byte[] Write(AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Record.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return output.WrittenSpan.ToArray();
    }
}
