using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Bailiwick.Api;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Server.Http;

/// <summary>
/// A token bucket per principal: 600 requests a minute, 60 at once. While nobody is known it is one per address for the API, where each such request
/// will be refused, and others for the pages that customers sign in by and for the connectors' token endpoint, so that trying keys shuts nobody out of
/// those. Thread safe. Health and metrics are free.
/// </summary>
internal sealed class RequestBudget(TimeProvider time)
{
    public const int Burst = 60;
    public const double PerSecond = 10;
    private const int MostBuckets = 10_000;

    private static readonly string[] s_counted = ["/api", "/connect", "/compat"];

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public Task Spend(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        if (Array.Find(s_counted, root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase)) is not { } root) return next(context);
        return TryTake(PayerOf(context, root)) is { } wait
            ? Answers.WriteAsync(context, Problems.TooManyRequests, "Slow down to 600 requests a minute; Retry-After says when to go on.", retryAfter: wait)
            : next(context);
    }

    /// <summary>Takes one request from a principal's bucket.</summary>
    /// <returns>Null when there was one, else how long until there is.</returns>
    public TimeSpan? TryTake(string principal)
    {
        if (_buckets.Count > MostBuckets) Forget();
        return _buckets.GetOrAdd(principal, static (_, now) => new Bucket(now), time.GetUtcNow()).TryTake(time.GetUtcNow());
    }

    private static string PayerOf(HttpContext context, string root) => context.User.FindFirst(ClaimTypes.NameIdentifier) is { Value: var id }
        ? "principal " + id
        : $"stranger {root} {NetworkOf(context.Connection.RemoteIpAddress)}";

    /// <summary>An IPv6 caller owns 64 bits of addresses: those count as one.</summary>
    private static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (principal, bucket) in _buckets)
        {
            if (bucket.IsFull(now)) _buckets.TryRemove(principal, out _);
        }
    }

    private sealed class Bucket(DateTimeOffset now)
    {
        private readonly Lock _gate = new();
        private double _left = Burst;
        private DateTimeOffset _at = now;

        public TimeSpan? TryTake(DateTimeOffset now)
        {
            lock (_gate)
            {
                Refill(now);
                if (_left < 1) return TimeSpan.FromSeconds((1 - _left) / PerSecond);
                _left--;
                return null;
            }
        }

        public bool IsFull(DateTimeOffset now)
        {
            lock (_gate)
            {
                Refill(now);
                return _left >= Burst;
            }
        }

        private void Refill(DateTimeOffset now)
        {
            if (now > _at) _left = Math.Min(Burst, _left + ((now - _at).TotalSeconds * PerSecond));
            _at = now;
        }
    }
}
