using System.Security.Claims;
using System.Text.Encodings.Web;
using Bailiwick.Hub.Vault;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Bailiwick.Hub.Operators;

/// <summary>Signs callers in by <c>Authorization: Bearer bwk_…</c>; at the compatible endpoints also by an access token <c>bwt_…</c>. Keys are never taken from the address or a cookie.</summary>
public sealed class ApiKeyAuthentication(ApiKeyStore keys, AccessTokens tokens, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>Name of the authentication scheme.</summary>
    public const string SchemeName = "ApiKey";

    private const string Bearer = "Bearer ";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();
        try
        {
            var presented = header[Bearer.Length..].Trim();
            var found = Request.Path.StartsWithSegments(AccessTokens.Root, StringComparison.OrdinalIgnoreCase) && presented.StartsWith(AccessTokens.Prefix, StringComparison.Ordinal)
                ? await tokens.AuthenticateAsync(presented, Context.RequestAborted)
                : await keys.AuthenticateAsync(presented, Context.RequestAborted);
            return found is { } principal
                ? AuthenticateResult.Success(new AuthenticationTicket(HubIdentity.PrincipalOf(principal, SchemeName), SchemeName))
                : AuthenticateResult.Fail("The key is unknown, expired or revoked.");
        }
        catch (VaultSealedException e)
        {
            return AuthenticateResult.Fail(e);
        }
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer realm=\"bailiwick\"";
        var closed = (await HandleAuthenticateOnceSafeAsync()).Failure is VaultSealedException;
        await (closed ? OperatorProblems.Sealed() : OperatorProblems.Unauthenticated()).ExecuteAsync(Context);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => OperatorProblems.Denied().ExecuteAsync(Context);
}

/// <summary>The signed-in caller as ASP.NET carries it.</summary>
public sealed class HubIdentity : ClaimsIdentity
{
    private HubIdentity(Principal principal, string scheme)
        : base([new Claim(ClaimTypes.NameIdentifier, $"{principal.Actor.Kind}:{principal.Actor.Id}"), new Claim(ClaimTypes.Name, principal.Name)], scheme) =>
        Principal = principal;

    /// <summary>Whoever asks.</summary>
    public Principal Principal { get; }

    /// <summary>Wraps a principal for an authentication scheme.</summary>
    public static ClaimsPrincipal PrincipalOf(Principal principal, string scheme)
    {
        ArgumentNullException.ThrowIfNull(principal);
        return new ClaimsPrincipal(new HubIdentity(principal, scheme));
    }
}

/// <summary>Reads the caller from a request.</summary>
public static class HubIdentityReading
{
    /// <summary>The signed-in caller, or null.</summary>
    public static Principal? FindPrincipal(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return (context.User.Identity as HubIdentity)?.Principal;
    }

    /// <summary>The signed-in caller of an endpoint behind <c>RequireAction</c>.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in: the endpoint is not behind <c>RequireAction</c>.</exception>
    public static Principal GetPrincipal(this HttpContext context) =>
        context.FindPrincipal() ?? throw new InvalidOperationException("Nobody is signed in; the endpoint lacks RequireAction.");
}
