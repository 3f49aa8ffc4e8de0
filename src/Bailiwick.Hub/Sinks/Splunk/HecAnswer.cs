using System.Net;
using System.Text.Json;
using Bailiwick.Hub.Sinks.Http;

namespace Bailiwick.Hub.Sinks.Splunk;

/// <summary>
/// What the collector said, with its own code. Source: "Troubleshoot HTTP Event Collector", table of status codes, and "About HTTP Event Collector
/// Indexer Acknowledgment", Splunk Enterprise documentation (read 2026).
/// </summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Splunk's code, or -1 when the answer has none.</param>
/// <param name="AckId">The acknowledgement to poll for, if acknowledgement is on.</param>
/// <param name="HasEventNumber">Whether the answer points at one event of the body.</param>
/// <param name="RetryAfter">The wish for a pause, capped at 15 minutes.</param>
internal sealed record HecAnswer(HttpStatusCode Status, int Code, long? AckId, bool HasEventNumber, TimeSpan? RetryAfter)
{
    /// <summary>The most of an answer that is read.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads an answer as hostile input: bounded, strict types, never shown.</summary>
    public static async Task<HecAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var answer = new HecAnswer(response.StatusCode, -1, null, false, Outbound.RetryAfter.Of(response.Headers.RetryAfter, time.GetUtcNow()));
        using var body = await HttpContents.ReadJsonAsync(response, MaxBytes, cancellationToken);
        if (body?.RootElement is not { ValueKind: JsonValueKind.Object } root) return answer;
        return answer with
        {
            Code = root.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var number) ? number : -1,
            AckId = root.TryGetProperty("ackId", out var ack) && ack.ValueKind == JsonValueKind.Number && ack.TryGetInt64(out var id) ? id : null,
            HasEventNumber = root.TryGetProperty("invalid-event-number", out var at) && at.ValueKind == JsonValueKind.Number,
        };
    }

    /// <summary>Sorts the answer. Null means accepted.</summary>
    public DeliveryResult? Judge() => ((int)Status, Code) switch
    {
        (>= 200 and < 300, -1 or 0) => null,
        (400, 7) => Misconfigured("The collector does not take the configured index for this token (code 7)."),
        (400, 10 or 11) => Misconfigured("The token has indexer acknowledgement on; set 'acknowledgement' to true (code 10 or 11)."),
        (400, 14) => Misconfigured("The token has indexer acknowledgement off; set 'acknowledgement' to false (code 14)."),
        (400, 5 or 6 or 12 or 13 or 15) => Rejected(),
        (400, _) when HasEventNumber => Rejected(),
        (503, _) => new DeliveryResult.TryLater(DeliveryFailure.Throttled, RetryAfter, "The collector asks for a pause (status 503)."),
        _ => HttpStatuses.Judge(Status, RetryAfter, "The collector", Code < 0 ? "" : $"code {Code}"),
    };

    private static DeliveryResult.TryLater Misconfigured(string sentence) => new(DeliveryFailure.Misconfigured, Detail: sentence);

    private DeliveryResult.Refused Rejected() => new(DeliveryFailure.Rejected, $"The collector rejects the content (status 400, code {Code}).");
}
