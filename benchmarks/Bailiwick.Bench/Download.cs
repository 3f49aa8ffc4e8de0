using System.Diagnostics;
using Bailiwick.Hub.Collectors.GraphAlerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Bench;

/// <summary>What getting the pages costs by itself: over TLS into memory, and with reading them; from the same source, in this process.</summary>
internal static class Download
{
    public static async Task RunAsync(Stage stage, IReadOnlyList<Guid> tenants)
    {
        using var http = stage.OpenSource();
        foreach (var (what, read) in new[] { ("page download alone (source included)", false), ("page download and parse (source included)", true) })
        {
            var (own, watch, alerts) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew(), 0L);
            foreach (var tenant in tenants) alerts += await TenantAsync(stage, http, tenant, read);
            Report.Rate(what, alerts, watch.Elapsed, Environment.CpuUsage.TotalTime - own);
        }
    }

    private static async Task<long> TenantAsync(Stage stage, HttpClient http, Guid tenant, bool read)
    {
        await stage.SignInAsync(http, tenant);
        var alerts = 0L;
        for (Uri? next = new("/graph/v1.0/security/alerts_v2?$top=500", UriKind.Relative); next is not null;)
        {
            var bytes = await http.GetByteArrayAsync(next);
            (next, var count) = read ? Read(bytes) : Skim(bytes);
            alerts += count;
        }

        return alerts;
    }

    private static (Uri? Next, long Count) Read(byte[] bytes)
    {
        var buffer = UpstreamPage.Pool.Rent(bytes.Length);
        bytes.CopyTo(buffer, 0);
        using var page = UpstreamPage.Read(buffer, bytes.Length, new GraphAlertSource().Shape);
        return (page.NextLink, page.Alerts.Count);
    }

    /// <summary>Finds the continuation without reading the records.</summary>
    private static (Uri? Next, long Count) Skim(byte[] bytes)
    {
        var text = bytes.AsSpan();
        var count = text.Count("\"providerAlertId\":"u8);
        var at = text.LastIndexOf("\"@odata.nextLink\":\""u8);
        if (at < 0) return (null, count);
        var link = text[(at + "\"@odata.nextLink\":\"".Length)..];
        return (new Uri(System.Text.RegularExpressions.Regex.Unescape(System.Text.Encoding.UTF8.GetString(link[..link.IndexOf((byte)'"')]))), count);
    }
}
