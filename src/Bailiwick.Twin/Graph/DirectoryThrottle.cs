using System.Collections.Concurrent;
using System.Globalization;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// What the directory lets one application ask in one tenant: resource units per ten seconds by the tenant's size, writes per two and a half minutes, and five requests per ten
/// seconds on the logs. Windows open with their first request; a refused request counts for nothing. Off until the switch turns it on. Source: throttling-limits, 2025.
/// </summary>
internal sealed class DirectoryThrottle(TimeProvider clock)
{
    private const int Writes = 3000;
    private const int Reports = 5;
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(150);

    /// <summary>Base cost of reads that are neither 1 for one object nor 2 for a list.</summary>
    private static readonly IReadOnlyDictionary<string, int> Costs = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["/applications/{id}"] = 2,
        ["/groups"] = 3,
        ["/groups/{id}/members"] = 3,
        ["/groups/{id}/transitiveMembers"] = 5,
        ["/users/{id}/transitiveMemberOf"] = 5,
        ["/me"] = 1,
    };

    private readonly ConcurrentDictionary<(string Kind, Guid App, Guid Tenant), Window> _windows = [];

    /// <summary>Counts one admitted call.</summary>
    /// <exception cref="GraphRefusal">429; the headers are set.</exception>
    public void Take(HttpContext context, TwinPrincipal caller, TwinServices services, string route)
    {
        if (!services.Switches.DirectoryLimits || route == "/$batch") return; // a batch's items are counted one by one
        var reads = HttpMethods.IsGet(context.Request.Method);
        var units = Cost(route, context.Request);
        var headers = context.Response.Headers;
        headers["x-ms-resource-unit"] = units.ToString(CultureInfo.InvariantCulture);
        var (kind, cost, most, length, reason) = route.StartsWith("/auditLogs/", StringComparison.Ordinal) ? ("reports", 1, Reports, Short, "ResourceTypeLimitExceeded")
            : reads ? ("reads", units, services.Switches.DirectoryUnits ?? Budget(services.Directory.Users(caller.TenantId).Count), Short, "ResourceUnitLimitExceeded")
            : ("writes", 1, Writes, Long, "WriteLimitExceeded");
        var (wait, used) = _windows.GetOrAdd((kind, caller.AppId, caller.TenantId), _ => new Window()).Take(clock.GetUtcNow(), cost, most, length);
        if (used >= 0.8) headers["x-ms-throttle-limit-percentage"] = used.ToString("0.0#", CultureInfo.InvariantCulture);
        if (wait is not { } seconds) return;
        headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        headers["x-ms-throttle-scope"] = $"Tenant_Application/{(reads ? "Read" : "ReadWrite")}/{caller.AppId:D}/{caller.TenantId:D}";
        headers["x-ms-throttle-information"] = reason;
        throw new GraphRefusal(StatusCodes.Status429TooManyRequests, "TooManyRequests", "Too many requests. Try again after the time in Retry-After.");
    }

    /// <summary>What a read costs: the base of its route, one less with <c>$select</c>, one more with <c>$expand</c>, one less with <c>$top</c> below 20, at least one.</summary>
    public static int Cost(string route, HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method)) return 1;
        var cost = Costs.TryGetValue(route, out var known) ? known : route.EndsWith('}') || route.EndsWith("')", StringComparison.Ordinal) ? 1 : 2;
        bool Has(string option) => request.Query.ContainsKey(option) || request.Query.ContainsKey("$" + option);
        if (Has("select")) cost--;
        if (Has("expand")) cost++;
        if (int.TryParse(request.Query["$top"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var top) && top < 20) cost--;
        return Math.Max(1, cost);
    }

    private static int Budget(int users) => users < 50 ? 3500 : users <= 500 ? 5000 : 8000;

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private DateTimeOffset _opened;
        private int _count;

        /// <summary>Seconds to wait where it is too much, and the share of the window that is used then.</summary>
        public (int? Wait, double Used) Take(DateTimeOffset now, int cost, int most, TimeSpan length)
        {
            lock (_gate)
            {
                if (_count == 0 || now - _opened >= length || now < _opened) (_opened, _count) = (now, 0);
                var used = (double)(_count + cost) / most;
                if (_count + cost > most) return (Math.Max(1, (int)Math.Ceiling((_opened + length - now).TotalSeconds)), used);
                _count += cost;
                return (null, used);
            }
        }
    }
}
