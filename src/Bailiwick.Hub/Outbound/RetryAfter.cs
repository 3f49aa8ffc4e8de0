using System.Net.Http.Headers;

namespace Bailiwick.Hub.Outbound;

/// <summary>How long a server asks its callers to wait.</summary>
internal static class RetryAfter
{
    /// <summary>The longest wish that is granted.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>The wish as a length of time from 0 to <see cref="Longest"/>, or null when there is none. Source: RFC 9110 §10.2.3.</summary>
    public static TimeSpan? Of(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        if ((header?.Delta ?? header?.Date - now) is not { } wish) return null;
        return wish < TimeSpan.Zero ? TimeSpan.Zero : wish > Longest ? Longest : wish;
    }
}
