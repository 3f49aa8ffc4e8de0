using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra.Tokens;

/// <summary>Checks bearer tokens. A token that was checked once is found again by its text, so a client that polls costs one dictionary look-up.</summary>
internal sealed class TokenReader(SigningKey key, TwinDirectory directory, TwinSwitches switches, TimeProvider clock) : ITwinTokenReader
{
    private const int MaxCached = 20_000;
    private const string Scheme = "Bearer ";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, Verified> _verified = new(StringComparer.Ordinal);

    public string? Read(string? authorization, IReadOnlyList<string> audiences, out TwinPrincipal? principal)
    {
        principal = null;
        var fault = Find(authorization, out var verified);
        if (fault is not null) return fault;
        var now = clock.GetUtcNow();
        if (now >= verified!.ExpiresAt) return "Lifetime validation failed, the token is expired.";
        if (now + Skew < verified.NotBefore) return "Lifetime validation failed, the token is not yet valid.";
        if (!audiences.Any(audience => IsFor(verified, audience))) return "Access token validation failure. Invalid audience.";
        if (switches.ImmediateConsentRevocation && IsWithdrawn(verified)) return "Access has been revoked.";
        principal = verified.Principal;
        return null;
    }

    /// <summary>The tenant of a token that was issued here, whatever else may be wrong with it.</summary>
    public Guid? TenantOf(string? authorization) => Find(authorization, out var verified) is null ? verified!.Principal.TenantId : null;

    private string? Find(string? authorization, out Verified? verified)
    {
        verified = null;
        if (string.IsNullOrEmpty(authorization)) return "Access token is empty.";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return "The authorization header is not a bearer token.";
        if (_verified.TryGetValue(authorization, out verified)) return null;
        var fault = Verify(authorization.AsSpan(Scheme.Length).Trim(), out verified);
        if (fault is not null) return fault;
        if (_verified.Count >= MaxCached) _verified.Clear();
        _verified[authorization] = verified!;
        return null;
    }

    private string? Verify(ReadOnlySpan<char> token, out Verified? verified)
    {
        verified = null;
        var first = token.IndexOf('.');
        var last = token.LastIndexOf('.');
        if (first <= 0 || last == first || token[(first + 1)..last].Contains('.')) return "CompactToken parsing failed: a token has three parts.";
        if (!Base64Url.TryDecode(token[(last + 1)..], out var signature) || !Base64Url.TryDecode(token[(first + 1)..last], out var payload) || !Base64Url.TryDecode(token[..first], out var header)) return "CompactToken parsing failed: not base64url.";
        if (!IsOurs(header)) return "Signing key is invalid.";
        if (!key.Verify(Encoding.ASCII.GetBytes(token[..last].ToString()), signature)) return "Access token validation failure. Invalid signature.";
        using var claims = JsonDocument.Parse(payload);
        verified = Verified.From(claims.RootElement, directory);
        return verified is null ? "The token is not an access token." : null;
    }

    private bool IsOurs(byte[] header)
    {
        try
        {
            using var parsed = JsonDocument.Parse(header);
            return parsed.RootElement.TryGetProperty("alg", out var algorithm) && algorithm.ValueEquals("RS256")
                && parsed.RootElement.TryGetProperty("kid", out var kid) && kid.ValueEquals(key.KeyId);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsFor(Verified verified, string audience)
    {
        var plain = audience.AsSpan().TrimEnd('/');
        if (plain.Equals(verified.Principal.Audience, StringComparison.OrdinalIgnoreCase)) return true;
        return verified.Resource is { } resource && TwinResource.FindWellKnown(audience)?.AppId == resource;
    }

    private bool IsWithdrawn(Verified verified)
    {
        var caller = verified.Principal;
        if (directory.FindServicePrincipal(caller.TenantId, caller.AppId) is not { Enabled: true }) return true;
        if (verified.Resource is not { } resource) return false;
        if (caller.IsApplication) return caller.Roles.Count > 0 && !caller.Roles.IsSubsetOf(directory.Roles(caller.TenantId, caller.AppId, resource));
        return directory.FindUser(caller.TenantId, caller.ObjectId) is not { Enabled: true }
            || !directory.Grants(caller.TenantId, caller.AppId).Any(grant => grant.HoldsFor(caller.ObjectId));
    }

    private sealed record Verified(TwinPrincipal Principal, Guid? Resource, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt)
    {
        public static Verified? From(JsonElement claims, TwinDirectory directory)
        {
            var app = Text(claims, "appid") ?? Text(claims, "azp");
            if (app is null || Text(claims, "aud") is not { } audience || Text(claims, "oid") is not { } oid || Text(claims, "tid") is not { } tid) return null;
            var resource = directory.FindResource(audience);
            var scopes = Text(claims, "scp");
            var principal = new TwinPrincipal(
                Guid.Parse(tid),
                Guid.TryParse(audience, out _) && resource is not null ? resource.Identifier : audience.TrimEnd('/'),
                Guid.Parse(app),
                Guid.Parse(oid),
                scopes is null,
                claims.TryGetProperty("roles", out var roles) ? roles.EnumerateArray().Select(role => role.GetString()!).ToHashSet(StringComparer.Ordinal) : new HashSet<string>(),
                scopes is null ? new HashSet<string>() : scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal),
                scopes is null ? null : Text(claims, "upn") ?? Text(claims, "unique_name") ?? Text(claims, "preferred_username"));
            return new Verified(principal, resource?.AppId, DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("nbf").GetInt64()), DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty("exp").GetInt64()));
        }

        private static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) ? value.GetString() : null;
    }
}
