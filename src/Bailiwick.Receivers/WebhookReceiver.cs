using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>A request that a <see cref="WebhookReceiver"/> took.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="IdempotencyKey">Its <c>Idempotency-Key</c>.</param>
/// <param name="Signature">Its <c>Bailiwick-Signature</c>.</param>
/// <param name="Body">Its body.</param>
public sealed record WebhookRequest(string ContentType, string IdempotencyKey, string Signature, string Body);

/// <summary>
/// A receiver of webhooks on 127.0.0.1 that follows the recipe of <c>docs/sinks/webhook.md</c>: it checks signature and time and answers as it is told. Thread safe;
/// prints nothing.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);
    private readonly WebhookReceiverOptions _options;
    private readonly Lock _gate = new();
    private readonly List<WebhookRequest> _requests = [];
    private ReceiverHost? _host;

    private WebhookReceiver(WebhookReceiverOptions options) => _options = options;

    /// <summary>The address for a sink's <c>url</c>.</summary>
    public Uri Url => new(_host!.Url, "/alerts");

    /// <summary>Requests with a right signature that were taken, in order.</summary>
    public IReadOnlyList<WebhookRequest> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    /// <summary>The records of those requests, whatever stood around them.</summary>
    public IReadOnlyList<string> Records => [.. Requests.SelectMany(RecordsOf)];

    /// <summary>Starts listening.</summary>
    public static async Task<WebhookReceiver> StartAsync(WebhookReceiverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var receiver = new WebhookReceiver(options);
        receiver._host = await ReceiverHost.StartAsync(options.Port, options.Certificate, options.Around, receiver.AnswerAsync, cancellationToken);
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await ReceiverHost.ReadAsync(context);
        var headers = context.Request.Headers;
        lock (_gate)
        {
            context.Response.StatusCode = StatusOf(context.Request, body);
            if (context.Response.StatusCode == StatusCodes.Status204NoContent)
                Keep(new WebhookRequest(context.Request.ContentType!, headers["Idempotency-Key"].ToString(), headers["Bailiwick-Signature"].ToString(), Encoding.UTF8.GetString(body)));
            else if (_options.RetryAfter is { } wish) context.Response.Headers.RetryAfter = wish;
        }
    }

    private void Keep(WebhookRequest request)
    {
        if (_options.Took is not { } took)
        {
            _requests.Add(request);
            return;
        }

        foreach (var record in RecordsOf(request)) took(record);
    }

    private int StatusOf(HttpRequest request, byte[] body)
    {
        if (_options.AlwaysStatus > 0) return _options.AlwaysStatus;
        if (!HttpMethods.IsPost(request.Method)) return StatusCodes.Status405MethodNotAllowed;
        if (!IsSigned(request.Headers["Bailiwick-Signature"].ToString(), body)) return StatusCodes.Status401Unauthorized;
        if (_requests.Count >= _options.FailAfter) return StatusCodes.Status503ServiceUnavailable;
        if (_options.MaxBodyBytes > 0 && body.Length > _options.MaxBodyBytes) return StatusCodes.Status413PayloadTooLarge;
        return _options.RefuseMarker is { } marker && body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(marker)) >= 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status204NoContent;
    }

    private bool IsSigned(string header, byte[] body)
    {
        var parts = header.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToLookup(part => part[0], part => part[1]);
        if (parts["t"].SingleOrDefault() is not { } seconds || !long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at)) return false;
        if ((_options.Time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(at)).Duration() > s_tolerance) return false;
        byte[] signed = [.. Encoding.ASCII.GetBytes(seconds + "."), .. body];
        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_options.Key), signed)));
        return parts["v1"].Any(given => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(given), expected));
    }

    private static IEnumerable<string> RecordsOf(WebhookRequest request)
    {
        if (request.ContentType == "application/x-ndjson") return request.Body.Split('\n')[..^1];
        using var json = JsonDocument.Parse(request.Body);
        return json.RootElement.ValueKind == JsonValueKind.Array ? [.. json.RootElement.EnumerateArray().Select(record => record.GetRawText())] : [json.RootElement.GetRawText()];
    }
}
