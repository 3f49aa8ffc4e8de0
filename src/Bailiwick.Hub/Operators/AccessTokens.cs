using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Operators;

/// <summary>
/// Access tokens for clients that speak OAuth: opaque to them, an API key's id and an expiry under a keyed hash to the hub. Good only at the compatible
/// endpoints and only for reading alerts; the key itself is looked up at every request, so a revoked one ends its tokens at once. Thread safe.
/// </summary>
public sealed class AccessTokens(ApiKeyStore keys, VaultKeyring keyring, TimeProvider time)
{
    /// <summary>What every token begins with, so that scanners find a leaked one.</summary>
    public const string Prefix = "bwt_";

    /// <summary>Where tokens are good.</summary>
    public const string Root = "/compat";

    /// <summary>How long a token lives.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private const string Use = "compat-access-token";
    private const int BodyBytes = 16 + 8;
    private const int TokenBytes = BodyBytes + HMACSHA256.HashSizeInBytes;

    /// <summary>Makes a token for a key that was just proved.</summary>
    /// <param name="key">The key's principal.</param>
    /// <returns>The token and when it ends.</returns>
    public (string Text, DateTimeOffset ExpiresAt) Issue(Principal key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var expires = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()) + Life;
        var token = new byte[TokenBytes];
        Guid.ParseExact(key.Actor.Id, "D").TryWriteBytes(token, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(16), expires.ToUnixTimeSeconds());
        HMACSHA256.HashData(keyring.Derive(Use), token.AsSpan(0, BodyBytes), token.AsSpan(BodyBytes));
        return (Prefix + Base64Url.EncodeToString(token), expires);
    }

    /// <summary>Whom a presented token speaks for; null when it is none of ours, over, or its key is no longer good.</summary>
    public async Task<Principal?> AuthenticateAsync(string presented, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(presented);
        if (!presented.StartsWith(Prefix, StringComparison.Ordinal) || presented.Length != Prefix.Length + Base64Url.GetEncodedLength(TokenBytes)) return null;
        var token = new byte[TokenBytes];
        if (!Base64Url.TryDecodeFromChars(presented.AsSpan(Prefix.Length), token, out var length) || length != TokenBytes) return null;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keyring.Derive(Use), token.AsSpan(0, BodyBytes), hash);
        if (!CryptographicOperations.FixedTimeEquals(hash, token.AsSpan(BodyBytes))) return null;
        if (BinaryPrimitives.ReadInt64BigEndian(token.AsSpan(16)) <= time.GetUtcNow().ToUnixTimeSeconds()) return null;
        var key = await keys.FindAsync(new Guid(token.AsSpan(0, 16), bigEndian: true), cancellationToken);
        return key is null ? null : key with { Only = key.Only is { } only && !only.Contains(HubAction.AlertsRead) ? new HashSet<HubAction>() : new HashSet<HubAction> { HubAction.AlertsRead } };
    }
}
