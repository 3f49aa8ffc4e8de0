using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>A document that an <see cref="ElasticsearchReceiver"/> holds.</summary>
/// <param name="Index">Index or data stream.</param>
/// <param name="Id">The document's <c>_id</c>.</param>
/// <param name="Source">The document.</param>
public sealed record StoredDocument(string Index, string Id, string Source);

/// <summary>
/// A stand-in for the bulk API of Elasticsearch and OpenSearch on 127.0.0.1: actions <c>create</c> and <c>index</c>, one result per item, conflicts for an
/// <c>_id</c> that is there, data streams that take <c>create</c> alone, <c>filter_path</c> for the members asked for here, and failures on demand. Source: "Bulk index or
/// delete documents", Elasticsearch API documentation (read 2026). Judged in the tests by Elastic's own client. Thread safe; prints nothing.
/// </summary>
public sealed class ElasticsearchReceiver : IAsyncDisposable
{
    private readonly ElasticsearchReceiverOptions _options;
    private readonly Lock _gate = new();
    private readonly List<StoredDocument> _documents = [];
    private readonly HashSet<(string Index, string Id)> _ids = [];
    private readonly List<string> _targets = [];
    private ReceiverHost? _host;
    private long _made;

    private ElasticsearchReceiver(ElasticsearchReceiverOptions options) => _options = options;

    /// <summary>The address, without path, for a sink's <c>url</c>.</summary>
    public Uri Url => _host!.Url;

    /// <summary>What is stored, in the order of arrival.</summary>
    public IReadOnlyList<StoredDocument> Documents
    {
        get
        {
            lock (_gate) return [.. _documents];
        }
    }

    /// <summary>Path and query of each bulk request that came with the right credential.</summary>
    public IReadOnlyList<string> Targets
    {
        get
        {
            lock (_gate) return [.. _targets];
        }
    }

    /// <summary>Starts listening.</summary>
    public static async Task<ElasticsearchReceiver> StartAsync(ElasticsearchReceiverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var receiver = new ElasticsearchReceiver(options);
        receiver._host = await ReceiverHost.StartAsync(options.Port, options.Certificate, options.Around, receiver.AnswerAsync, cancellationToken);
        return receiver;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext context)
    {
        if (_options.IsElastic) context.Response.Headers["X-Elastic-Product"] = "Elasticsearch";
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(_options.Authorization)))
        {
            context.Response.Headers.WWWAuthenticate = "ApiKey";
            await RefuseAsync(context, 401, "security_exception", "unable to authenticate");
            return;
        }

        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path is not [.., "_bulk"] || path.Length > 2) await RefuseAsync(context, 404, "resource_not_found_exception", "no such path");
        else if (!HttpMethods.IsPost(context.Request.Method) && !HttpMethods.IsPut(context.Request.Method)) await RefuseAsync(context, 405, "method_not_allowed", "use POST or PUT");
        else await BulkAsync(context, path.Length == 2 ? path[0] : null);
    }

    private async Task BulkAsync(HttpContext context, string? index)
    {
        var mediaType = context.Request.ContentType?.Split(';')[0].Trim();
        if (mediaType is not ("application/json" or "application/x-ndjson" or "application/vnd.elasticsearch+x-ndjson" or "application/vnd.elasticsearch+json"))
        {
            await RefuseAsync(context, 406, "media_type_header_exception", "Content-Type is not supported");
            return;
        }

        var body = await ReceiverHost.ReadAsync(context);
        int failure;
        lock (_gate)
        {
            _targets.Add(context.Request.Path + context.Request.QueryString);
            failure = _options.AlwaysStatus > 0 ? _options.AlwaysStatus : _options.FailRequests > 0 ? 429 : 0;
            if (_options.FailRequests > 0) _options.FailRequests--;
        }

        if (failure > 0)
        {
            if (_options.RetryAfter is { } wish) context.Response.Headers.RetryAfter = wish;
            await RefuseAsync(context, failure, failure == 429 ? "es_rejected_execution_exception" : "injected_exception", "asked for by the test");
        }
        else if (_options.MaxBodyBytes > 0 && body.Length > _options.MaxBodyBytes)
        {
            await RefuseAsync(context, 413, "content_too_long", "request too large");
        }
        else if (TryRead(body, index, out var actions) is { } reason)
        {
            await RefuseAsync(context, 400, "illegal_argument_exception", reason);
        }
        else
        {
            await AnswerItemsAsync(context, actions);
        }
    }

    /// <summary>Reads pairs of lines; a body that breaks the format is refused whole.</summary>
    private static string? TryRead(byte[] body, string? index, out List<BulkAction> actions)
    {
        actions = [];
        if (body.Length == 0) return "request body is required";
        if (body[^1] != '\n') return "The bulk request must be terminated by a newline [\\n]";
        var lines = Encoding.UTF8.GetString(body).Split('\n')[..^1];
        for (var at = 0; at < lines.Length; at += 2)
        {
            try
            {
                using var line = JsonDocument.Parse(lines[at]);
                var action = line.RootElement.EnumerateObject().Single();
                if (action.Name is not ("create" or "index")) return $"Malformed action/metadata line [{at + 1}]";
                if (at + 1 == lines.Length || lines[at + 1].Length == 0) return "The document of the last action is missing";
                var target = action.Value.TryGetProperty("_index", out var named) ? named.GetString() : index;
                if (string.IsNullOrEmpty(target)) return "an index is required";
                var id = action.Value.TryGetProperty("_id", out var given) ? given.GetString() : null;
                if (id is { Length: 0 }) return "if _id is specified it must not be empty";
                if (id is not null && Encoding.UTF8.GetByteCount(id) > 512) return "id is too long";
                actions.Add(new BulkAction(action.Name, target, id, lines[at + 1]));
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                return $"Malformed action/metadata line [{at + 1}]";
            }
        }

        return null;
    }

    private async Task AnswerItemsAsync(HttpContext context, List<BulkAction> actions)
    {
        List<(BulkAction Action, string Id, int Status, string? Type)> results = [];
        lock (_gate)
        {
            foreach (var action in actions)
            {
                var id = action.Id ?? $"made-{_made++}";
                var (status, type) = Store(action, id);
                results.Add((action, id, status, type));
            }
        }

        var filter = context.Request.Query["filter_path"].ToString();
        await ReceiverHost.WriteAsync(context, 200, json =>
        {
            if (filter.Length == 0) json.WriteNumber("took", 1);
            json.WriteBoolean("errors", results.Exists(result => result.Type is not null));
            json.WriteStartArray("items");
            foreach (var (action, id, status, type) in results) WriteItem(json, action, id, status, type, brief: filter.Length > 0);
            json.WriteEndArray();
        });
    }

    private (int Status, string? Type) Store(BulkAction action, string id)
    {
        if (_options.FailItem?.Invoke(action.Source) is { } asked) return (asked.Status, asked.Type);
        try
        {
            using var document = JsonDocument.Parse(action.Source, new JsonDocumentOptions { MaxDepth = 1000 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) return (400, "document_parsing_exception");
            if (action.Index.StartsWith(_options.DataStreamPrefix, StringComparison.Ordinal))
            {
                if (action.Name != "create") return (400, "illegal_argument_exception");
                if (!document.RootElement.TryGetProperty("@timestamp", out _)) return (400, "document_parsing_exception");
            }
        }
        catch (JsonException)
        {
            return (400, "document_parsing_exception");
        }

        if (!_ids.Add((action.Index, id)))
        {
            if (action.Name == "create") return (409, "version_conflict_engine_exception");
            _documents.RemoveAll(document => document.Index == action.Index && document.Id == id);
            Keep(new StoredDocument(action.Index, id, action.Source));
            return (200, null);
        }

        Keep(new StoredDocument(action.Index, id, action.Source));
        return (201, null);
    }

    private void Keep(StoredDocument document)
    {
        if (_options.Took is { } took) took(document);
        else _documents.Add(document);
    }

    private static void WriteItem(Utf8JsonWriter json, BulkAction action, string id, int status, string? type, bool brief)
    {
        json.WriteStartObject();
        json.WriteStartObject(action.Name);
        if (!brief)
        {
            json.WriteString("_index", action.Index);
            json.WriteString("_id", id);
            if (type is null) json.WriteString("result", status == 201 ? "created" : "updated");
        }

        json.WriteNumber("status", status);
        if (type is not null)
        {
            json.WriteStartObject("error");
            json.WriteString("type", type);
            if (!brief) json.WriteString("reason", $"[1:1] refused; preview of the document: '{action.Source[..Math.Min(40, action.Source.Length)]}'");
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>An error of the whole request; never filtered.</summary>
    private static Task RefuseAsync(HttpContext context, int status, string type, string reason) => ReceiverHost.WriteAsync(context, status, json =>
    {
        json.WriteStartObject("error");
        json.WriteString("type", type);
        json.WriteString("reason", reason);
        json.WriteEndObject();
        json.WriteNumber("status", status);
    });

    private sealed record BulkAction(string Name, string Index, string? Id, string Source);
}
