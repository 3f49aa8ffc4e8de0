using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bailiwick.Hub.Tokens;

/// <summary>What a check of an id token found.</summary>
internal abstract record IdTokenVerdict
{
    private IdTokenVerdict()
    {
    }

    /// <summary>The token is the tenant's, for us, for this sign-in.</summary>
    /// <param name="ObjectId">The person's <c>oid</c> in the tenant.</param>
    public sealed record Valid(string ObjectId) : IdTokenVerdict;

    /// <summary>It is not.</summary>
    /// <param name="Reason">A fixed word for audit and people.</param>
    public sealed record Invalid(string Reason) : IdTokenVerdict;
}

/// <summary>
/// Checks v2 id tokens as a relying party must, whatever the sign-in library already believed. Sources: id-token-claims-reference (2025),
/// signing-key-rollover (2024), OpenID Connect Core 1.0 section 3.1.3.7.
/// </summary>
internal sealed class IdTokenValidator(TimeProvider time)
{
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(2);

    /// <param name="idToken">As the token endpoint gave it.</param>
    /// <param name="jwks">The key document of the tenant's own, pinned address. Keys named in the token itself are never looked at.</param>
    /// <param name="signIn">The tenant it must come from.</param>
    /// <param name="clientId">Us: the only audience.</param>
    /// <param name="nonce">What this sign-in sent.</param>
    public async Task<IdTokenVerdict> ValidateAsync(string idToken, string jwks, TenantSignIn signIn, Guid clientId, string nonce)
    {
        var handler = new JsonWebTokenHandler { MapInboundClaims = false };
        if (!handler.CanReadToken(idToken)) return new IdTokenVerdict.Invalid("malformed");
        JsonWebToken unverified;
        try
        {
            unverified = handler.ReadJsonWebToken(idToken);
        }
        catch (ArgumentException)
        {
            return new IdTokenVerdict.Invalid("malformed");
        }

        if (unverified.Alg != SecurityAlgorithms.RsaSha256) return new IdTokenVerdict.Invalid("algorithm");
        if (FindKey(jwks, unverified.Kid, signIn) is not { } key) return new IdTokenVerdict.Invalid("key");
        var client = clientId.ToString("D");
        var result = await handler.ValidateTokenAsync(
            idToken,
            new TokenValidationParameters
            {
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                IssuerSigningKey = key,
                TryAllIssuerSigningKeys = false,
                RequireSignedTokens = true,
                ValidateIssuerSigningKey = true,
                ValidIssuer = signIn.Issuer,
                ValidAudience = client,
                RequireAudience = true,
                RequireExpirationTime = true,
                LifetimeValidator = IsInTime,
            });
        if (!result.IsValid) return new IdTokenVerdict.Invalid(ReasonOf(result.Exception));
        return CheckClaims((JsonWebToken)result.SecurityToken, signIn, client, nonce);
    }

    private static string ReasonOf(Exception exception) => exception switch
    {
        SecurityTokenInvalidIssuerException => "issuer",
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException or SecurityTokenNotYetValidException => "lifetime",
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException => "signature",
        _ => "invalid",
    };

    private IdTokenVerdict CheckClaims(JsonWebToken token, TenantSignIn signIn, string client, string nonce)
    {
        if (token.Audiences.Count() != 1) return new IdTokenVerdict.Invalid("audience");
        if (token.TryGetPayloadValue<string>("azp", out var azp) && azp != client) return new IdTokenVerdict.Invalid("azp");
        if (!token.TryGetPayloadValue<long>("iat", out var issued) || DateTimeOffset.FromUnixTimeSeconds(issued) > time.GetUtcNow() + s_skew) return new IdTokenVerdict.Invalid("lifetime");
        if (Single(token, "nonce") is not { } answered || !SameText(answered, nonce)) return new IdTokenVerdict.Invalid("nonce");
        if (Single(token, "tid") is not { } tid || !Guid.TryParseExact(tid, "D", out var tenant) || tenant != signIn.Tenant.Value) return new IdTokenVerdict.Invalid("tenant");
        return Single(token, "oid") is { Length: > 0 } oid ? new IdTokenVerdict.Valid(oid) : new IdTokenVerdict.Invalid("oid");
    }

    /// <summary>The claim when it stands there exactly once, as text.</summary>
    private static string? Single(JsonWebToken token, string name)
    {
        var claims = token.Claims.Where(claim => claim.Type == name).Take(2).ToList();
        return claims.Count == 1 ? claims[0].Value : null;
    }

    private static bool SameText(string left, string right) =>
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    /// <summary>The one RSA key of that id whose own issuer, when it names one, is this tenant's.</summary>
    private static JsonWebKey? FindKey(string jwks, string? kid, TenantSignIn signIn)
    {
        if (string.IsNullOrEmpty(kid)) return null;
        try
        {
            var matches = new JsonWebKeySet(jwks).Keys.Where(key => key.Kid == kid && key.Kty == "RSA" && (key.Use is null or "" or "sig")).Take(2).ToList();
            if (matches.Count != 1) return null;
            return matches[0].AdditionalData.TryGetValue("issuer", out var issuer)
                && Convert.ToString(issuer, CultureInfo.InvariantCulture)?.Replace("{tenantid}", signIn.Tenant.ToString(), StringComparison.Ordinal) != signIn.Issuer
                ? null
                : matches[0];
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            return null;
        }
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && end > now - s_skew && (notBefore is not { } start || start < now + s_skew);
    }
}
