using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Grants;

/// <summary>
/// Redeems refresh tokens, also for other resources and at other tenants where the person is present. The old token stays good unless strict rotation is on.
/// Source: refresh-tokens, 2025; cross-tenant redemption as MSAL.NET 4.92 does it.
/// </summary>
internal sealed class RefreshGrant(EntraServices services, UserTokens tokens)
{
    public TokenAnswer Redeem(HttpContext context, IFormCollection form, TenantSegment segment, Client client, bool legacy)
    {
        if (SignInRequest.Read(form, "refresh_token") is not { } value) return EntraError.Missing("refresh_token");
        if (services.Grants.RefreshTokens.Find(GrantStore.DigestOf(value)) is not { } token) return EntraError.Malformed();
        if (token.ClientId != client.App.AppId) return EntraError.BadGrant("client_mismatch");
        var proofless = client.Proof == ClientProof.None;
        if (token.Platform == RedirectPlatform.Web && proofless) return EntraError.NoClientProof();
        if (token.Platform != RedirectPlatform.Web && !proofless) return EntraError.PublicClientWithSecret();
        if (services.Grants.Revoked.Find(token.Family.ToString("N")) is not null) return EntraError.Revoked();
        if (services.Switches.StrictRefreshRotation && token.Redeemed)
        {
            services.Grants.Revoke(token.Family);
            return EntraError.BadGrant("bad_token");
        }

        var now = services.Clock.GetUtcNow();
        if (token.Platform == RedirectPlatform.Spa && now > token.FamilyIssuedAt + GrantStore.SpaRefreshLifetime) return EntraError.SpaRefreshExpired();
        if (now > token.LastUsedAt + GrantStore.RefreshIdle) return EntraError.RefreshInactive(token.IssuedAt);
        if (services.Directory.FindUser(token.HomeTenantId, token.HomeUserId) is not { } home) return EntraError.BadGrant();
        if (home.SignInSessionsValidFrom > token.IssuedAt) return EntraError.Revoked();

        var tenant = segment.Tenant ?? services.Directory.FindTenant(token.HomeTenantId)!;
        var resource = SignInRequest.Read(form, "resource") ?? token.Resource;
        var text = SignInRequest.Read(form, "scope") ?? token.Scope;
        var error = legacy || (text.Length == 0 && resource is not null)
            ? ScopeRequest.TryParseLegacy(services.Directory, resource, segment.Text, out var scope)
            : ScopeRequest.TryParse(services.Directory, text, segment.Text, out scope);
        if (error is not null) return error;
        var answer = tokens.Issue(context, form, client, new UserGrant
        {
            Tenant = tenant,
            Home = home,
            AuthenticatedAt = token.AuthenticatedAt,
            Scope = scope,
            ScopeText = token.Scope,
            ResourceText = token.Resource,
            Platform = token.Platform,
            Family = token.Family,
            FamilyIssuedAt = token.FamilyIssuedAt,
            Offline = true,
        }, legacy);
        if (answer is not TokenAnswer.Refused && !services.Grants.RefreshTokens.Replace(token, token with { Redeemed = true, LastUsedAt = now }) && services.Switches.StrictRefreshRotation)
        {
            services.Grants.Revoke(token.Family);
            return EntraError.BadGrant("bad_token");
        }

        return answer;
    }
}
