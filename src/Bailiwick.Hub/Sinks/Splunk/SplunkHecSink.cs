using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Hec;
using Bailiwick.Hub.Sinks.Http;
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
    private readonly SplunkHecSettings _settings;
    private readonly Secret _token;
    private readonly HttpExchange _http;
    private readonly BodyShape _shape;
    private readonly TimeProvider _time;
    private readonly string _channel = Guid.NewGuid().ToString("D");
    private readonly Uri _ackUrl;

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
        _http = new HttpExchange(createClient, time);
        _shape = BodyShape.Plain(settings.MaxBodyBytes, (body, record) => HecEnvelope.Write(body, record, settings.Metadata));
        _time = time;
        _ackUrl = new Uri(settings.Url, $"/services/collector/ack?channel={_channel}");
    }

    /// <inheritdoc/>
    public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return _http.TryAsync(batch, _shape, (body, _) => SendAsync(body, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _token.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var request = Post(_settings.Url, HttpContents.Of(body, "application/json", _settings.Compress));
        var answer = await _http.AskAsync(request, (response, stop) => HecAnswer.ReadAsync(response, _time, stop), cancellationToken);
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
                using var request = Post(_ackUrl, content);
                using var response = await _http.SendAsync(request, either.Token);
                if ((int)response.StatusCode is 400 or 401 or 403 or 404)
                {
                    var answer = await HecAnswer.ReadAsync(response, _time, either.Token);
                    return answer.Judge() as DeliveryResult.TryLater ?? new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, Detail: "The collector does not answer about acknowledgements.");
                }

                if (!response.IsSuccessStatusCode) continue;
                using var body = await HttpContents.ReadJsonAsync(response, HecAnswer.MaxBytes, either.Token);
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

    private HttpRequestMessage Post(Uri url, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Authorization = HttpContents.Authorization("Splunk", _token);
        request.Headers.Add("X-Splunk-Request-Channel", _channel);
        return request;
    }
}
