using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>How a <see cref="HecReceiver"/> behaves. What may change while it runs has a setter that is read at each request.</summary>
public sealed class HecReceiverOptions
{
    /// <summary>The token it wants after <c>Splunk </c> in <c>Authorization</c>.</summary>
    public required string Token { get; init; }

    /// <summary>Port on 127.0.0.1; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Server certificate for https; null (default) speaks http.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Stands around every answer; a test stops requests in it. Null (default) for none.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Around { get; init; }

    /// <summary>Indexer acknowledgement; off by default.</summary>
    public bool Acknowledgement { get; init; }

    /// <summary>File that receives each accepted event envelope as one line, flushed to disk before the answer; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Whether accepted envelopes are also kept in memory for <see cref="HecReceiver.Events"/>; off by default.</summary>
    public bool KeepEvents { get; init; }

    /// <summary>Told of each envelope taken, in order; for runs too long to keep them.</summary>
    public Action<ReadOnlyMemory<byte>>? Took { get; init; }

    /// <summary>Seed of the failures below; 1 by default.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Share of posts answered with 503 and nothing taken, 0 to 100.</summary>
    public int FailPercent { get; set; }

    /// <summary>Value of <c>Retry-After</c> on those, as it stands; null for none.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>A body that contains this text is refused whole with 400 and the number of the event; null (default) refuses none.</summary>
    public string? RefuseMarker { get; set; }

    /// <summary>Larger bodies get 413; 0 (default) takes any.</summary>
    public int MaxBodyBytes { get; set; }

    /// <summary>True takes events but never confirms them.</summary>
    public bool LoseAcks { get; set; }

    /// <summary>A status to answer every post with, taking nothing; 0 (default) for none.</summary>
    public int AlwaysStatus { get; set; }
}
