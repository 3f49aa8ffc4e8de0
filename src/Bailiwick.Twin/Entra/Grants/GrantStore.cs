using System.Security.Cryptography;
using System.Text;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra.Grants;

/// <summary>An authorization code, kept by digest until it is too old to be asked about. Source: v2-oauth2-auth-code-flow, 2025.</summary>
internal sealed record AuthorizationCode
{
    public required string Digest { get; init; }

    public required SignInRequest Request { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid HomeTenantId { get; init; }

    public required Guid HomeUserId { get; init; }

    public required DateTimeOffset AuthenticatedAt { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Family of the refresh tokens that come of it.</summary>
    public required Guid Family { get; init; }

    public bool Redeemed { get; init; }
}

/// <summary>A refresh token: bound to user and client, to no resource and no tenant. Source: refresh-tokens, 2025.</summary>
internal sealed record RefreshToken
{
    public required string Digest { get; init; }

    public required Guid Family { get; init; }

    public required Guid ClientId { get; init; }

    public required Guid HomeTenantId { get; init; }

    public required Guid HomeUserId { get; init; }

    /// <summary>Scope of the first request, for redemptions that name none.</summary>
    public required string Scope { get; init; }

    public string? Resource { get; init; }

    public required RedirectPlatform Platform { get; init; }

    public required DateTimeOffset AuthenticatedAt { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Issue of the family's first token: what the fixed life of single-page tokens counts from.</summary>
    public required DateTimeOffset FamilyIssuedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public bool Redeemed { get; init; }
}

/// <summary>State of a device code.</summary>
internal enum DeviceState
{
    Pending,
    Approved,
    Declined,
}

/// <summary>A device code that a program polls with. Source: v2-oauth2-device-code, 2025.</summary>
internal sealed record DeviceGrant
{
    public required string Digest { get; init; }

    public required string UserCode { get; init; }

    public required SignInRequest Request { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public DeviceState State { get; init; }

    public Guid TenantId { get; init; }

    public Guid HomeTenantId { get; init; }

    public Guid HomeUserId { get; init; }

    public DateTimeOffset AuthenticatedAt { get; init; }
}

/// <summary>Accounts signed in with one browser.</summary>
internal sealed record BrowserSession(string Digest, IReadOnlyList<SessionAccount> Accounts, DateTimeOffset StartedAt);

/// <summary>One account of a session.</summary>
internal sealed record SessionAccount(Guid TenantId, Guid UserId, DateTimeOffset At);

/// <summary>Everything sign-in has handed out and must recognise again, by digest only; survives a restart.</summary>
internal sealed class GrantStore(TwinStore? store, TimeProvider clock)
{
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan DeviceLifetime = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan RefreshIdle = TimeSpan.FromDays(90);
    public static readonly TimeSpan SpaRefreshLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(1);
    private int _issued;

    public StoredSet<AuthorizationCode> Codes { get; } = new(store, "code", code => code.Digest);

    public StoredSet<RefreshToken> RefreshTokens { get; } = new(store, "refresh", token => token.Digest);

    public StoredSet<DeviceGrant> Devices { get; } = new(store, "device", device => device.Digest);

    public StoredSet<BrowserSession> Sessions { get; } = new(store, "session", session => session.Digest);

    /// <summary>Families that were revoked as a whole, by strict rotation or a code used twice.</summary>
    public StoredSet<RevokedFamily> Revoked { get; } = new(store, "family", family => family.Id.ToString("N"));

    /// <summary>A new secret and the digest it is kept by.</summary>
    public (string Value, string Digest) New(string prefix)
    {
        if (Interlocked.Increment(ref _issued) % 512 == 0) Sweep();
        var value = prefix + Base64Url.Encode(RandomNumberGenerator.GetBytes(48));
        return (value, DigestOf(value));
    }

    public static string DigestOf(string value) => Base64Url.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    public void Revoke(Guid family) => Revoked.Put(new RevokedFamily(family, clock.GetUtcNow()));

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        Codes.RemoveWhere(code => now > code.IssuedAt + CodeLifetime * 3);
        Devices.RemoveWhere(device => now > device.IssuedAt + DeviceLifetime * 3);
        Sessions.RemoveWhere(session => now > session.StartedAt + SessionLifetime);
        RefreshTokens.RemoveWhere(token => now > token.LastUsedAt + RefreshIdle * 2);
        Revoked.RemoveWhere(family => now > family.At + RefreshIdle * 2);
    }
}

/// <summary>A family of refresh tokens that is void.</summary>
internal sealed record RevokedFamily(Guid Id, DateTimeOffset At);
