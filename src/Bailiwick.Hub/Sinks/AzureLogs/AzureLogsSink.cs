using System.Net.Http.Headers;
using Bailiwick.Hub.Sinks.Http;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>Sends rows to a stream of a data collection rule, with a token of the provider's own application.</summary>
public sealed class AzureLogsSink : ISink
{
    private static readonly TimeSpan s_afterRefusal = TimeSpan.FromMinutes(1);
    private readonly AzureLogsSettings _settings;
    private readonly AzureLogsTokens _tokens;
    private readonly TimeProvider _time;
    private readonly HttpExchange _http;
    private readonly BodyShape _shape;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="tokens">Where tokens come from; owned by the sink.</param>
    /// <param name="createClient">Makes the HTTP client, at the first batch.</param>
    /// <param name="time">The clock.</param>
    internal AzureLogsSink(AzureLogsSettings settings, AzureLogsTokens tokens, Func<HttpClient> createClient, TimeProvider time)
    {
        _settings = settings;
        _tokens = tokens;
        _time = time;
        _http = new HttpExchange(createClient, time);
        _shape = BodyShape.Array(settings.MaxBodyBytes, (body, record) => AzureLogsRecord.Write(body, record, settings.Format));
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
        _tokens.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var token = await _tokens.GetAsync(cancellationToken);
        if (token is not TokenResult.Acquired acquired) return OfToken(token);
        using var request = new HttpRequestMessage(HttpMethod.Post, _settings.Address) { Content = HttpContents.Of(body, "application/json", _settings.Compress) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", acquired.AccessToken);
        var answer = await _http.AskAsync(request, (response, stop) => IngestionAnswer.ReadAsync(response, _time, stop), cancellationToken);
        if (answer.Status == System.Net.HttpStatusCode.Unauthorized) _tokens.Forget(acquired);
        return answer.Judge();
    }

    private static DeliveryResult.TryLater OfToken(TokenResult token) => token switch
    {
        TokenResult.TryLater later => new(DeliveryFailure.Unreachable, later.After, later.Detail),
        TokenResult.Refused { Error: "unknown_cloud" or "outbound_refused" } refused => new(DeliveryFailure.Misconfigured, s_afterRefusal, refused.Detail),
        TokenResult.Refused refused => new(
            DeliveryFailure.Unauthorized,
            s_afterRefusal,
            $"The sign-in service gives the application no token for Azure Monitor{TokenErrors.CodeIn(refused.Detail)}: check tenant, clientId and the sink's secret, which may have run out."),
        _ => throw new InvalidOperationException($"Unknown token result {token.GetType().Name}."),
    };
}
