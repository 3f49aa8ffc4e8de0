using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;

namespace Bailiwick.Hub.Tokens;

/// <summary>What a link was made for.</summary>
internal sealed record ConnectWish(Actor Actor, TenantId Tenant, ApplicationId Application, SourceChoice Sources, string RedirectUri, ConnectionPurpose Purpose = ConnectionPurpose.Collect);

/// <summary>One sign-in on its way: from the redirect to the sign-in service until the person comes back.</summary>
internal sealed record PendingSignIn(ConnectWish Wish, byte[] SessionHash, string Nonce, string Verifier, DateTimeOffset ExpiresAt);

/// <summary>
/// Links (single use, 15 min) and sign-ins (single use, 10 min, bound to the browser session that opened the link). Kept in memory only: a
/// restart makes people start over, nothing else. Bounded. Thread safe.
/// </summary>
internal sealed class PendingSignIns(TimeProvider time)
{
    public static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan SignInLife = TimeSpan.FromMinutes(10);

    private const int MaxPending = 10_000;

    private readonly ConcurrentDictionary<string, Link> _links = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PendingSignIn> _signIns = new(StringComparer.Ordinal);

    public (string Ticket, DateTimeOffset ExpiresAt) AddLink(ConnectWish wish)
    {
        var now = time.GetUtcNow();
        foreach (var (old, link) in _links) if (link.ExpiresAt <= now) _links.TryRemove(old, out _);
        if (_links.Count >= MaxPending) throw new InvalidOperationException("Too many connect links are open; wait until some expire.");
        var ticket = Random();
        _links[KeyOf(ticket)] = new Link(wish, now + LinkLife, null);
        return (ticket, now + LinkLife);
    }

    /// <summary>Looks at a link and binds it to the first browser session that does; null for any other one.</summary>
    public (ConnectWish Wish, DateTimeOffset ExpiresAt)? FindLink(string ticket, string session)
    {
        var key = KeyOf(ticket);
        if (!_links.TryGetValue(key, out var link) || link.ExpiresAt <= time.GetUtcNow()) return null;
        if (link.SessionHash is null)
        {
            var bound = link with { SessionHash = HashOf(session) };
            if (!_links.TryUpdate(key, bound, link)) return FindLink(ticket, session);
            link = bound;
        }

        return link.IsOf(session) ? (link.Wish, link.ExpiresAt) : null;
    }

    /// <summary>Uses up a link; another browser than the one that opened it first gets nothing and changes nothing.</summary>
    public ConnectWish? TakeLink(string ticket, string session)
    {
        if (FindLink(ticket, session) is not { } found) return null;
        return _links.TryRemove(KeyOf(ticket), out _) ? found.Wish : null;
    }

    public (string State, PendingSignIn SignIn) AddSignIn(ConnectWish wish, string session)
    {
        var now = time.GetUtcNow();
        foreach (var (old, pending) in _signIns) if (pending.ExpiresAt <= now) _signIns.TryRemove(old, out _);
        if (_signIns.Count >= MaxPending) throw new InvalidOperationException("Too many sign-ins are under way; wait until some expire.");
        var state = Random();
        var signIn = new PendingSignIn(wish, HashOf(session), Random(), Random(), now + SignInLife);
        _signIns[KeyOf(state)] = signIn;
        return (state, signIn);
    }

    /// <summary>Uses up a state, whoever brings it: another browser's session gets nothing, and the state is gone.</summary>
    public PendingSignIn? TakeSignIn(string state, string session) =>
        _signIns.TryRemove(KeyOf(state), out var signIn)
        && signIn.ExpiresAt > time.GetUtcNow()
        && CryptographicOperations.FixedTimeEquals(signIn.SessionHash, HashOf(session))
            ? signIn
            : null;

    /// <summary>S256 of RFC 7636.</summary>
    public static string ChallengeOf(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>256 random bits as 43 characters.</summary>
    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed record Link(ConnectWish Wish, DateTimeOffset ExpiresAt, byte[]? SessionHash)
    {
        public bool IsOf(string session) => CryptographicOperations.FixedTimeEquals(SessionHash, HashOf(session));
    }

    private static string KeyOf(string text) => Convert.ToHexStringLower(HashOf(text));
}
