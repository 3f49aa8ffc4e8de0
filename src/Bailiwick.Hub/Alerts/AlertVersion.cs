using Bailiwick.Api;

namespace Bailiwick.Hub.Alerts;

/// <summary>One state of one alert: a row of a tenant's alert log, as every reader sees it.</summary>
public sealed record AlertVersion
{
    /// <summary>The tenant whose log this is; equals the tenant that the token was issued for.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The place in the tenant's log: 1, 2, 3 … without gaps.</summary>
    public required long LogNumber { get; init; }

    /// <summary>The source's name as in <see cref="AlertSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>The alert id, byte for byte as the source gave it; opaque and case-sensitive.</summary>
    public required string AlertId { get; init; }

    /// <summary>The source's own last-update time, to 100 ns, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>SHA-256 over the canonical content; tells two states within one tick apart.</summary>
    public required ReadOnlyMemory<byte> Digest { get; init; }

    /// <summary>When the hub stored the row, UTC.</summary>
    public required DateTimeOffset CollectedAt { get; init; }

    /// <summary>The upstream JSON object exactly as received, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>True when a person asked for this delivery again.</summary>
    public bool Replayed { get; init; }

    /// <summary>The delivery key: 64 lower-case hex digits, the same for every delivery of this version to every sink.</summary>
    public string Key => AlertKey.Of(Tenant, Source, AlertId, UpdatedAt.UtcTicks, Digest.Span);
}
