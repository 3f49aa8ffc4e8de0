using System.Globalization;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Bailiwick.Wire.Entra;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra;

/// <summary>The answer of a token endpoint: one of two bodies, or an error.</summary>
internal abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    public sealed record Issued(TokenBody Body) : TokenAnswer;

    public sealed record IssuedLegacy(LegacyTokenBody Body) : TokenAnswer;

    public sealed record Refused(EntraError Error) : TokenAnswer;

    public static implicit operator TokenAnswer(EntraError error) => new Refused(error);
}

/// <summary>What a user flow proved, ready to become tokens.</summary>
internal sealed record UserGrant
{
    public required TwinTenant Tenant { get; init; }

    public required TwinUser Home { get; init; }

    public required DateTimeOffset AuthenticatedAt { get; init; }

    public required ScopeRequest Scope { get; init; }

    /// <summary>Kept with the refresh token.</summary>
    public required string ScopeText { get; init; }

    public string? ResourceText { get; init; }

    public RedirectPlatform Platform { get; init; }

    public string? Nonce { get; init; }

    public required Guid Family { get; init; }

    public DateTimeOffset? FamilyIssuedAt { get; init; }

    /// <summary>True when a refresh token belongs into the answer.</summary>
    public required bool Offline { get; init; }
}

/// <summary>Turns a proven user grant into tokens, after the checks every user flow shares.</summary>
internal sealed class UserTokens(EntraServices services)
{
    private readonly TwinDirectory _directory = services.Directory;

    /// <summary>A tenant's checks of a person, in the order of sign-in: object there, enabled, application, assignment.</summary>
    public EntraError? CheckPresence(TwinApp app, TwinTenant tenant, TwinUser home, HttpContext context, out TwinUser presence)
    {
        var name = new TwinName(app.AppId, app.DisplayName);
        presence = _directory.FindPresence(home, tenant.Id)!;
        if (presence is null) return EntraError.NotInTenant(home.UserPrincipalName, services.Issuers.V1(context, home.TenantId), new TwinName(tenant.Id, tenant.DisplayName), name);
        if (!home.Enabled || !presence.Enabled) return EntraError.UserDisabled();
        presence = presence with { Roles = [.. _directory.RolesOf(presence)] };
        var principal = _directory.FindServicePrincipal(tenant.Id, app.AppId);
        if (principal is { Enabled: false }) return EntraError.AppDisabled(app.AppId);
        if (principal is { AssignmentRequired: true } && _directory.Assignments(tenant.Id, app.AppId, presence.Id).Count == 0) return EntraError.NotAssigned(presence.Mail, name);
        return null;
    }

    public TokenAnswer Issue(HttpContext context, IFormCollection form, Client client, UserGrant grant, bool legacy)
    {
        var app = client.App;
        if (CheckPresence(app, grant.Tenant, grant.Home, context, out var presence) is { } refused) return refused;
        var name = new TwinName(app.AppId, app.DisplayName);
        if (!presence.Accepted || _directory.FindServicePrincipal(grant.Tenant.Id, app.AppId) is not { } principal) return EntraError.ConsentRequired(name);
        if (services.Consent.Missing(app, presence, grant.Scope, out var missing) is { } undeclared) return undeclared;
        if (missing.Count > 0) return EntraError.ConsentRequired(name);

        var requested = grant.Scope.Resources.Count > 0 ? grant.Scope.Resources[0] : new RequestedResource(TwinResource.Graph.Identifier, TwinResource.Graph, ["openid"]);
        var resource = requested.Resource;
        var user = new SignedInUser(presence, grant.Home, grant.AuthenticatedAt);
        HashSet<string> scopes = [.. _directory.Scopes(grant.Tenant.Id, app.AppId, resource.AppId, presence.Id).Where(scope => scope != "offline_access")];
        if (resource == TwinResource.Graph) scopes.UnionWith(grant.Scope.OpenId.Where(scope => scope != "offline_access"));
        if (resource.AppId == app.AppId) scopes.UnionWith(requested.Names);
        var roles = resource.Owner is null ? [] : _directory.Assignments(grant.Tenant.Id, resource.AppId, presence.Id).Where(assignment => assignment.Role is not null).Select(assignment => assignment.Role!).ToList();
        var access = services.Tokens.AccessToken(context, new AccessTokenRequest
        {
            Tenant = grant.Tenant.Id,
            Resource = resource,
            Audience = requested.Identifier,
            Client = app,
            Proof = client.Proof,
            User = user,
            Principal = principal,
            Scopes = [.. scopes.Order(StringComparer.Ordinal)],
            Roles = roles,
            HandlesChallenges = HandlesChallenges(form),
        });
        var refresh = grant.Offline ? NewRefreshToken(app, grant) : null;
        var id = legacy || grant.Scope.OpenId.Contains("openid") ? services.Tokens.IdToken(context, app, user, grant.Scope.OpenId, grant.Nonce, legacy) : null;
        var clientInfo = SignInRequest.Read(form, "client_info") is "1" or "2" ? TokenIssuer.ClientInfo(grant.Home) : null;
        return legacy ? Legacy(access, requested.Identifier, string.Join(' ', scopes.Order(StringComparer.Ordinal)), refresh, id, clientInfo) : new TokenAnswer.Issued(new TokenBody
        {
            Scope = ScopeEcho(grant.Scope, requested, scopes),
            ExpiresIn = access.Seconds,
            ExtExpiresIn = access.Seconds,
            AccessToken = access.Value,
            RefreshToken = refresh,
            IdToken = id,
            ClientInfo = clientInfo,
        });
    }

    /// <summary>The v1.0 body, where numbers are strings.</summary>
    public static TokenAnswer Legacy(IssuedToken access, string resource, string? scope, string? refresh, string? id, string? clientInfo)
    {
        var seconds = access.Seconds.ToString(CultureInfo.InvariantCulture);
        return new TokenAnswer.IssuedLegacy(new LegacyTokenBody
        {
            Scope = scope,
            ExpiresIn = seconds,
            ExtExpiresIn = seconds,
            ExpiresOn = access.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            NotBefore = access.NotBefore.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            Resource = resource,
            AccessToken = access.Value,
            RefreshToken = refresh,
            IdToken = id,
            ClientInfo = clientInfo,
        });
    }

    /// <summary>True when the client declared that it handles claims challenges. Source: claims-challenge, 2025.</summary>
    public static bool HandlesChallenges(IFormCollection form) => SignInRequest.Read(form, "claims") is { } claims && claims.Contains("xms_cc", StringComparison.Ordinal) && claims.Contains("cp1", StringComparison.OrdinalIgnoreCase);

    private static string ScopeEcho(ScopeRequest request, RequestedResource requested, IEnumerable<string> scopes)
    {
        IEnumerable<string> named = scopes.Where(scope => scope is not ("openid" or "profile" or "email")).Order(StringComparer.Ordinal).Select(scope => $"{requested.Identifier}/{scope}");
        if (requested.IsDefault) named = named.Append($"{requested.Identifier}/.default");
        return string.Join(' ', request.OpenId.Concat(named));
    }

    private string NewRefreshToken(TwinApp app, UserGrant grant)
    {
        var now = services.Clock.GetUtcNow();
        var (value, digest) = services.Grants.New("1.AT");
        services.Grants.RefreshTokens.Put(new RefreshToken
        {
            Digest = digest,
            Family = grant.Family,
            ClientId = app.AppId,
            HomeTenantId = grant.Home.TenantId,
            HomeUserId = grant.Home.Id,
            Scope = grant.ScopeText,
            Resource = grant.ResourceText,
            Platform = grant.Platform,
            AuthenticatedAt = grant.AuthenticatedAt,
            IssuedAt = now,
            FamilyIssuedAt = grant.FamilyIssuedAt ?? now,
            LastUsedAt = now,
        });
        return value;
    }
}
