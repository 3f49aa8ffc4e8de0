using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class LegacyDetectionTests
{
    [SkippableFact]
    public void Fields_order_and_types_are_those_of_the_documented_answer()
    {
        using var documented = JsonDocument.Parse(File.ReadAllText(SharedData.FileOrSkip("legacy-siem/docs-alertexporter-detections.json")));
        var expected = documented.RootElement[0].EnumerateObject().ToList();
        foreach (var version in SampleAlerts.Own())
        {
            using var document = Write(version);
            var members = document.RootElement.EnumerateObject().ToList();
            members.Select(member => member.Name).ShouldBe([.. expected.Select(member => member.Name), "TenantId", "Bailiwick"], version.AlertId);
            foreach (var (member, model) in members.Zip(expected))
            {
                var flag = model.Name is "RemediationIsSuccess" or "WasExecutingWhileDetected";
                (flag ? member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null : member.Value.ValueKind == model.Value.ValueKind).ShouldBeTrue(model.Name);
            }
        }
    }

    [SkippableFact]
    public void A_detection_keeps_its_own_values()
    {
        using var documented = JsonDocument.Parse(File.ReadAllText(SharedData.FileOrSkip("legacy-siem/docs-alertexporter-detections.json")));
        using var document = Write(SampleAlerts.Version(Encoding.UTF8.GetBytes(documented.RootElement[0].GetRawText()), 1, AlertSources.AlertExporter));
        foreach (var member in documented.RootElement[0].EnumerateObject()) document.RootElement.GetProperty(member.Name).ToString().ShouldBe(member.Value.ToString(), member.Name);
    }

    [Fact]
    public void A_Graph_alert_is_rendered_from_its_first_device_file_process_and_user()
    {
        using var document = Write(SampleAlerts.Own().First(version => version.AlertId.StartsWith("fa4b1c7e", StringComparison.Ordinal)));
        string? Of(string name) => document.RootElement.GetProperty(name).GetString();
        (Of("ComputerDnsName"), Of("MachineName"), Of("MachineDomain")).ShouldBe(("press-04.harrowgate.example", "press-04", "harrowgate.example"));
        (Of("FileName"), Of("FilePath"), Of("Sha1"), Of("FileHash")).ShouldBe(("upd.exe", @"C:\Users\k", "aaaabbbbccccddddeeeeffff0000111122223333", "aaaabbbbccccddddeeeeffff0000111122223333"));
        (Of("UserName"), Of("UserDomain"), Of("LogOnUsers")).ShouldBe(("k.adeyemi", "HARROWGATE", @"HARROWGATE\k.adeyemi"));
        (Of("Severity"), Of("AlertTime"), Of("LastProcessedTimeUtc")).ShouldBe(("Medium", "2026-03-11T08:40:36.4700000Z", "2026-03-11T08:40:36.4700001Z"));
        (Of("InternalIPv4List"), Of("InternalIPv6List")).ShouldBe(("10.4.2.9", "fe80::2"));
        Of("LinkToMTP")!.ShouldEndWith($"?tid={SampleAlerts.Tenant}");
        Of("IncidentLinkToMTP")!.ShouldEndWith($"/incidents/7731?tid={SampleAlerts.Tenant}");
        Of("TenantId").ShouldBe(SampleAlerts.Tenant.ToString());
        Convert.FromBase64String(Of("IocUniqueId")!).Length.ShouldBe(32);
        Of("FullId").ShouldBe($"{Of("AlertId")}:{Of("IocUniqueId")}");
    }

    [Fact]
    public void Two_versions_of_one_alert_are_two_detections() =>
        Write(SampleAlerts.Simple(1)).RootElement.GetProperty("FullId").GetString().ShouldNotBe(Write(SampleAlerts.Simple(2)).RootElement.GetProperty("FullId").GetString());

    [Fact]
    public void The_detection_of_a_Graph_alert_is_the_golden_file() =>
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-graph.legacy.json"), Write(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77")).RootElement.GetRawText());

    private static JsonDocument Write(AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        AlertFormats.Legacy.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return JsonDocument.Parse(output.WrittenMemory);
    }
}
