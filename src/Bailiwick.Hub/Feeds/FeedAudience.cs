using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;

namespace Bailiwick.Hub.Feeds;

/// <summary>
/// The customers that a feed's definition and a caller's rights have in common. Callers with the same audience are one consumer: a key can be replaced
/// between handing out and confirming.
/// </summary>
/// <param name="Customers">The customers; null for every one, also those to come. Never empty.</param>
/// <param name="Key">Names the audience in the store: <c>all</c>, <c>feed</c> (all that the feed may give), or a digest of the customers.</param>
public sealed record FeedAudience(IReadOnlySet<CustomerId>? Customers, string Key)
{
    /// <summary>What both allow, or null when that is nothing: to this caller the feed does not exist.</summary>
    public static FeedAudience? Of(FeedDefinition feed, CustomerScope scope)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(scope);
        if (scope.All) return new FeedAudience(feed.Customers, feed.Customers is null ? "all" : "feed");
        var both = feed.Customers is null ? scope.Customers : scope.Customers.Where(feed.Customers.Contains).ToHashSet();
        if (both.Count == 0) return null;
        return feed.Customers is not null && both.Count == feed.Customers.Count ? new FeedAudience(both, "feed") : new FeedAudience(both, Digest(both));
    }

    private static string Digest(IEnumerable<CustomerId> customers) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(' ', customers.Select(customer => customer.ToString()).Order(StringComparer.Ordinal)))));
}
