using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>
/// Collects one (tenant, source): chooses the window that is due, walks it, stores each page, and moves the checkpoint with the last page of a clean walk.
/// A crash anywhere means walking again; the log recognises what it has. One run at a time.
/// </summary>
internal sealed class Collector(
    CollectorTarget target,
    IAlertSource source,
    CollectorOptions options,
    UpstreamClient upstream,
    AlertLog log,
    Checkpoints checkpoints,
    TimeProvider time)
{
    private readonly RequestBudget _budget = new(source.Limits, time);
    private readonly UpstreamTenant _tenant = new(target.Tenant, target.Cloud, target.Origin);
    private Checkpoint? _checkpoint;
    private bool _loaded;

    /// <summary>What this collector works on.</summary>
    public CollectorTarget Target => target;

    /// <summary>Where it stands; null before the first clean walk, or before the first run of this process.</summary>
    public Checkpoint? Checkpoint => Volatile.Read(ref _checkpoint);

    /// <summary>Versions that were new to the log since this collector was made.</summary>
    public long Added { get; private set; }

    /// <summary>Walks what is due now: the newest window (with the sweeps that are due), then one step of the first run's way back.</summary>
    public async Task<WalkResult> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!_loaded)
        {
            _checkpoint = await checkpoints.FindAsync(target.TenantKey, target.Source, cancellationToken);
            _loaded = true;
        }

        while (true)
        {
            var now = time.GetUtcNow();
            var due = Due(_checkpoint, now);
            var result = await WalkAsync(due, cancellationToken);
            if (result is not WalkResult.Clean) return result;
            if (due.Window.To >= now) break; // else a backlog: the next window follows at once
        }

        return BackfillStep(_checkpoint!, time.GetUtcNow()) is { } step ? await WalkAsync(step, cancellationToken) : new WalkResult.Clean();
    }

    /// <summary>The window to walk now and the checkpoint that a clean walk earns; pure.</summary>
    internal Due Due(Checkpoint? at, DateTimeOffset now)
    {
        if (at is null)
        {
            var first = new TimeWindow(now - options.LongestWindow, now);
            return new Due(first, new Checkpoint { Cursor = now - options.Settle, WalkedAt = now, HourSweptAt = now, DaySweptAt = now, BackfilledTo = first.From });
        }

        var from = at.Cursor - options.Overlap;
        if (now - from > options.LongestWindow)
        {
            var to = from + options.LongestWindow;
            return new Due(new TimeWindow(from, to), at with { Cursor = Min(to, now - options.Settle), WalkedAt = now });
        }

        var hourDue = options.HourlySweep > TimeSpan.Zero && now - at.HourSweptAt >= TimeSpan.FromHours(1);
        var dayDue = options.DailySweep > TimeSpan.Zero && now - at.DaySweptAt >= TimeSpan.FromDays(1);
        if (dayDue) from = Min(from, now - options.DailySweep);
        if (hourDue) from = Min(from, now - options.HourlySweep);
        return new Due(
            new TimeWindow(from, now),
            at with
            {
                Cursor = Max(at.Cursor, now - options.Settle),
                WalkedAt = now,
                HourSweptAt = hourDue ? now : at.HourSweptAt,
                DaySweptAt = dayDue ? now : at.DaySweptAt,
            });
    }

    /// <summary>The next window of the way back to the source's retention, each twice as far as the last; null when it is done; pure.</summary>
    internal Due? BackfillStep(Checkpoint at, DateTimeOffset now)
    {
        var oldest = now - options.Retention;
        if (at.BackfilledTo <= oldest) return null;
        var from = Max(oldest, at.BackfilledTo - (now - at.BackfilledTo));
        return new Due(new TimeWindow(from, at.BackfilledTo), at with { BackfilledTo = from });
    }

    private async Task<WalkResult> WalkAsync(Due due, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var walk = new Walk(GetAsync, source, target.Origin, options);
        var result = await walk.RunAsync(due.Window, (page, last) => StoreAsync(page, last ? due.Earns : null, cancellationToken), cancellationToken);
        CollectorMetrics.Walked(source.Name, result, time.GetElapsedTime(started));
        if (result is WalkResult.Clean) _checkpoint = due.Earns;
        return result;
    }

    private async Task<PageAnswer> GetAsync(Uri address, bool behind, CancellationToken cancellationToken)
    {
        if (options.KeepRequestLimits) await _budget.TakeAsync(cancellationToken);
        var answer = await upstream.GetPageAsync(_tenant, source.Audience, address, source.Shape, behind, cancellationToken);
        CollectorMetrics.Asked(source.Name, answer);
        return answer;
    }

    private async Task StoreAsync(UpstreamPage page, Checkpoint? earned, CancellationToken cancellationToken)
    {
        using (page)
        {
            var alerts = new List<CollectedAlert>(page.Alerts.Count);
            var rejected = new List<RejectedRecord>();
            foreach (var alert in page.Alerts)
            {
                if (Reject(alert) is { } reason) rejected.Add(reason);
                else alerts.Add(AlertMapping.ToAlert(alert));
            }

            CollectorMetrics.Read(source.Name, page.Alerts.Count, rejected);
            Added += await log.AppendAsync(target.TenantKey, target.Tenant, source.Name, alerts, rejected, earned, cancellationToken);
        }
    }

    /// <summary>Why a record may not enter the log, or null.</summary>
    private RejectedRecord? Reject(UpstreamAlert alert)
    {
        if (alert.Id is not { Length: > 0 and <= 512 } || alert.Updated is null)
        {
            return new RejectedRecord("", "unreadable", "The record has no readable id or update time.", alert.Raw);
        }

        if (alert.Raw.Length > options.MaxAlertBytes)
        {
            return new RejectedRecord(alert.Id, "oversized", $"The record has {alert.Raw.Length} bytes, more than {options.MaxAlertBytes}.", alert.Raw);
        }

        if (alert.Tenant is { Length: > 0 } named && (!TenantId.TryParse(named, out var tenant) || tenant != target.Tenant))
        {
            return new RejectedRecord(alert.Id, "foreign-tenant", "The record names another tenant than the one it was read from.", alert.Raw);
        }

        return null;
    }

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}

/// <summary>A window to walk and the checkpoint that a clean walk of it earns.</summary>
internal sealed record Due(TimeWindow Window, Checkpoint Earns);
