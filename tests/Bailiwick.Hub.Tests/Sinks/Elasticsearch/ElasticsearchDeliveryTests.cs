using System.Text;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Elasticsearch;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Elasticsearch;

/// <summary>Sink and Delivery together, over a cluster that fails in every way it can.</summary>
public sealed class ElasticsearchDeliveryTests
{
    private const int Alerts = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_version_is_stored_once_and_only_the_rejected_ones_are_set_aside(int seed)
    {
        var random = new Random(seed);
        var options = new ElasticsearchReceiverOptions
        {
            Authorization = "ApiKey key",
            FailItem = document => document.Contains("poison", StringComparison.Ordinal) ? (400, "document_parsing_exception")
                : random.Next(100) < 5 ? (429, "es_rejected_execution_exception") : null,
        };
        await using var temp = await TempDatabase.CreateAsync();
        await using var receiver = await ElasticsearchReceiver.StartAsync(options, CancellationToken.None);
        await using var sink = new ElasticsearchSink(
            new ElasticsearchSettings(receiver.Url, ElasticsearchSettings.DefaultDataStream, Basic: false, Original: false, Compress: false, 100_000, CaFile: null),
            Secret.FromText("key"),
            SinkHttp.Client,
            TimeProvider.System);
        var poisoned = Enumerable.Range(0, Alerts).Where(number => number % 67 == seed).Select(number => $"poison-{number}").ToList();
        var wanted = Enumerable.Range(0, Alerts).Where(number => number % 67 != seed).Select(number => $"alert-{number}").ToList();
        var (reader, deadLetters) = await OpenAsync(temp, sink, Enumerable.Range(0, Alerts).Select(number => number % 67 == seed ? $"poison-{number}" : $"alert-{number}"));

        for (var attempt = 0; attempt < 1000 && reader.State.Waiting > 0; attempt++)
        {
            if (attempt % 5 == 1) options.FailRequests = 1;
            await reader.ServeAsync(1, CancellationToken.None);
        }

        reader.State.Waiting.ShouldBe(0);
        receiver.Documents.Select(document => SinkHttp.Json(document.Source).GetProperty("bailiwick").GetProperty("alert_id").GetString()).ShouldBe(wanted, ignoreOrder: true);
        (await deadLetters.ListAsync(null, null, "waiting", null, Alerts, CancellationToken.None)).Select(letter => letter.AlertId).ShouldBe(poisoned, ignoreOrder: true);
    }

    private static async Task<(SinkReader Reader, DeadLetters DeadLetters)> OpenAsync(TempDatabase temp, ISink sink, IEnumerable<string> ids)
    {
        var time = new ManualTime();
        var log = new AlertLog(temp.Database, time);
        var deadLetters = new DeadLetters(temp.Database);
        await log.AppendAsync(
            1,
            SampleAlerts.Tenant,
            AlertSources.GraphAlerts,
            [.. ids.Select(id => new CollectedAlert(id, time.GetUtcNow(), time.GetUtcNow(), AlertSeverity.Low, AlertStatus.New, new byte[32], Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}""")))],
            [],
            null,
            CancellationToken.None);
        var tenant = new TenantRecord(1, SampleAlerts.Tenant, SampleAlerts.Customer, SampleAlerts.CustomerName, "public", null);
        var reader = new SinkReader(
            new OpenSink("test", SinkClass.Confirmed, sink, SinkRouting.Everything),
            new DeliveryOptions(),
            log,
            new Positions(temp.Database, time),
            deadLetters,
            temp.Database,
            (_, _) => ValueTask.FromResult<TenantRecord?>(tenant),
            time,
            new DeliveryObserver(NullLogger.Instance));
        await reader.LoadAsync(CancellationToken.None);
        return (reader, deadLetters);
    }
}
