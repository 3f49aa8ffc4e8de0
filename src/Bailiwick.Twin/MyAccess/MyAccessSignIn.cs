using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.MyAccess;

/// <summary>Who uses My Access with one browser.</summary>
/// <param name="Secret">Key of the session's form tokens.</param>
/// <param name="HomeTenantId">The person's own tenant.</param>
/// <param name="HomeUserId">The person's object there.</param>
/// <param name="Entered">Tenants whose sign-in let the person in.</param>
/// <param name="At">When the session began. UTC.</param>
internal sealed record MyAccessSession(byte[] Secret, Guid HomeTenantId, Guid HomeUserId, ImmutableHashSet<Guid> Entered, DateTimeOffset At)
{
    /// <summary>The token that a form of this session carries, one for each address that forms post to.</summary>
    public string TokenFor(string action) => Base64Url.Encode(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(action)));

    /// <summary>True for that token.</summary>
    public bool IsToken(string action, string? token) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(TokenFor(action)), Encoding.UTF8.GetBytes(token ?? ""));
}

/// <summary>
/// My Access as a client of the twin's own sign-in: authorization code with PKCE and a session cookie of its own. Whoever asks for access signs in at home, for there may be
/// no object of theirs in the tenant yet; whoever approves or reviews signs in at the tenant. Sessions live in memory. Source: entitlement-management-request-access, 2025.
/// </summary>
internal sealed class MyAccessSignIn(TwinServices services, GrantStore grants, Func<Uri> address)
{
    private const string SessionCookie = "__Host-TWINMYACCESS";
    private const string StartCookie = "__Host-TWINMYACCESS-START";
    private const string Prefix = "/myaccess";
    private const int MostOpen = 10_000;
    private static readonly Guid ClientId = new("5e1facce-5500-4bad-9e0d-0a11ce55b0b5");
    private static readonly TimeSpan WalkLifetime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(8);
    private static readonly CookieOptions Options = new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
    private readonly ConcurrentDictionary<string, Walk> _walks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MyAccessSession> _sessions = new(StringComparer.Ordinal);
    private volatile bool _known;

    private DateTimeOffset Now => services.Clock.GetUtcNow();

    /// <summary>The session of this browser while its account is good; else null.</summary>
    public MyAccessSession? Find(HttpContext context, out TwinUser home)
    {
        home = null!;
        if (context.Request.Cookies[SessionCookie] is not { Length: > 0 } value || !_sessions.TryGetValue(GrantStore.DigestOf(value), out var session)) return null;
        if (Now > session.At + SessionLifetime || Now < session.At) return null;
        if (services.Directory.FindUser(session.HomeTenantId, session.HomeUserId) is not { Enabled: true } person || person.SignInSessionsValidFrom > session.At) return null;
        home = person;
        return session;
    }

    /// <summary>Sends the browser to sign-in and lets it come back to a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tenant">The tenant to enter; null for the person's own.</param>
    /// <param name="page">Path below the plane, from a slash on.</param>
    public void Start(HttpContext context, Guid? tenant, string page)
    {
        Introduce();
        if (_walks.Count >= MostOpen) _walks.Clear();
        if (context.Request.Cookies[StartCookie] is not { Length: > 20 } browser) context.Response.Cookies.Append(StartCookie, browser = Draw(), Options);
        var (state, verifier, redirect) = (Draw(), Draw(), $"{TwinAddress.PlaneBase(context, Prefix)}/signin");
        _walks[state] = new Walk(browser, verifier, redirect, page, Now);
        List<(string Name, string Value)> query =
        [
            ("client_id", ClientId.ToString("D")), ("response_type", "code"), ("redirect_uri", redirect), ("scope", "openid profile"), ("state", state),
            ("code_challenge", Challenge(verifier)), ("code_challenge_method", "S256"),
        ];
        if (Find(context, out var home) is not null) query.Add(("login_hint", home.UserPrincipalName));
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect($"{TwinAddress.SignInOrigin(context)}/{tenant?.ToString("D") ?? "organizations"}/oauth2/v2.0/authorize?{string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"))}");
    }

    /// <summary>Takes the answer of sign-in.</summary>
    /// <returns>Null when the browser was sent on, else one sentence for the person.</returns>
    public string? Finish(HttpContext context)
    {
        var query = context.Request.Query;
        if (!_walks.TryRemove(query["state"].ToString(), out var walk) || Now > walk.At + WalkLifetime || context.Request.Cookies[StartCookie] != walk.Browser) return "The sign-in was started elsewhere, or too long ago. Open the link again.";
        if (query.ContainsKey("error")) return query["error"] == "access_denied" ? "The sign-in was cancelled." : $"Sign-in answered: {query["error_description"]}";
        if (Redeem(query["code"].ToString(), walk) is not { } code) return "The answer of sign-in is not valid any more. Open the link again.";
        var entered = ImmutableHashSet.Create(code.TenantId);
        if (context.Request.Cookies[SessionCookie] is { Length: > 0 } old && _sessions.TryRemove(GrantStore.DigestOf(old), out var before) && before.HomeUserId == code.HomeUserId) entered = entered.Union(before.Entered);
        if (_sessions.Count >= MostOpen) _sessions.Clear();
        var value = Draw();
        _sessions[GrantStore.DigestOf(value)] = new MyAccessSession(RandomNumberGenerator.GetBytes(32), code.HomeTenantId, code.HomeUserId, entered, Now);
        context.Response.Cookies.Append(SessionCookie, value, Options);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(TwinAddress.PlaneBase(context, Prefix) + walk.Page);
        return null;
    }

    /// <summary>Ends the session of this browser.</summary>
    public void End(HttpContext context)
    {
        if (context.Request.Cookies[SessionCookie] is { Length: > 0 } value) _sessions.TryRemove(GrantStore.DigestOf(value), out _);
        context.Response.Cookies.Delete(SessionCookie, Options);
    }

    private AuthorizationCode? Redeem(string value, Walk walk)
    {
        if (grants.Codes.Find(GrantStore.DigestOf(value)) is not { Redeemed: false } code || code.Request.ClientId != ClientId) return null;
        if (code.Request.RedirectUri != walk.Redirect || Now > code.IssuedAt + GrantStore.CodeLifetime || code.Request.Challenge != Challenge(walk.Verifier)) return null;
        return grants.Codes.Replace(code, code with { Redeemed = true }) ? code : null;
    }

    /// <summary>Tells sign-in about this client: once, when the twin's port is known.</summary>
    private void Introduce()
    {
        if (_known) return;
        var port = address().Port;
        services.Directory.AddOwnApp(new TwinApp
        {
            AppId = ClientId,
            ObjectId = ClientId,
            HomeTenantId = Guid.Empty,
            DisplayName = "My Access",
            MultiTenant = true,
            Redirects = [.. new[] { $"https://localhost:{port}{Prefix}/signin", $"https://127.0.0.1:{port}{Prefix}/signin", "https://myaccess.microsoft.com/signin" }.Select(uri => new TwinRedirect(uri))],
        });
        _known = true;
    }

    private static string Draw() => Base64Url.Encode(RandomNumberGenerator.GetBytes(32));

    private static string Challenge(string verifier) => Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>A sign-in under way.</summary>
    private sealed record Walk(string Browser, string Verifier, string Redirect, string Page, DateTimeOffset At);
}
