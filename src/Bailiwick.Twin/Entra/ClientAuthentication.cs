using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra;

/// <summary>An authenticated (or public) client.</summary>
internal sealed record Client(TwinApp App, ClientProof Proof);

/// <summary>Finds the client of a token request and checks its secret or certificate. Source: v2-oauth2-auth-code-flow and certificate-credentials, 2025.</summary>
internal sealed class ClientAuthentication(TwinDirectory directory, TimeProvider clock)
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public EntraError? TryRead(HttpContext context, IFormCollection form, TenantSegment tenant, out Client client)
    {
        client = null!;
        var (id, secret) = ReadBasic(context.Request.Headers.Authorization);
        if (SignInRequest.Read(form, "client_id") is { } given)
        {
            if (id is not null && !id.Equals(given, StringComparison.OrdinalIgnoreCase)) return EntraError.Malformed();
            id = given;
        }

        var assertion = SignInRequest.Read(form, "client_assertion");
        if (SignInRequest.Read(form, "client_secret") is { } posted)
        {
            if (secret is not null || assertion is not null) return EntraError.Malformed();
            secret = posted;
        }

        id ??= assertion is null ? null : SubjectOf(assertion);
        if (id is null) return EntraError.Missing("client_id");
        if (tenant.TryFindApp(directory, id, out var app) is { } unknown) return unknown;

        var proof = ClientProof.None;
        EntraError? error = null;
        if ((secret ?? assertion) is not null && app.PublicClient && app.Secrets.Count == 0 && app.Certificates.Count == 0) return EntraError.PublicClientWithSecret();
        if (secret is not null)
        {
            proof = ClientProof.Secret;
            error = CheckSecret(app, secret);
        }
        else if (assertion is not null)
        {
            proof = ClientProof.Certificate;
            error = SignInRequest.Read(form, "client_assertion_type") == AssertionType ? CheckAssertion(context, app, tenant, assertion) : EntraError.Missing("client_assertion_type");
        }

        client = new Client(app, proof);
        return error;
    }

    private EntraError? CheckSecret(TwinApp app, string secret)
    {
        if (app.Secrets.FirstOrDefault(known => known.StartsAt <= clock.GetUtcNow() && SecretDigest.Matches(known.Digest, secret)) is not { } match) return EntraError.WrongSecret(app.AppId);
        return match.EndsAt <= clock.GetUtcNow() ? EntraError.SecretExpired(app.AppId) : null;
    }

    private EntraError? CheckAssertion(HttpContext context, TwinApp app, TenantSegment tenant, string assertion)
    {
        var parts = assertion.Split('.');
        if (parts.Length != 3 || Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } claims || !Base64Url.TryDecode(parts[2], out var signature)) return EntraError.ClientAuthentication("The client assertion is not a JSON Web Token.");
        using (header)
        using (claims)
        {
            var certificate = FindCertificate(app, header.RootElement);
            if (certificate is null) return EntraError.BadAssertion(app.AppId, "The key was not found.");
            if (!IsSigned(certificate, Text(header.RootElement, "alg"), $"{parts[0]}.{parts[1]}", signature)) return EntraError.BadAssertion(app.AppId, "The signature is not valid.");
            var now = clock.GetUtcNow();
            if (certificate.EndsAt <= now) return EntraError.BadAssertion(app.AppId, "The key is expired.");
            if (Text(claims.RootElement, "iss") != app.AppId.ToString() || Text(claims.RootElement, "sub") != app.AppId.ToString()) return EntraError.ClientAuthentication("Issuer and subject of the client assertion must be the client id.");
            if (!IsOurAudience(context, tenant, Text(claims.RootElement, "aud"))) return EntraError.AssertionAudience(Text(claims.RootElement, "aud") ?? "");
            if (Number(claims.RootElement, "exp") is not { } expires || DateTimeOffset.FromUnixTimeSeconds(expires) + Skew < now) return EntraError.AssertionTime();
            return Number(claims.RootElement, "nbf") is { } start && DateTimeOffset.FromUnixTimeSeconds(start) - Skew > now ? EntraError.AssertionTime() : null;
        }
    }

    private static TwinCertificate? FindCertificate(TwinApp app, JsonElement header)
    {
        if (Text(header, "x5t#S256") is { } sha256) return app.Certificates.FirstOrDefault(certificate => certificate.Sha256 == sha256);
        return (Text(header, "x5t") ?? Text(header, "kid")) is { } sha1 ? app.Certificates.FirstOrDefault(certificate => certificate.Sha1 == sha1) : null;
    }

    private static bool IsSigned(TwinCertificate certificate, string? algorithm, string signed, byte[] signature)
    {
        RSASignaturePadding? padding = algorithm switch { "PS256" => RSASignaturePadding.Pss, "RS256" => RSASignaturePadding.Pkcs1, _ => null };
        using var loaded = X509Certificate2.CreateFromPem(certificate.Pem);
        using var rsa = loaded.GetRSAPublicKey();
        return padding is not null && rsa is not null && rsa.VerifyData(Encoding.ASCII.GetBytes(signed), signature, HashAlgorithmName.SHA256, padding);
    }

    /// <summary>The token endpoint in either spelling, or the issuer, at any name the twin answers to.</summary>
    private static bool IsOurAudience(HttpContext context, TenantSegment tenant, string? audience)
    {
        if (!Uri.TryCreate(audience, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps) return false;
        var sameOrigin = uri.GetLeftPart(UriPartial.Authority).Equals(TwinAddress.Origin(context), StringComparison.OrdinalIgnoreCase);
        if (!sameOrigin && !TwinAddress.SignInHosts.Contains(uri.Host, StringComparer.OrdinalIgnoreCase)) return false;
        string?[] segments = [tenant.Text, tenant.Tenant?.Id.ToString(), tenant.Tenant?.DefaultDomain];
        return segments.Any(segment => segment is not null && uri.AbsolutePath.TrimEnd('/') is var path && (
            path.Equals($"/{segment}/oauth2/v2.0/token", StringComparison.OrdinalIgnoreCase) || path.Equals($"/{segment}/oauth2/token", StringComparison.OrdinalIgnoreCase)
            || path.Equals($"/{segment}/v2.0", StringComparison.OrdinalIgnoreCase) || path.Equals($"/{segment}", StringComparison.OrdinalIgnoreCase)));
    }

    private static (string? Id, string? Secret) ReadBasic(string? header)
    {
        if (header is null || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return (null, null);
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon <= 0 ? (null, null) : (Uri.UnescapeDataString(pair[..colon].Replace('+', ' ')), Uri.UnescapeDataString(pair[(colon + 1)..].Replace('+', ' ')));
        }
        catch (FormatException)
        {
            return (null, null);
        }
    }

    private static string? SubjectOf(string assertion)
    {
        var parts = assertion.Split('.');
        using var claims = parts.Length == 3 ? Parse(parts[1]) : null;
        return claims is null ? null : Text(claims.RootElement, "sub");
    }

    private static JsonDocument? Parse(string part)
    {
        if (!Base64Url.TryDecode(part, out var bytes)) return null;
        try
        {
            var parsed = JsonDocument.Parse(bytes);
            if (parsed.RootElement.ValueKind == JsonValueKind.Object) return parsed;
            parsed.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A number, also when written as a string: MSAL.NET 4.92 does so for <c>nbf</c> and <c>exp</c>.</summary>
    private static long? Number(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number) return value.TryGetInt64(out var number) ? number : null;
        return value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), out var parsed) ? parsed : null;
    }
}
