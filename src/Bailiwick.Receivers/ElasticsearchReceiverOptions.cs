using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>How an <see cref="ElasticsearchReceiver"/> behaves. What may change while it runs has a setter that is read at each request.</summary>
public sealed class ElasticsearchReceiverOptions
{
    /// <summary>The whole value it wants in <c>Authorization</c>, for example <c>ApiKey …</c> or <c>Basic …</c>.</summary>
    public required string Authorization { get; init; }

    /// <summary>Port on 127.0.0.1; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Server certificate for https; null (default) speaks http.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Stands around every answer; a test stops requests in it. Null (default) for none.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Around { get; init; }

    /// <summary>False leaves out the header <c>X-Elastic-Product</c>, as OpenSearch does; true by default.</summary>
    public bool IsElastic { get; init; } = true;

    /// <summary>Names that begin so are data streams: they take <c>create</c> alone and want <c>@timestamp</c>. <c>logs-</c> by default, as the template that Elasticsearch comes with.</summary>
    public string DataStreamPrefix { get; init; } = "logs-";

    /// <summary>Larger requests get 413; 0 (default) takes any.</summary>
    public int MaxBodyBytes { get; set; }

    /// <summary>A status to answer every request with, taking nothing; 0 (default) for none.</summary>
    public int AlwaysStatus { get; set; }

    /// <summary>The next so many bulk requests are answered with 429, taking nothing.</summary>
    public int FailRequests { get; set; }

    /// <summary>Value of <c>Retry-After</c> on those, as it stands; null for none.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>Answers single documents with a failure: gets the document's text, returns status and error type, or null to store it.</summary>
    public Func<string, (int Status, string Type)?>? FailItem { get; set; }

    /// <summary>Told of each document stored, in order, instead of keeping it; for runs too long to keep them.</summary>
    public Action<StoredDocument>? Took { get; init; }
}
