using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Receivers;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Bench;

/// <summary>An index in this process that notes when it had told the hub that it holds an alert: the bulk answer sent to its end.</summary>
internal sealed class AcknowledgingIndex : IAsyncDisposable
{
    private const string Key = "key-of-the-benchmark";
    private readonly AsyncLocal<List<(Guid, string)>> _stored = new();
    private readonly ConcurrentDictionary<(Guid Tenant, string AlertId), DateTimeOffset> _acknowledged = new();
    private ElasticsearchReceiver? _receiver;

    /// <summary>Alerts acknowledged so far.</summary>
    public int Count => _acknowledged.Count;

    public static async Task<AcknowledgingIndex> StartAsync()
    {
        var index = new AcknowledgingIndex();
        index._receiver = await ElasticsearchReceiver.StartAsync(
            new ElasticsearchReceiverOptions { Authorization = $"ApiKey {Key}", Took = index.Note, Around = index.AroundAsync }, CancellationToken.None);
        return index;
    }

    public Task AddToAsync(BailiwickClient hub) =>
        hub.AddSinkAsync(new NewSink("index", "elasticsearch", JsonSerializer.SerializeToElement(new { url = _receiver!.Url }), Key), CancellationToken.None);

    /// <summary>When the first version of an alert was acknowledged.</summary>
    public DateTimeOffset At(Guid tenant, string alertId) => _acknowledged[(tenant, alertId)];

    public async Task WaitAsync(int count)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); Count < count;)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(5)) throw new TimeoutException($"{Count} of {count} alerts acknowledged after 5 minutes.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => _receiver!.DisposeAsync();

    private async Task AroundAsync(HttpContext context, RequestDelegate next)
    {
        _stored.Value = [];
        await next(context);
        await context.Response.CompleteAsync();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var alert in _stored.Value) _acknowledged.TryAdd(alert, now);
    }

    private void Note(StoredDocument document)
    {
        using var json = JsonDocument.Parse(document.Source);
        var own = json.RootElement.GetProperty("bailiwick");
        _stored.Value!.Add((Guid.Parse(own.GetProperty("tenant_id").GetString()!, CultureInfo.InvariantCulture), own.GetProperty("alert_id").GetString()!));
    }
}
