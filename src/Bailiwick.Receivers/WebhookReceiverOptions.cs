using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>How a <see cref="WebhookReceiver"/> behaves. What may change while it runs has a setter that is read at each request.</summary>
public sealed class WebhookReceiverOptions
{
    /// <summary>The key of the signatures.</summary>
    public required string Key { get; init; }

    /// <summary>Port on 127.0.0.1; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Server certificate for https; null (default) speaks http.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Stands around every answer; a test stops requests in it. Null (default) for none.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Around { get; init; }

    /// <summary>The clock that signatures are compared with; they may be five minutes off.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A status to answer every request with, taking nothing; 0 (default) for none.</summary>
    public int AlwaysStatus { get; set; }

    /// <summary>Requests after the first so many are answered with 503; null (default) for none.</summary>
    public int? FailAfter { get; set; }

    /// <summary>Value of <c>Retry-After</c> on failures, as it stands; null for none.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>A body that contains this text is answered with 422; null (default) refuses none.</summary>
    public string? RefuseMarker { get; set; }

    /// <summary>Larger bodies get 413; 0 (default) takes any.</summary>
    public int MaxBodyBytes { get; set; }

    /// <summary>Told of each record taken, in order, instead of keeping its request; for runs too long to keep them.</summary>
    public Action<string>? Took { get; init; }
}
