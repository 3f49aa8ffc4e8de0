using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Bailiwick.Wire.Entra;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Grants;

/// <summary>App-only tokens: one tenant, one resource, only <c>.default</c>. Source: v2-oauth2-client-creds-grant-flow, 2025; v1-oauth2-client-creds-grant-flow, 2019.</summary>
internal sealed class ClientCredentialsGrant(EntraServices services)
{
    public TokenAnswer Redeem(HttpContext context, IFormCollection form, TenantSegment segment, Client client, bool legacy)
    {
        if (segment.Tenant is not { } tenant) return EntraError.NeedsConcreteTenant();
        if (client.Proof == ClientProof.None) return EntraError.NoClientProof();
        if (TryReadResource(form, tenant, legacy, out var requested) is { } wrong) return wrong;
        var app = client.App;
        if (services.Directory.FindServicePrincipal(tenant.Id, app.AppId) is not { } principal) return EntraError.AppNotInTenant(app.AppId.ToString(), tenant.DisplayName);
        if (!principal.Enabled) return EntraError.AppDisabled(app.AppId);
        if (services.Consent.IsAbsent(requested.Resource, tenant.Id)) return EntraError.ResourceMissing(requested.Identifier, tenant.DisplayName);
        var roles = services.Directory.Roles(tenant.Id, app.AppId, requested.Resource.AppId);
        var access = services.Tokens.AccessToken(context, new AccessTokenRequest
        {
            Tenant = tenant.Id,
            Resource = requested.Resource,
            Audience = requested.Identifier,
            Client = app,
            Proof = client.Proof,
            Principal = principal,
            Roles = [.. roles.Order(StringComparer.Ordinal)],
            HandlesChallenges = UserTokens.HandlesChallenges(form),
        });
        return legacy
            ? UserTokens.Legacy(access, requested.Identifier, null, null, null, null)
            : new TokenAnswer.Issued(new TokenBody { ExpiresIn = access.Seconds, ExtExpiresIn = access.Seconds, AccessToken = access.Value });
    }

    private EntraError? TryReadResource(IFormCollection form, TwinTenant tenant, bool legacy, out RequestedResource requested)
    {
        requested = null!;
        ScopeRequest scope;
        EntraError? error;
        if (legacy)
        {
            if (SignInRequest.Read(form, "resource") is not { } resource) return EntraError.Missing("resource");
            error = ScopeRequest.TryParseLegacy(services.Directory, resource, tenant.DisplayName, out scope);
        }
        else
        {
            if (SignInRequest.Read(form, "scope") is not { } text) return EntraError.Missing("scope");
            error = ScopeRequest.TryParse(services.Directory, text, tenant.DisplayName, out scope);
            if (error is null && (scope.Resources.Count == 0 || !scope.Resources.All(part => part.IsDefault))) return EntraError.BadScope(text, "Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).");
            if (scope.Resources.Count > 1) return EntraError.SeveralResources(text);
        }

        if (error is null) requested = scope.Resources[0];
        return error;
    }
}
