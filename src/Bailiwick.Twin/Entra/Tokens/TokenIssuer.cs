using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Tokens;

/// <summary>How the client proved itself; the value of <c>appidacr</c>.</summary>
internal enum ClientProof
{
    None = 0,
    Secret = 1,
    Certificate = 2,
}

/// <summary>A person in one tenant: the object there, and the one at home that authenticated.</summary>
internal sealed record SignedInUser(TwinUser Presence, TwinUser Home, DateTimeOffset At);

/// <summary>An access token with its lifetime.</summary>
internal sealed record IssuedToken(string Value, DateTimeOffset NotBefore, DateTimeOffset ExpiresAt, int Seconds);

/// <summary>What an access token is about.</summary>
internal sealed record AccessTokenRequest
{
    public required Guid Tenant { get; init; }

    public required TwinResource Resource { get; init; }

    /// <summary>Identifier as the client wrote it; becomes <c>aud</c> of v1 tokens.</summary>
    public required string Audience { get; init; }

    public required TwinApp Client { get; init; }

    public required ClientProof Proof { get; init; }

    /// <summary>Null for app-only tokens.</summary>
    public SignedInUser? User { get; init; }

    /// <summary>The client's service principal; its id is <c>oid</c> of app-only tokens.</summary>
    public required TwinServicePrincipal Principal { get; init; }

    public IReadOnlyCollection<string> Scopes { get; init; } = [];

    public IReadOnlyCollection<string> Roles { get; init; } = [];

    /// <summary>True when the client declared <c>cp1</c>.</summary>
    public bool HandlesChallenges { get; init; }
}

/// <summary>Signs access and ID tokens with the documented claims. Source: access-token-claims-reference and id-token-claims-reference, 2025.</summary>
internal sealed class TokenIssuer(SigningKey key, IssuerNames issuers, TwinOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(5);

    public IssuedToken AccessToken(HttpContext context, AccessTokenRequest request)
    {
        var now = clock.GetUtcNow();
        var lifetime = Lifetime(request.HandlesChallenges);
        var v1 = request.Resource.TokenVersion == 1;
        var issuer = v1 ? issuers.V1(context, request.Tenant) : issuers.V2(context, request.Tenant);
        var token = Sign(v1, claims =>
        {
            claims.WriteString("aud", v1 ? request.Audience : request.Resource.AppId.ToString());
            claims.WriteString("iss", issuer);
            WriteTimes(claims, now, lifetime);
            if (request.User is { } user) WriteUser(claims, context, request, user, v1);
            else WriteApplication(claims, request, v1, issuer);
            claims.WriteString(v1 ? "appid" : "azp", request.Client.AppId.ToString());
            claims.WriteString(v1 ? "appidacr" : "azpacr", ((int)request.Proof).ToString());
            claims.WriteString("tid", request.Tenant.ToString());
            WriteList(claims, "roles", request.Roles);
            if (request.HandlesChallenges) WriteList(claims, "xms_cc", ["cp1"]);
            WriteOpaque(claims);
            claims.WriteString("ver", v1 ? "1.0" : "2.0");
        });
        return new IssuedToken(token, now - Backdating, now + lifetime, (int)lifetime.TotalSeconds);
    }

    /// <param name="context">The request; decides the issuer.</param>
    /// <param name="client">The audience.</param>
    /// <param name="user">The subject.</param>
    /// <param name="scopes">OpenID Connect scopes.</param>
    /// <param name="nonce">Copied when the client sent one; never invented.</param>
    /// <param name="v1">Form of the endpoint asked.</param>
    /// <param name="code">The code it travels with, for <c>c_hash</c>; null at the token endpoint.</param>
    public string IdToken(HttpContext context, TwinApp client, SignedInUser user, IReadOnlyCollection<string> scopes, string? nonce, bool v1, string? code = null)
    {
        var tenant = user.Presence.TenantId;
        var guest = user.Presence.IsGuest;
        return Sign(v1, claims =>
        {
            claims.WriteString("aud", client.AppId.ToString());
            claims.WriteString("iss", v1 ? issuers.V1(context, tenant) : issuers.V2(context, tenant));
            WriteTimes(claims, clock.GetUtcNow(), TimeSpan.FromHours(1));
            if (nonce is not null) claims.WriteString("nonce", nonce);
            if (code is not null) claims.WriteString("c_hash", Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(code)).AsSpan(0, 16)));
            claims.WriteString("sub", Pairwise(user.Presence.Id, client.AppId));
            claims.WriteString("tid", tenant.ToString());
            if (v1 || scopes.Contains("profile"))
            {
                claims.WriteString("oid", user.Presence.Id.ToString());
                claims.WriteString("name", user.Presence.DisplayName);
            }

            if (guest) claims.WriteString("idp", issuers.V1(context, user.Home.TenantId));
            if (v1) WriteLegacyNames(claims, user, guest);
            else if (scopes.Contains("profile")) claims.WriteString("preferred_username", user.Home.UserPrincipalName);
            if (guest || scopes.Contains("email")) claims.WriteString("email", user.Presence.Mail);
            WriteList(claims, "roles", []);
            WriteOpaque(claims);
            claims.WriteString("ver", v1 ? "1.0" : "2.0");
        });
    }

    /// <summary>The home account, as MSAL builds its HomeAccountId from.</summary>
    public static string ClientInfo(TwinUser home) => Base64Url.Encode(JsonSerializer.SerializeToUtf8Bytes(new { uid = home.Id, utid = home.TenantId }));

    private TimeSpan Lifetime(bool handlesChallenges)
    {
        if (options.AccessTokenLifetime is { } set) return set;
        var (from, to) = handlesChallenges ? (20 * 3600, 28 * 3600) : (60 * 60, 90 * 60);
        return TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32(from, to + 1));
    }

    private void WriteUser(Utf8JsonWriter claims, HttpContext context, AccessTokenRequest request, SignedInUser user, bool v1)
    {
        var guest = user.Presence.IsGuest;
        claims.WriteString("oid", user.Presence.Id.ToString());
        claims.WriteString("sub", Pairwise(user.Presence.Id, request.Resource.AppId));
        claims.WriteString("name", user.Presence.DisplayName);
        claims.WriteString("scp", string.Join(' ', request.Scopes));
        claims.WriteNumber("acct", guest ? 1 : 0);
        WriteList(claims, "wids", user.Presence.Roles.Select(role => role.ToString()).ToArray());
        if (guest) claims.WriteString("email", user.Presence.Mail);
        if (v1)
        {
            claims.WriteString("acr", "1");
            WriteList(claims, "amr", ["pwd"]);
            claims.WriteString("idp", issuers.V1(context, user.Home.TenantId));
            claims.WriteString("ipaddr", "127.0.0.1");
            WriteLegacyNames(claims, user, guest);
        }
        else
        {
            if (guest) claims.WriteString("idp", issuers.V1(context, user.Home.TenantId));
            claims.WriteString("preferred_username", user.Home.UserPrincipalName);
        }
    }

    private static void WriteApplication(Utf8JsonWriter claims, AccessTokenRequest request, bool v1, string issuer)
    {
        claims.WriteString("oid", request.Principal.Id.ToString());
        claims.WriteString("sub", request.Principal.Id.ToString());
        claims.WriteString("idtyp", "app");
        claims.WriteString("app_displayname", request.Client.DisplayName);
        if (v1) claims.WriteString("idp", issuer);
    }

    private static void WriteLegacyNames(Utf8JsonWriter claims, SignedInUser user, bool guest)
    {
        var parts = user.Presence.DisplayName.Split(' ', 2);
        claims.WriteString("given_name", parts[0]);
        if (parts.Length == 2) claims.WriteString("family_name", parts[1]);
        claims.WriteString("unique_name", user.Home.UserPrincipalName);
        if (!guest) claims.WriteString("upn", user.Presence.UserPrincipalName);
    }

    private static void WriteTimes(Utf8JsonWriter claims, DateTimeOffset now, TimeSpan lifetime)
    {
        var start = (now - Backdating).ToUnixTimeSeconds();
        claims.WriteNumber("iat", start);
        claims.WriteNumber("nbf", start);
        claims.WriteNumber("exp", (now + lifetime).ToUnixTimeSeconds());
    }

    private static void WriteOpaque(Utf8JsonWriter claims)
    {
        claims.WriteString("aio", Base64Url.Encode(RandomNumberGenerator.GetBytes(24)));
        claims.WriteString("rh", "0." + Base64Url.Encode(RandomNumberGenerator.GetBytes(24)) + ".");
        claims.WriteString("uti", Base64Url.Encode(RandomNumberGenerator.GetBytes(16)));
    }

    private static void WriteList(Utf8JsonWriter claims, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count == 0) return;
        claims.WriteStartArray(name);
        foreach (var value in values) claims.WriteStringValue(value);
        claims.WriteEndArray();
    }

    private static string Pairwise(Guid user, Guid app) => Base64Url.Encode(SHA256.HashData([.. user.ToByteArray(), .. app.ToByteArray()]));

    private string Sign(bool v1, Action<Utf8JsonWriter> claims)
    {
        var header = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(header))
        {
            writer.WriteStartObject();
            writer.WriteString("typ", "JWT");
            writer.WriteString("alg", "RS256");
            if (v1) writer.WriteString("x5t", key.KeyId);
            writer.WriteString("kid", key.KeyId);
            writer.WriteEndObject();
        }

        var payload = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(payload))
        {
            writer.WriteStartObject();
            claims(writer);
            writer.WriteEndObject();
        }

        var signed = $"{Base64Url.Encode(header.WrittenSpan)}.{Base64Url.Encode(payload.WrittenSpan)}";
        return $"{signed}.{Base64Url.Encode(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
