using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Ecs;
using Bailiwick.Hub.Sinks.Http;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks.Elasticsearch;

/// <summary>
/// Writes ECS documents through the bulk API. Every document is a <c>create</c> under its version's key, so a batch that comes again finds its documents there
/// and changes nothing.
/// </summary>
public sealed class ElasticsearchSink : ISink
{
    // results without reasons: those may quote the document
    private const string Wanted = "filter_path=errors,items.*.status,items.*.error.type";

    private readonly ElasticsearchSettings _settings;
    private readonly Secret _secret;
    private readonly TimeProvider _time;
    private readonly HttpExchange _http;
    private readonly BodyShape _shape;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="secret">The API key, or user and password; owned and cleared by the sink.</param>
    /// <param name="createClient">Makes the HTTP client, at the first batch.</param>
    /// <param name="time">The clock.</param>
    public ElasticsearchSink(ElasticsearchSettings settings, Secret secret, Func<HttpClient> createClient, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _secret = secret;
        _time = time;
        _http = new HttpExchange(createClient, time);
        _shape = BodyShape.Plain(settings.MaxBodyBytes, Write);
    }

    /// <inheritdoc/>
    public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return _http.TryAsync(
            batch,
            _shape,
            async (body, count) =>
            {
                using var request = Post(batch, body);
                return (await _http.AskAsync(request, (response, stop) => BulkAnswer.ReadAsync(response, _time, stop), cancellationToken)).Judge(batch, count);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _secret.Dispose();
        return ValueTask.CompletedTask;
    }

    private HttpRequestMessage Post(AlertBatch batch, ReadOnlyMemory<byte> body)
    {
        var target = _settings.TargetFor(batch.Customer.Value, batch.Tenant.Value);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_settings.Url, $"{target}/_bulk?{Wanted}"))
        {
            Content = HttpContents.Of(body, "application/x-ndjson", _settings.Compress),
        };
        request.Headers.Authorization = _settings.Basic
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(_secret.Reveal()))
            : HttpContents.Authorization("ApiKey", _secret);
        return request;
    }

    private void Write(IBufferWriter<byte> body, AlertRecord record)
    {
        body.Write("{\"create\":{\"_id\":\""u8);
        Encoding.ASCII.GetBytes(record.Version.Key, body);
        body.Write("\"}}\n"u8);
        EcsDocument.Write(body, record, _settings.Original);
        body.Write("\n"u8);
    }
}
