using System.Security.Cryptography;
using System.Text;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Grants;

/// <summary>Redeems authorization codes: once, by the client, tenant, redirect URI and verifier they were issued for. Source: v2-oauth2-auth-code-flow, 2025.</summary>
internal sealed class CodeGrant(EntraServices services, UserTokens tokens)
{
    public TokenAnswer Redeem(HttpContext context, IFormCollection form, TenantSegment segment, Client client, bool legacy)
    {
        if (SignInRequest.Read(form, "code") is not { } value) return EntraError.Missing("code");
        var redirect = SignInRequest.Read(form, "redirect_uri");
        if (redirect is null) return EntraError.Missing("redirect_uri");
        if (services.Grants.Codes.Find(GrantStore.DigestOf(value)) is not { } code) return EntraError.Malformed();
        var request = code.Request;
        if (request.ClientId != client.App.AppId) return EntraError.BadGrant("client_mismatch");
        if (code.Redeemed)
        {
            services.Grants.Revoke(code.Family);
            return EntraError.CodeRedeemed();
        }

        if (services.Clock.GetUtcNow() > code.IssuedAt + GrantStore.CodeLifetime) return EntraError.GrantExpired();
        if (segment.Tenant is { } concrete && concrete.Id != code.TenantId) return EntraError.CodeOfOtherTenant();
        if (redirect != request.RedirectUri) return EntraError.RedirectDiffers(redirect, request.RedirectUri);
        if (CheckProof(context, client, request) is { } unproven) return unproven;
        if (CheckVerifier(request, SignInRequest.Read(form, "code_verifier")) is { } mismatch) return mismatch;
        var resource = SignInRequest.Read(form, "resource");
        if (legacy && resource is not null && request.Resource is not null && resource.TrimEnd('/') != request.Resource.TrimEnd('/')) return EntraError.Malformed();
        resource ??= request.Resource;
        var text = SignInRequest.Read(form, "scope") ?? request.Scope;
        var error = legacy
            ? ScopeRequest.TryParseLegacy(services.Directory, resource, segment.Text, out var scope)
            : ScopeRequest.TryParse(services.Directory, text, segment.Text, out scope);
        if (error is not null) return error;
        if (!legacy && SignInRequest.Read(form, "scope") is not null && scope.Resources.Count > 1) return EntraError.SeveralResources(text);
        if (services.Directory.FindTenant(code.TenantId) is not { } tenant || services.Directory.FindUser(code.HomeTenantId, code.HomeUserId) is not { } home) return EntraError.BadGrant();
        if (home.SignInSessionsValidFrom > code.IssuedAt) return EntraError.Revoked();
        if (!services.Grants.Codes.Replace(code, code with { Redeemed = true })) return EntraError.CodeRedeemed();
        return tokens.Issue(context, form, client, new UserGrant
        {
            Tenant = tenant,
            Home = home,
            AuthenticatedAt = code.AuthenticatedAt,
            Scope = scope,
            ScopeText = text,
            ResourceText = resource,
            Platform = request.Platform,
            Nonce = request.Nonce,
            Family = code.Family,
            Offline = legacy || scope.Offline,
        }, legacy);
    }

    private static EntraError? CheckProof(HttpContext context, Client client, SignInRequest request)
    {
        switch (request.Platform)
        {
            case RedirectPlatform.Web:
                return client.Proof == ClientProof.None ? EntraError.NoClientProof() : null;
            case RedirectPlatform.Spa:
                if (client.Proof != ClientProof.None) return EntraError.PublicClientWithSecret();
                return context.Request.Headers.Origin.Count == 0 ? EntraError.CrossOriginOnly() : null;
            default:
                return client.Proof == ClientProof.None ? null : EntraError.PublicClientWithSecret();
        }
    }

    private static EntraError? CheckVerifier(SignInRequest request, string? verifier)
    {
        if (request.Challenge is null) return verifier is null ? null : EntraError.VerifierMismatch();
        if (verifier is null) return EntraError.Missing("code_verifier");
        if (verifier.Length is < 43 or > 128) return EntraError.BadChallenge();
        var answer = request.ChallengeMethod == "S256" ? Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) : verifier;
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(answer), Encoding.ASCII.GetBytes(request.Challenge)) ? null : EntraError.VerifierMismatch();
    }
}
