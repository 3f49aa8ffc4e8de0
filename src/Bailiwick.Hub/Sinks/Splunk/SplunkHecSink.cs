using System.Buffers;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Hec;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks.Splunk;

/// <summary>
/// Posts batches to Splunk's HTTP event collector. With acknowledgement a batch counts as delivered only once the indexers confirm it: the 200 before means
/// no more than "received". Without an acknowledgement after two minutes the answer is "try later", and Delivery sends the same bytes again.
/// </summary>
public sealed class SplunkHecSink : ISink
{
    /// <summary>How long an acknowledgement is waited for.</summary>
    public static readonly TimeSpan AckPatience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_firstPoll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_slowestPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_postTimeout = TimeSpan.FromSeconds(30);
    private readonly SplunkHecSettings _settings;
    private readonly Secret _token;
    private readonly Func<HttpClient> _createClient;
    private readonly TimeProvider _time;
    private readonly string _channel = Guid.NewGuid().ToString("D");
    private readonly Uri _ackUrl;
    private readonly System.Collections.Concurrent.ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private HttpClient? _client;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="token">The HEC token; owned and cleared by the sink.</param>
    /// <param name="createClient">Makes the HTTP client, at the first batch.</param>
    /// <param name="time">The clock.</param>
    public SplunkHecSink(SplunkHecSettings settings, Secret token, Func<HttpClient> createClient, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _token = token;
        _createClient = createClient;
        _time = time;
        _ackUrl = new Uri(settings.Url, $"/services/collector/ack?channel={_channel}");
    }

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        var body = _buffers.TryTake(out var spare) ? spare : new ArrayBufferWriter<byte>(256 * 1024);
        try
        {
            if (Encode(batch, body, out var encoded) is { } refused) return refused;
            var result = await SendAsync(body.WrittenMemory, cancellationToken);
            return result is DeliveryResult.Delivered && encoded < batch.Versions.Count ? new DeliveryResult.DeliveredPart(encoded) : result;
        }
        catch (UnusableCaFileException exception)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: exception.Message);
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            && SinkFailures.OfConnection(exception) is not null)
        {
            return SinkFailures.OfConnection(exception)!;
        }
        finally
        {
            body.ResetWrittenCount();
            if (body.Capacity <= 4 << 20) _buffers.Add(body);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _token.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        HecAnswer answer;
        using (var timeout = new CancellationTokenSource(s_postTimeout, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken))
        {
            using var response = await PostAsync(_settings.Url, Content(body), either.Token);
            answer = await HecAnswer.ReadAsync(response, _time, either.Token);
        }

        if (answer.Judge() is { } failure) return failure;
        if (!_settings.Acknowledgement) return DeliveryResult.Delivered.Instance;
        if (answer.AckId is not { } ackId)
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: "The collector gave no ackId; indexer acknowledgement is off for this token.");
        return await WaitForAckAsync(ackId, cancellationToken);
    }

    private async Task<DeliveryResult> WaitForAckAsync(long ackId, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AckPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var pause = s_firstPoll;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _time, either.Token);
                pause = pause * 2 > s_slowestPoll ? s_slowestPoll : pause * 2;
                using var content = new StringContent($$"""{"acks":[{{ackId}}]}""", Encoding.UTF8, "application/json");
                using var response = await PostAsync(_ackUrl, content, either.Token);
                if ((int)response.StatusCode is 400 or 401 or 403 or 404)
                {
                    var answer = await HecAnswer.ReadAsync(response, _time, either.Token);
                    return answer.Judge() as DeliveryResult.TryLater ?? new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, Detail: "The collector does not answer about acknowledgements.");
                }

                if (!response.IsSuccessStatusCode) continue;
                using var body = await HecAnswer.ReadBodyAsync(response, either.Token);
                if (IsAcknowledged(body, ackId)) return DeliveryResult.Delivered.Instance;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && patience.IsCancellationRequested)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.TimedOut, Detail: "The indexers did not acknowledge within two minutes.");
        }
    }

    private static bool IsAcknowledged(JsonDocument? body, long ackId) =>
        body?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("acks", out var acks) && acks.ValueKind == JsonValueKind.Object
        && acks.TryGetProperty(ackId.ToString(System.Globalization.CultureInfo.InvariantCulture), out var state) && state.ValueKind == JsonValueKind.True;

    private async Task<HttpResponseMessage> PostAsync(Uri url, HttpContent content, CancellationToken cancellationToken)
    {
        var client = LazyInitializer.EnsureInitialized(ref _client, _createClient);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Splunk", _token.RevealText());
        request.Headers.Add("X-Splunk-Request-Channel", _channel);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private HttpContent Content(ReadOnlyMemory<byte> body)
    {
        HttpContent content;
        if (_settings.Compress)
        {
            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body.Span);
            packed.Position = 0;
            content = new StreamContent(packed);
            content.Headers.ContentEncoding.Add("gzip");
        }
        else
        {
            content = new ReadOnlyMemoryContent(body);
        }

        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>Writes as many versions as one body may hold.</summary>
    private DeliveryResult.Refused? Encode(AlertBatch batch, ArrayBufferWriter<byte> body, out int encoded)
    {
        encoded = 0;
        foreach (var version in batch.Versions)
        {
            var before = body.WrittenCount;
            try
            {
                HecEnvelope.Write(body, new AlertRecord(version, batch.Customer, batch.CustomerName), _settings.Metadata);
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            if (body.WrittenCount > _settings.MaxBodyBytes)
            {
                if (encoded == 0) return TooLarge(version, body.WrittenCount);
                body.ResetWrittenCount();
                body.Advance(before);
                return null;
            }

            encoded++;
        }

        return null;
    }

    private DeliveryResult.Refused TooLarge(AlertVersion version, int bytes) => new(
        DeliveryFailure.TooLarge, $"Log number {version.LogNumber} of tenant {version.Tenant} needs {bytes} bytes; maxBodyBytes is {_settings.MaxBodyBytes}.");
}
