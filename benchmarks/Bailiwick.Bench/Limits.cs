using System.Diagnostics;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Collectors.GraphAlerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Bench;

/// <summary>What the hub's own steps cost alone, in this process: reading pages, appending to the log.</summary>
internal static class Limits
{
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));

    public static async Task RunAsync()
    {
        var start = new DateTimeOffset(2026, 3, 11, 0, 0, 0, TimeSpan.Zero);
        var source = new GraphAlertSource();
        var pages = Enumerable.Range(0, 40).Select(page => SampleAlert.Page(page * 500, 500, start)).ToList();
        Report.Title($"Limits: the hub's own steps alone, in one process, alerts of {pages.Sum(page => page.Length) / 20_000} bytes");
        for (var warm = 0; warm < 2; warm++) foreach (var page in pages) Read(page, source).Dispose();
        Measure("read page (parse, canonical digest, exact bytes)", 20_000 * 5, () =>
        {
            for (var i = 0; i < 5; i++) foreach (var page in pages) Read(page, source).Dispose();
        });

        var folder = Directory.CreateTempSubdirectory("bailiwick-bench-").FullName;
        await using (var database = new SqliteDatabase(Path.Combine(folder, "bailiwick.db")))
        {
            await Migrator.MigrateAsync(database, CancellationToken.None);
            var log = new AlertLog(database, TimeProvider.System);
            for (var tenant = 1; tenant <= 4; tenant++)
            {
                var key = tenant;
                var before = Written();
                await MeasureAsync($"append to the log, SQLite, 500 a transaction, tenant {tenant}", 20_000, async () =>
                {
                    foreach (var bytes in pages)
                    {
                        using var page = Read(bytes, source);
                        await log.AppendAsync(key, Tenant, source.Name, [.. page.Alerts.Select(AlertMapping.ToAlert)], [], null, CancellationToken.None);
                    }
                });
                if (tenant == 4) Report.Fact("bytes written per alert, log and its checkpoints", $"{(Written() - before) / 20_000:N0}");
            }

            await MeasureAsync("append the same again (all recognised)", 20_000, async () =>
            {
                foreach (var bytes in pages)
                {
                    using var page = Read(bytes, source);
                    await log.AppendAsync(1, Tenant, source.Name, [.. page.Alerts.Select(AlertMapping.ToAlert)], [], null, CancellationToken.None);
                }
            });
            await MeasureAsync("read back from the log", 20_000, async () =>
            {
                for (var after = 0L; after < 20_000;) after = (await log.ReadAsync(1, Tenant, after, 500, int.MaxValue, CancellationToken.None))[^1].LogNumber;
            });
            Report.Fact("database file", $"{new FileInfo(database.Path).Length / 80_000:N0} bytes an alert");
        }

        Directory.Delete(folder, recursive: true);
    }

    private static UpstreamPage Read(byte[] page, GraphAlertSource source)
    {
        var buffer = UpstreamPage.Pool.Rent(page.Length);
        page.CopyTo(buffer, 0);
        return UpstreamPage.Read(buffer, page.Length, source.Shape);
    }

    private static long Written() => File.ReadLines("/proc/self/io")
        .Where(line => line.StartsWith("wchar", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))
        .First();

    private static void Measure(string what, int alerts, Action work)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        work();
        process.Refresh();
        Report.Rate(what, alerts, watch.Elapsed, process.TotalProcessorTime - cpu);
    }

    private static async Task MeasureAsync(string what, int alerts, Func<Task> work)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await work();
        process.Refresh();
        Report.Rate(what, alerts, watch.Elapsed, process.TotalProcessorTime - cpu);
    }
}
