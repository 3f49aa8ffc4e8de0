using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Receivers;

/// <summary>How an <see cref="AzureLogsReceiver"/> behaves. What may change while it runs has a setter that is read at each request.</summary>
public sealed class AzureLogsReceiverOptions
{
    /// <summary>The tenant that tokens are issued for.</summary>
    public required Guid Tenant { get; init; }

    /// <summary>The application that may ask for tokens.</summary>
    public required Guid ClientId { get; init; }

    /// <summary>Its secret.</summary>
    public required string ClientSecret { get; init; }

    /// <summary>The immutable id of the one data collection rule.</summary>
    public required string Rule { get; init; }

    /// <summary>The one stream of that rule.</summary>
    public required string Stream { get; init; }

    /// <summary>Server certificate; sign-in and bearer tokens go over https only.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Port on 127.0.0.1; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Lifetime of tokens; one hour by default.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Larger bodies get 413, before and after unpacking; 1 MiB by default, as the service's limit.</summary>
    public int MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>A status to answer every ingestion with, taking nothing; 0 (default) for none.</summary>
    public int AlwaysStatus { get; set; }

    /// <summary>The error code on those.</summary>
    public string AlwaysCode { get; set; } = "Injected";

    /// <summary>Value of <c>Retry-After</c> on those, as it stands; null for none.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>A status to answer every token request with; 0 (default) for none.</summary>
    public int TokenStatus { get; set; }

    /// <summary>Told of each row taken, in order, instead of keeping it and its body; for runs too long to keep them.</summary>
    public Action<string>? Took { get; init; }
}
