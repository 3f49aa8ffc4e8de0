using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;
using CloudOptions = Bailiwick.Server.Configuration.CloudOptions;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>The sinks over HTTP in a whole hub, with a bearer from a sign-in of their own and with what the receivers throw at them.</summary>
public sealed class HttpSinkTests
{
    private const string Secret = "a-secret-of-the-end-to-end-test";

    [Fact]
    public async Task Every_alert_reaches_the_index_the_webhook_and_the_table()
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenants = await twin.AddCustomersAsync(2);
        foreach (var tenant in tenants) twin.Planes.Alerts.Generate(tenant.Id, 30, seed: 5);
        using var folder = new TempDirectory();
        using var authority = new LocalAuthority(TimeProvider.System);
        using var certificate = authority.IssueForLoopback();
        var caFile = folder.File("receivers.pem", authority.CertificatePem);
        var busy = 3;
        await using var index = await ElasticsearchReceiver.StartAsync(
            new ElasticsearchReceiverOptions
            {
                Authorization = $"ApiKey {Secret}",
                Certificate = certificate,
                FailRequests = 1,
                FailItem = _ => Interlocked.Decrement(ref busy) >= 0 ? (429, "es_rejected_execution_exception") : null,
            },
            CancellationToken.None);
        await using var webhook = await WebhookReceiver.StartAsync(new WebhookReceiverOptions { Key = Secret, Certificate = certificate }, CancellationToken.None);
        var table = new AzureLogsReceiverOptions
        {
            Tenant = Guid.NewGuid(), ClientId = Guid.NewGuid(), ClientSecret = Secret, Rule = "dcr-0123456789abcdef0123456789abcdef", Stream = "Custom-BailiwickAlerts_CL", Certificate = certificate,
        };
        await using var azure = await AzureLogsReceiver.StartAsync(table, CancellationToken.None);
        var login = azure.Url.ToString();
        await using var hub = await HubFixture.StartAsync(
            twin, configure: options => options.Clouds["azure"] = new CloudOptions { Login = login, Graph = login, Defender = login, CaFile = caFile });
        await hub.AddSinkAsync("index", "elasticsearch", new { url = index.Url, dataStream = "logs-bailiwick.alert-{customer}", compress = true, caFile }, Secret);
        await hub.AddSinkAsync("hook", "webhook", new { url = webhook.Url, body = "single", caFile }, Secret);
        await hub.AddSinkAsync("sentinel", "azure-logs", new { endpoint = azure.Url, rule = table.Rule, stream = table.Stream, cloud = "azure", tenant = table.Tenant, clientId = table.ClientId, caFile }, Secret);
        await hub.ConnectAsync(await hub.AddApplicationAsync(twin), tenants, AlertSources.GraphAlerts);

        var expected = tenants.Sum(tenant => twin.Planes.Alerts.Count(tenant.Id).Graph);
        await Until.TrueAsync(() => index.Documents.Count >= expected && webhook.Records.Count >= expected && azure.Rows.Count >= expected, "all alerts at each receiver");
        var keys = index.Documents.Select(document => document.Id).ToHashSet();
        keys.Count.ShouldBe((int)expected);
        index.Documents.Select(document => document.Index).Distinct().Count().ShouldBe(2, "one data stream for each customer");
        webhook.Records.Select(record => Json(record).GetProperty("bailiwick").GetProperty("key").GetString()).ShouldBe(keys, ignoreOrder: true);
        azure.Rows.Select(row => Json(row).GetProperty("Key").GetString()).ShouldBe(keys, ignoreOrder: true);
        azure.TokensIssued.ShouldBe(1);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
