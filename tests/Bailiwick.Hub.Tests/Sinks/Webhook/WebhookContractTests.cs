using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Webhook;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing.Contracts;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Webhook;

/// <summary>One record per request.</summary>
public sealed class SingleWebhookTests() : WebhookContract(WebhookBody.Single);

/// <summary>JSON arrays.</summary>
public sealed class ArrayWebhookTests() : WebhookContract(WebhookBody.Array);

/// <summary>JSON lines.</summary>
public sealed class LinesWebhookTests() : WebhookContract(WebhookBody.Lines);

/// <summary>What every sink promises, in each form a request has.</summary>
public abstract class WebhookContract(WebhookBody body) : SinkContract, IAsyncLifetime
{
    private WebhookReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync(new WebhookReceiverOptions { Key = WebhookSinkTests.Key }, CancellationToken.None);

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    protected override Task<ISink> StartAsync() => Task.FromResult(Sink());

    protected override async Task<ISink> StartWithoutReceiverAsync()
    {
        await _receiver.DisposeAsync();
        return Sink();
    }

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override Task<IReadOnlyList<long>> ReceivedAsync(int expected) => Task.FromResult<IReadOnlyList<long>>(
        [.. _receiver.Records.Select(record => SinkHttp.Json(record).GetProperty("bailiwick").GetProperty("log_number").GetInt64())]);

    protected override Task<IReadOnlyList<string>> RecordsAsync(int expected) => Task.FromResult(_receiver.Records);

    private ISink Sink() => new WebhookSink(
        new WebhookSettings(_receiver.Url, AlertFormats.Ecs, body, 1_000_000, CaFile: null), Secret.FromText(WebhookSinkTests.Key), SinkHttp.Client, TimeProvider.System);
}
