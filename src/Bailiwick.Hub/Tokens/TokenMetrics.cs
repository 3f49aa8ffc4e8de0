using System.Diagnostics.Metrics;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Hub.Tokens;

/// <summary>What token requests count: one addition per request to the sign-in service.</summary>
internal static class TokenMetrics
{
    private static readonly Meter s_meter = new(Meters.Tokens);
    private static readonly Counter<long> s_requests = Instruments.TokenRequests.Counter(s_meter);

    /// <summary>One request was answered.</summary>
    public static void Asked(TokenAudience audience, TokenResult result) => s_requests.Add(
        1,
        new KeyValuePair<string, object?>(Labels.Audience, audience.ToString().ToLowerInvariant()),
        new KeyValuePair<string, object?>(Labels.Result, result switch { TokenResult.Acquired => "acquired", TokenResult.Refused => "refused", _ => "try-later" }));
}
