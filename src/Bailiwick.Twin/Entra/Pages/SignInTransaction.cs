using System.Collections.Concurrent;
using System.Security.Cryptography;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>What a sign-in is for.</summary>
internal enum SignInPurpose
{
    /// <summary>An authorization code.</summary>
    Code,

    /// <summary>An administrator's consent for a whole tenant.</summary>
    AdminConsent,

    /// <summary>Confirming a device code.</summary>
    Device,

    /// <summary>Accepting an invitation through its link.</summary>
    Redeem,
}

/// <summary>One walk through the pages, found by its <c>ctx</c>; every step replaces it under a new one.</summary>
internal sealed record SignInTransaction
{
    public required SignInPurpose Purpose { get; init; }

    public required TenantSegment Segment { get; init; }

    public required SignInRequest Request { get; init; }

    public required TwinApp App { get; init; }

    /// <summary>Digest of the device code, for <see cref="SignInPurpose.Device"/>.</summary>
    public string? DeviceDigest { get; init; }

    public TwinUser? Home { get; init; }

    public DateTimeOffset AuthenticatedAt { get; init; }

    /// <summary>True once the person agreed on a consent page of this walk.</summary>
    public bool Consented { get; init; }

    public DateTimeOffset StartedAt { get; init; }
}

/// <summary>Walks in progress. In memory only: a restart sends people back to the first page.</summary>
internal sealed class SignInTransactions(TimeProvider clock)
{
    private const int MaxOpen = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, SignInTransaction> _open = new(StringComparer.Ordinal);

    public string Open(SignInTransaction transaction)
    {
        if (_open.Count > MaxOpen) _open.Clear();
        var ctx = Base64Url.Encode(RandomNumberGenerator.GetBytes(24));
        _open[ctx] = transaction.StartedAt == default ? transaction with { StartedAt = clock.GetUtcNow() } : transaction;
        return ctx;
    }

    /// <summary>Takes a walk out; null when it is unknown or too old.</summary>
    public SignInTransaction? Take(string? ctx) =>
        ctx is not null && _open.TryRemove(ctx, out var transaction) && clock.GetUtcNow() <= transaction.StartedAt + Lifetime ? transaction : null;
}
