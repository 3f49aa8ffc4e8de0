using System.Collections.Concurrent;
using System.Security.Cryptography;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Portal;

/// <summary>A person's stay in one tenant.</summary>
internal sealed record PortalStay(Guid TenantId, Guid ObjectId, DateTimeOffset At);

/// <summary>One browser's session: a person, and the tenants they signed in to. The token goes into every form.</summary>
internal sealed record PortalSession(string Digest, string Token, Guid HomeTenantId, Guid HomeUserId, IReadOnlyList<PortalStay> Stays, DateTimeOffset StartedAt, DateTimeOffset UsedAt);

/// <summary>Sessions of the portal, by the digest of their cookie. In memory only: a restart signs everybody out. Thread safe.</summary>
internal sealed class PortalSessions(TwinDirectory directory, TimeProvider clock)
{
    private const string Cookie = "__Host-TWINPORTAL";
    private const int MaxSessions = 10_000;
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(8);
    private readonly ConcurrentDictionary<string, PortalSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>The browser's session, or null; its time of use moves.</summary>
    public PortalSession? Find(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } value || !_sessions.TryGetValue(GrantStore.DigestOf(value), out var session)) return null;
        var now = clock.GetUtcNow();
        if (now > session.UsedAt + Idle || now > session.StartedAt + Longest)
        {
            _sessions.TryRemove(session.Digest, out _);
            return null;
        }

        var used = session with { UsedAt = now };
        _sessions.TryUpdate(session.Digest, used, session);
        return used;
    }

    /// <summary>Begins a session under a new cookie; the same person's other tenants stay open.</summary>
    public void Begin(HttpContext context, SignedInPerson person, TwinUser presence)
    {
        var old = Find(context);
        if (old is not null) _sessions.TryRemove(old.Digest, out _);
        if (_sessions.Count >= MaxSessions) _sessions.Clear();
        var now = clock.GetUtcNow();
        var kept = old is not null && old.HomeUserId == person.HomeUserId ? old.Stays.Where(stay => stay.TenantId != person.TenantId) : [];
        var value = Draw();
        var session = new PortalSession(
            GrantStore.DigestOf(value), Draw(), person.HomeTenantId, person.HomeUserId, [.. kept, new PortalStay(person.TenantId, presence.Id, person.At)], now, now);
        _sessions[session.Digest] = session;
        context.Response.Cookies.Append(Cookie, value, Options);
    }

    /// <summary>Ends the browser's session.</summary>
    public void End(HttpContext context)
    {
        if (Find(context) is { } session) _sessions.TryRemove(session.Digest, out _);
        context.Response.Cookies.Delete(Cookie, Options);
    }

    /// <summary>The person's object in a tenant, when the session opened that tenant and everything still holds; else null.</summary>
    public TwinUser? PresenceOf(PortalSession session, Guid tenant)
    {
        if (session.Stays.FirstOrDefault(stay => stay.TenantId == tenant) is not { } stay) return null;
        if (directory.FindUser(session.HomeTenantId, session.HomeUserId) is not { Enabled: true } home || home.SignInSessionsValidFrom > stay.At) return null;
        return directory.FindPresence(home, tenant) is { Enabled: true, Accepted: true } presence && presence.Id == stay.ObjectId ? presence : null;
    }

    internal static CookieOptions Options => new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };

    internal static string Draw() => Base64Url.Encode(RandomNumberGenerator.GetBytes(32));
}
