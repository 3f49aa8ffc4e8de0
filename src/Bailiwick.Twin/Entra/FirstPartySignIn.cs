using System.Security.Cryptography;
using System.Text;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra;

/// <summary>Who signed in to a page of the twin.</summary>
/// <param name="TenantId">The tenant that issued.</param>
/// <param name="HomeTenantId">The person's own tenant.</param>
/// <param name="HomeUserId">The person's object there.</param>
/// <param name="At">When the password was checked. UTC.</param>
internal sealed record SignedInPerson(Guid TenantId, Guid HomeTenantId, Guid HomeUserId, DateTimeOffset At);

/// <summary>
/// The twin's own pages as a client of its own sign-in: code flow with PKCE like everybody's, but no consent, for nobody consents to first-party
/// applications, and the code is redeemed without a request. Source: first-party apps page, 2025.
/// </summary>
internal sealed class FirstPartySignIn(EntraServices services, Func<string> origin)
{
    private readonly GrantStore _grants = services.Grants;
    private readonly TwinDirectory _directory = services.Directory;

    /// <summary>Where codes for the portal go, below the twin's origin.</summary>
    public const string Callback = "/portal/signin";

    /// <summary>The Defender portal; its client id is the twin's own invention.</summary>
    public static readonly TwinApp Portal = new()
    {
        AppId = new Guid("b1a5ed0c-0de1-4e55-9f0a-7a1b0c0ffee1"),
        ObjectId = new Guid("b1a5ed0c-0de1-4e55-9f0a-7a1b0c0ffee2"),
        HomeTenantId = Guid.Empty,
        DisplayName = "Defender portal (twin)",
        MultiTenant = true,
    };

    /// <summary>The twin's own origin, for addresses in mail.</summary>
    public string Origin => origin();

    /// <summary>The application by client id, or null.</summary>
    public static TwinApp? Find(Guid appId) => appId == Portal.AppId ? Portal : null;

    /// <summary>The one redirect URI of a first-party application as this request names the twin; null for every other application or address.</summary>
    public static TwinRedirect? RedirectOf(TwinApp app, HttpContext context, string? asked) =>
        app == Portal && TwinAddress.IsOwn(context.Request.Host.Host) && asked == TwinAddress.Origin(context) + Callback ? new TwinRedirect(asked) : null;

    /// <summary>
    /// Tokens of the v1.0 endpoint for a person of one tenant and an application of theirs, without a request of its own: what a portal's button does.
    /// </summary>
    /// <returns>The body of the token endpoint, or why there is none.</returns>
    public TokenAnswer Issue(HttpContext context, TwinApp app, TwinTenant tenant, TwinUser home, string resource)
    {
        if (ScopeRequest.TryParseLegacy(_directory, resource, tenant.DisplayName, out var scope) is { } wrong) return wrong;
        var grant = new UserGrant
        {
            Tenant = tenant,
            Home = home,
            AuthenticatedAt = services.Clock.GetUtcNow(),
            Scope = scope,
            ScopeText = "",
            ResourceText = resource,
            Family = Guid.NewGuid(),
            Offline = true,
        };
        return new UserTokens(services).Issue(context, FormCollection.Empty, new Client(app, ClientProof.Secret), grant, legacy: true);
    }

    /// <summary>Redeems a code of the portal; null when it is not one, is used, old, or of another verifier or address.</summary>
    public SignedInPerson? Redeem(string code, string redirectUri, string verifier)
    {
        if (_grants.Codes.Find(GrantStore.DigestOf(code)) is not { Redeemed: false } found || found.Request.ClientId != Portal.AppId) return null;
        if (found.Request.RedirectUri != redirectUri || services.Clock.GetUtcNow() > found.IssuedAt + GrantStore.CodeLifetime) return null;
        var challenge = Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        if (found.Request.ChallengeMethod != "S256" || found.Request.Challenge != challenge) return null;
        if (_directory.FindUser(found.HomeTenantId, found.HomeUserId) is not { Enabled: true } home || home.SignInSessionsValidFrom > found.IssuedAt) return null;
        return _grants.Codes.Replace(found, found with { Redeemed = true }) ? new SignedInPerson(found.TenantId, found.HomeTenantId, found.HomeUserId, found.AuthenticatedAt) : null;
    }
}
