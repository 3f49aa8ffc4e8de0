using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Portal;

/// <summary>
/// Sends people to the twin's sign-in and takes them back. <c>tid</c> names the tenant; without it the person's own one is meant. Source: access-mssp-portal 2025-03.
/// </summary>
internal sealed class PortalSignIn(FirstPartySignIn signIn, PortalSessions sessions, TwinDirectory directory, TimeProvider clock)
{
    private const string Cookie = "__Host-TWINPORTAL-START";
    private const int MaxOpen = 10_000;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private readonly ConcurrentDictionary<string, Walk> _open = new(StringComparer.Ordinal);

    /// <summary>Sends the browser to sign-in.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tenant">Tenant id or domain; null for the person's own tenant.</param>
    /// <param name="path">What to open afterwards, behind <c>/portal/{tenant}</c>.</param>
    public void Start(HttpContext context, string? tenant, string path)
    {
        if (_open.Count >= MaxOpen) _open.Clear();
        if (context.Request.Cookies[Cookie] is not { Length: > 20 } browser) browser = PortalSessions.Draw();
        var (state, verifier) = (PortalSessions.Draw(), PortalSessions.Draw());
        var redirect = TwinAddress.Origin(context) + FirstPartySignIn.Callback;
        _open[state] = new Walk(browser, verifier, redirect, path, clock.GetUtcNow());
        context.Response.Cookies.Append(Cookie, browser, PortalSessions.Options);
        List<(string Name, string Value)> query =
        [
            ("client_id", FirstPartySignIn.Portal.AppId.ToString()), ("response_type", "code"), ("redirect_uri", redirect), ("scope", "openid profile"), ("state", state),
            ("code_challenge", Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), ("code_challenge_method", "S256"),
        ];
        if (sessions.Find(context) is { } session && directory.FindUser(session.HomeTenantId, session.HomeUserId) is { } home) query.Add(("login_hint", home.UserPrincipalName));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect($"/{Uri.EscapeDataString(tenant ?? "organizations")}/oauth2/v2.0/authorize?{string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"))}");
    }

    /// <summary>Takes the answer of sign-in.</summary>
    /// <returns>Null when the browser was sent on, else one sentence for the person.</returns>
    public string? Finish(HttpContext context)
    {
        var query = context.Request.Query;
        if (!_open.TryRemove(query["state"].ToString(), out var walk) || clock.GetUtcNow() > walk.StartedAt + Lifetime || context.Request.Cookies[Cookie] != walk.Browser)
        {
            return "The sign-in was started elsewhere, or too long ago. Open the portal again.";
        }

        if (query.ContainsKey("error")) return query["error"] == "access_denied" ? "The sign-in was cancelled." : $"Sign-in answered '{query["error"]}'. {query["error_description"]}";
        if (signIn.Redeem(query["code"].ToString(), walk.Redirect, walk.Verifier) is not { } person) return "The answer of sign-in is not valid any more. Open the portal again.";
        if (directory.FindUser(person.HomeTenantId, person.HomeUserId) is not { } home || directory.FindPresence(home, person.TenantId) is not { } presence) return "The account is not in the tenant any more.";
        sessions.Begin(context, person, presence);
        context.Response.Redirect($"/portal/{person.TenantId:D}{walk.Path}");
        return null;
    }

    private sealed record Walk(string Browser, string Verifier, string Redirect, string Path, DateTimeOffset StartedAt);
}
