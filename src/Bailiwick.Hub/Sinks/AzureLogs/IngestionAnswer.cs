using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Sinks.Http;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>What the logs ingestion API said. Source: "Logs Ingestion API in Azure Monitor" and "Service limits", Azure Monitor documentation (read 2026).</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The error's code, fit to be shown; empty without one.</param>
/// <param name="RetryAfter">The wish for a pause, capped at 15 minutes.</param>
internal sealed partial record IngestionAnswer(HttpStatusCode Status, string Code, TimeSpan? RetryAfter)
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads an answer as hostile input: bounded, strict types; messages are not read, they may quote what was sent.</summary>
    public static async Task<IngestionAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var wish = Outbound.RetryAfter.Of(response.Headers.RetryAfter, time.GetUtcNow());
        if (response.IsSuccessStatusCode) return new IngestionAnswer(response.StatusCode, "", wish);
        using var body = await HttpContents.ReadJsonAsync(response, MaxBytes, cancellationToken);
        return new IngestionAnswer(response.StatusCode, body is null ? "" : CodeOf(body.RootElement), wish);
    }

    /// <summary>Sorts the answer.</summary>
    public DeliveryResult Judge() => (int)Status switch
    {
        >= 200 and < 300 => DeliveryResult.Delivered.Instance,
        400 when IsAboutContent() => new DeliveryResult.Refused(DeliveryFailure.Rejected, $"Azure Monitor rejects the content (status 400, {Code})."),
        400 => new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, RetryAfter, $"Rule or stream is wrong (status 400{(Code.Length == 0 ? "" : $", {Code}")})."),
        _ => HttpStatuses.Judge(Status, RetryAfter, "Azure Monitor", Code),
    };

    /// <summary>A 400 is about the stream or the rule unless its code names the payload: this sink sends nothing but JSON that its serializer made.</summary>
    private bool IsAboutContent() =>
        Code.Contains("Payload", StringComparison.OrdinalIgnoreCase) || Code.Contains("Record", StringComparison.OrdinalIgnoreCase) || Code.Contains("Json", StringComparison.OrdinalIgnoreCase);

    private static string CodeOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String && code.GetString() is { } text && CodePattern().IsMatch(text) ? text : "";

    [GeneratedRegex(@"\A[A-Za-z]{1,64}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex CodePattern();
}
