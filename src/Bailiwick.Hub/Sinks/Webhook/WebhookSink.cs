using System.Buffers;
using System.Security.Cryptography;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Sinks.Http;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks.Webhook;

/// <summary>
/// Posts records as JSON, signed, to any HTTP receiver. The same body always has the same <c>Idempotency-Key</c>; time and signature are those of the attempt.
/// </summary>
public sealed class WebhookSink : ISink
{
    /// <summary>The fewest bytes a signature's key may have.</summary>
    public const int LeastKeyBytes = 16;

    /// <summary>How long one attempt goes on sending single records before it says how far it came.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    private readonly WebhookSettings _settings;
    private readonly Secret _key;
    private readonly TimeProvider _time;
    private readonly HttpExchange _http;
    private readonly BodyShape _shape;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="key">The key of the signature; owned and cleared by the sink.</param>
    /// <param name="createClient">Makes the HTTP client, at the first batch.</param>
    /// <param name="time">The clock.</param>
    public WebhookSink(WebhookSettings settings, Secret key, Func<HttpClient> createClient, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _key = key;
        _time = time;
        _http = new HttpExchange(createClient, time);
        _shape = settings.Body == WebhookBody.Array ? BodyShape.Array(settings.MaxBodyBytes, Write) : BodyShape.Plain(settings.MaxBodyBytes, Write);
    }

    /// <inheritdoc/>
    public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        if (_key.Reveal().Length < LeastKeyBytes)
            return Task.FromResult<DeliveryResult>(new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: $"The sink's secret signs the requests and has less than {LeastKeyBytes} bytes; add the sink again with a longer one."));
        return _settings.Body == WebhookBody.Single
            ? _http.TryAsync(body => SendEachAsync(batch, body, cancellationToken), cancellationToken)
            : _http.TryAsync(batch, _shape, (body, _) => PostAsync(body, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _key.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> SendEachAsync(AlertBatch batch, ArrayBufferWriter<byte> body, CancellationToken cancellationToken)
    {
        if (Fill(batch, body, out var ends) is { } refused) return refused;
        var started = _time.GetTimestamp();
        var sent = 0;
        try
        {
            for (; sent < ends.Count && (sent == 0 || _time.GetElapsedTime(started) < Turn); sent++)
            {
                var record = body.WrittenMemory[(sent == 0 ? 0 : ends[sent - 1])..ends[sent]].ToArray(); // a request that breaks may still be reading its body
                var result = await PostAsync(record, cancellationToken);
                if (result is not DeliveryResult.Delivered) return sent == 0 ? result : new DeliveryResult.DeliveredPart(sent);
            }
        }
        catch (Exception exception) when (sent > 0 && SinkFailures.OfConnection(exception) is not null)
        {
            // The receiver has those before; whatever broke, or the caller's stop, is met again with the record it is about.
            return new DeliveryResult.DeliveredPart(sent);
        }

        return sent < batch.Versions.Count ? new DeliveryResult.DeliveredPart(sent) : DeliveryResult.Delivered.Instance;
    }

    /// <summary>Writes records one after the other, up to the first that is too large for a request.</summary>
    private DeliveryResult.Refused? Fill(AlertBatch batch, ArrayBufferWriter<byte> body, out List<int> ends)
    {
        ends = new List<int>(batch.Versions.Count);
        foreach (var version in batch.Versions)
        {
            var before = body.WrittenCount;
            try
            {
                Write(body, new AlertRecord(version, batch.Customer, batch.CustomerName));
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            var bytes = body.WrittenCount - before;
            if (bytes > _settings.MaxBodyBytes) return ends.Count == 0 ? BodyShape.TooLarge(version, bytes, _settings.MaxBodyBytes) : null;
            ends.Add(body.WrittenCount);
        }

        return null;
    }

    private async Task<DeliveryResult> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Url)
        {
            Content = HttpContents.Of(body, _settings.Body == WebhookBody.Lines ? "application/x-ndjson" : "application/json"),
        };
        request.Headers.Add("Idempotency-Key", Convert.ToHexStringLower(SHA256.HashData(body.Span)));
        request.Headers.Add(WebhookSignature.Header, WebhookSignature.Of(_key.Reveal(), _time.GetUtcNow(), body.Span));
        return await _http.AskAsync(request, (response, _) => Task.FromResult(Judge(response)), cancellationToken);
    }

    private void Write(IBufferWriter<byte> body, AlertRecord record)
    {
        _settings.Format.Write(body, record);
        if (_settings.Body == WebhookBody.Lines) body.Write("\n"u8);
    }

    /// <summary>Sorts the answer. The body is not read.</summary>
    private DeliveryResult Judge(HttpResponseMessage response) => (int)response.StatusCode switch
    {
        >= 200 and < 300 => DeliveryResult.Delivered.Instance,
        400 or 422 => new DeliveryResult.Refused(DeliveryFailure.Rejected, $"The receiver rejects the content (status {(int)response.StatusCode})."),
        _ => HttpStatuses.Judge(response.StatusCode, Outbound.RetryAfter.Of(response.Headers.RetryAfter, _time.GetUtcNow()), "The receiver"),
    };
}
