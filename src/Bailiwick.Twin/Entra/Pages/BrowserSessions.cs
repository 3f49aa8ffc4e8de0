using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>The session cookie: which accounts are signed in with this browser.</summary>
internal sealed class BrowserSessions(EntraServices services)
{
    private const string Cookie = "TWINAUTH";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    /// <summary>Accounts that are still good, newest first.</summary>
    public IReadOnlyList<(TwinUser Home, DateTimeOffset At)> Accounts(HttpContext context)
    {
        if (Find(context) is not { } session) return [];
        return [.. session.Accounts
            .Select(account => (Home: services.Directory.FindUser(account.TenantId, account.UserId), account.At))
            .Where(account => account.Home is { Enabled: true } home && home.SignInSessionsValidFrom <= account.At)
            .Select(account => (account.Home!, account.At))];
    }

    public void Add(HttpContext context, TwinUser home, DateTimeOffset at)
    {
        var old = Find(context);
        if (old is not null) services.Grants.Sessions.Remove(old.Digest);
        var (value, digest) = services.Grants.New("S");
        services.Grants.Sessions.Put(new BrowserSession(digest, [new SessionAccount(home.TenantId, home.Id, at), .. (old?.Accounts ?? []).Where(account => account.UserId != home.Id)], at));
        context.Response.Cookies.Append(Cookie, value, new CookieOptions { HttpOnly = true, Secure = true, SameSite = SameSiteMode.None, Path = "/", IsEssential = true });
    }

    public void End(HttpContext context)
    {
        if (Find(context) is { } session) services.Grants.Sessions.Remove(session.Digest);
        context.Response.Cookies.Delete(Cookie, new CookieOptions { HttpOnly = true, Secure = true, SameSite = SameSiteMode.None, Path = "/" });
    }

    private BrowserSession? Find(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } value) return null;
        var session = services.Grants.Sessions.Find(GrantStore.DigestOf(value));
        return session is not null && services.Clock.GetUtcNow() <= session.StartedAt + Lifetime ? session : null;
    }
}
