using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

public sealed class MainJobTests
{
    [Theory]
    [InlineData(AlertSources.GraphAlerts)]
    [InlineData(AlertSources.DefenderAlerts)]
    public async Task Every_alert_of_every_customer_arrives_once_in_each_sink(string source)
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenants = await twin.AddCustomersAsync(3);
        foreach (var tenant in tenants) twin.Planes.Alerts.Generate(tenant.Id, 40, seed: 3);

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
        await hub.ConnectAsync(await hub.AddApplicationAsync(twin), tenants, source);

        // The generator also makes alerts of products that the Defender API does not list.
        var expected = tenants.Sum(tenant => twin.Planes.Alerts.Count(tenant.Id) is var count && source == AlertSources.GraphAlerts ? count.Graph : count.Defender);
        expected.ShouldBeGreaterThan(60);
        await Until.TrueAsync(() => hec.Count >= expected && syslog.Count >= expected && SinkFiles.Lines(hub.Lines).Count >= expected, "all alerts in each sink");
        var keys = SinkFiles.Lines(hub.Lines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("bailiwick").GetProperty("key").GetString()!).ToList();
        keys.Distinct().Count().ShouldBe((int)expected);
        keys.Count.ShouldBe((int)expected);
        hec.Count.ShouldBe(expected);
        syslog.Messages.Count(message => keys.Any(key => message.Contains(key, StringComparison.Ordinal))).ShouldBe((int)expected);

        // A change in the tenant is a new version; nothing else is sent again.
        twin.Planes.Alerts.Update(tenants[0].Id, AlertIdOf(hub), status: "resolved").ShouldBeTrue();
        await Until.TrueAsync(() => SinkFiles.Lines(hub.Lines).Count > expected && hec.Count > expected, "the changed alert");
        SinkFiles.Lines(hub.Lines).Count.ShouldBe((int)expected + 1);
    }

    private static string AlertIdOf(HubFixture hub) => SinkFiles.Lines(hub.Lines)
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("bailiwick"))
        .First(alert => alert.GetProperty("customer").GetString() == "Customer 1")
        .GetProperty("alert_id").GetString()!;
}
