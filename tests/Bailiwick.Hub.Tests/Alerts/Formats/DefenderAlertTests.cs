using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Defender;
using Bailiwick.Hub.Tests.Samples;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class DefenderAlertTests
{
    [Fact]
    public void What_defender_sent_stays_as_it_is_to_the_byte()
    {
        foreach (var version in SampleAlerts.Own().Where(version => version.Source == AlertSources.DefenderAlerts)) Bytes(version).ShouldBe(version.Raw.ToArray());
    }

    [Fact]
    public void A_rendered_alert_has_every_member_that_defender_s_own_has_in_its_order()
    {
        var own = JsonDocument.Parse(SampleAlerts.Own().First(version => version.Source == AlertSources.DefenderAlerts).Raw).RootElement;
        var rendered = Render(SampleAlerts.Own().First(version => version.Source == AlertSources.GraphAlerts));
        Names(rendered).ShouldBe(Names(own).Where(name => name is not ("loggedOnUsers" or "someLaterField")));
        foreach (var entry in rendered.GetProperty("evidence").EnumerateArray()) Names(entry).ShouldBe(Names(own.GetProperty("evidence")[0]), ignoreOrder: true);
    }

    [Fact]
    public void Graph_s_words_and_entities_become_defender_s()
    {
        var rendered = Render(SampleAlerts.Own().First(version => version.Source == AlertSources.GraphAlerts));
        rendered.ShouldSatisfyAllConditions(
            alert => alert.GetProperty("incidentId").GetInt64().ShouldBe(3302),
            alert => alert.GetProperty("status").GetString().ShouldBe("InProgress"),
            alert => alert.GetProperty("severity").GetString().ShouldBe("High"),
            alert => alert.GetProperty("classification").GetString().ShouldBe("TruePositive"),
            alert => alert.GetProperty("determination").GetString().ShouldBe("MultiStagedAttack"),
            alert => alert.GetProperty("detectionSource").GetString().ShouldBe("WindowsDefenderAv"),
            alert => alert.GetProperty("computerDnsName").GetString().ShouldBe("press-03.harrowgate.example"),
            alert => alert.GetProperty("machineId").GetString().ShouldBe("73e7e2de709dff64ef64b1d0c30e67fab63279db"),
            alert => alert.GetProperty("rbacGroupName").GetString().ShouldBe("Build"),
            alert => alert.GetProperty("aadTenantId").GetString().ShouldBe(SampleAlerts.Tenant.ToString()),
            alert => alert.GetProperty("mitreTechniques")[0].GetString().ShouldBe("T1564.001"),
            alert => alert.GetProperty("comments")[0].GetProperty("createdBy").GetString().ShouldBe("K. Adeyemi"));
        var process = rendered.GetProperty("evidence").EnumerateArray().First(entry => entry.GetProperty("entityType").GetString() == "Process");
        (process.GetProperty("processId").GetInt32(), process.GetProperty("parentProcessFileName").GetString()).ShouldBe((4780, "services.exe"));
    }

    [Fact]
    public void Hostile_texts_stay_inside_their_strings()
    {
        foreach (var version in SampleAlerts.Hostile())
        {
            var rendered = Render(version with { Source = AlertSources.GraphAlerts });
            rendered.GetProperty("id").GetString().ShouldBe(version.AlertId);
            Names(rendered).Distinct().Count().ShouldBe(Names(rendered).Count());
        }
    }

    [Fact]
    public void Bytes_that_are_no_alert_are_refused() =>
        Should.Throw<UnreadableAlertException>(() => Bytes(SampleAlerts.Own()[0] with { Raw = "["u8.ToArray() }));

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static JsonElement Render(AlertVersion version) => JsonDocument.Parse(Bytes(version)).RootElement;

    private static byte[] Bytes(AlertVersion version)
    {
        var output = new ArrayBufferWriter<byte>();
        DefenderAlert.Write(output, new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName));
        return output.WrittenSpan.ToArray();
    }
}
