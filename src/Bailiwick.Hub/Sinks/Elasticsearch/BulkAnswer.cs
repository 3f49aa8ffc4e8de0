using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Sinks.Http;

namespace Bailiwick.Hub.Sinks.Elasticsearch;

/// <summary>
/// What the cluster said to one bulk request. Source: "Bulk index or delete documents", Elasticsearch API documentation, and "Bulk", OpenSearch documentation
/// (read 2026).
/// </summary>
/// <param name="Status">HTTP status of the whole.</param>
/// <param name="Items">One result per document in their order; null when the answer holds none.</param>
/// <param name="Type">The error type of the whole, fit to be shown; empty without one.</param>
/// <param name="RetryAfter">The wish for a pause, capped at 15 minutes.</param>
internal sealed partial record BulkAnswer(HttpStatusCode Status, IReadOnlyList<BulkItem>? Items, string Type, TimeSpan? RetryAfter)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads an answer as hostile input: bounded, strict types, never shown.</summary>
    public static async Task<BulkAnswer> ReadAsync(HttpResponseMessage response, TimeProvider time, CancellationToken cancellationToken)
    {
        var wish = Outbound.RetryAfter.Of(response.Headers.RetryAfter, time.GetUtcNow());
        using var body = await HttpContents.ReadJsonAsync(response, MaxBytes, cancellationToken);
        return body?.RootElement is { ValueKind: JsonValueKind.Object } root
            ? new BulkAnswer(response.StatusCode, ReadItems(root), TypeOf(root), wish)
            : new BulkAnswer(response.StatusCode, null, "", wish);
    }

    /// <summary>Sorts the answer.</summary>
    /// <param name="batch">The batch that was sent, from its first version on.</param>
    /// <param name="sent">How many of its versions stood in the request.</param>
    public DeliveryResult Judge(AlertBatch batch, int sent) => (int)Status switch
    {
        >= 200 and < 300 when Items?.Count == sent => JudgeItems(batch, Items),
        >= 200 and < 300 => Misconfigured($"The address answers status {(int)Status}, but not as the bulk API does."),
        400 => Misconfigured($"The cluster does not take bulk requests like this at this address (status 400{Said(Type)})."),
        _ => HttpStatuses.Judge(Status, RetryAfter, "The cluster", Type),
    };

    /// <summary>The first document that is not stored decides: those before it are delivered; those after it may be stored and will then be found by their key.</summary>
    private DeliveryResult JudgeItems(AlertBatch batch, IReadOnlyList<BulkItem> items)
    {
        for (var at = 0; at < items.Count; at++)
        {
            if (items[at].IsStored) continue;
            return at > 0 ? new DeliveryResult.DeliveredPart(at) : Judge(items[0], batch);
        }

        return DeliveryResult.Delivered.Instance;
    }

    private DeliveryResult Judge(BulkItem item, AlertBatch batch) => (item.Status, item.Type) switch
    {
        (401 or 403, "cluster_block_exception") => Misconfigured("The index takes no writes now (cluster_block_exception)."),
        (401 or 403, _) => new DeliveryResult.TryLater(DeliveryFailure.Unauthorized, RetryAfter, $"The credential may not write there (status {item.Status}{Said(item.Type)})."),
        (404, _) or (400, "index_closed_exception" or "invalid_index_name_exception" or "index_not_found_exception" or "validation_exception") =>
            Misconfigured($"The index or data stream cannot be written (status {item.Status}{Said(item.Type)})."),
        (413, _) => new DeliveryResult.Refused(DeliveryFailure.TooLarge, "The cluster says that the document is too large (status 413)."),
        (400, _) => new DeliveryResult.Refused(
            DeliveryFailure.Rejected, $"The cluster rejects log number {batch.Versions[0].LogNumber} of tenant {batch.Tenant} (status 400{Said(item.Type)})."),
        (429, _) => new DeliveryResult.TryLater(DeliveryFailure.Throttled, RetryAfter, $"The cluster asks for a pause (status 429{Said(item.Type)})."),
        _ => new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, RetryAfter, $"The cluster could not store a document (status {item.Status}{Said(item.Type)})."),
    };

    private static List<BulkItem>? ReadItems(JsonElement root)
    {
        if (!root.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array) return null;
        var read = new List<BulkItem>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("create", out var result) || result.ValueKind != JsonValueKind.Object) return null;
            if (!result.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Number || !status.TryGetInt32(out var number)) return null;
            read.Add(new BulkItem(number, TypeOf(result)));
        }

        return read;
    }

    private static string TypeOf(JsonElement holder) =>
        holder.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is { } text && TypePattern().IsMatch(text) ? text : "";

    private static string Said(string type) => type.Length == 0 ? "" : $", {type}";

    private DeliveryResult.TryLater Misconfigured(string sentence) => new(DeliveryFailure.Misconfigured, RetryAfter, sentence);

    [GeneratedRegex(@"\A[a-z_]{1,64}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex TypePattern();
}

/// <summary>The result of one document.</summary>
/// <param name="Status">Its own HTTP status.</param>
/// <param name="Type">The error type, fit to be shown; empty without one.</param>
internal readonly record struct BulkItem(int Status, string Type)
{
    /// <summary>Whether it is there: just stored, or found under the same key.</summary>
    public bool IsStored => Status is >= 200 and < 300 || (Status == 409 && Type == "version_conflict_engine_exception");
}
