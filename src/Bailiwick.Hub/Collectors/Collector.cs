using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>
/// Collects one (tenant, source): walks the window that is due, stores each page, and moves the checkpoint with the last page of a clean walk. A crash
/// anywhere means walking again; the log recognises what it has. One run at a time.
/// </summary>
internal sealed class Collector(
    CollectorTarget target,
    IAlertSource source,
    CollectorOptions options,
    UpstreamClient upstream,
    AlertLog log,
    Checkpoints checkpoints,
    CoverageLedger ledger,
    RequestBudget budget,
    TimeProvider time)
{
    private readonly UpstreamTenant _tenant = new(target.Tenant, target.Cloud, target.Origin);
    private readonly CollectorPlan _plan = new(options);
    private readonly Obstacles _obstacles = new();
    private readonly Disappearances _gone = new();
    private readonly HashSet<string> _nowhere = new(StringComparer.Ordinal); // redirects that lead to nothing the source still has
    private Checkpoint? _checkpoint;
    private bool _loaded;
    private TimeSpan _late;
    private int _illInARow;

    /// <summary>What this collector works on.</summary>
    public CollectorTarget Target => target;

    /// <summary>Where it stands; null before the first clean walk, or before the first run of this process.</summary>
    public Checkpoint? Checkpoint => Volatile.Read(ref _checkpoint);

    /// <summary>Versions that were new to the log since this collector was made.</summary>
    public long Added { get; private set; }

    /// <summary>Alerts that the log holds and the source no longer shows, though nothing says they changed; by the last two walks.</summary>
    public int Gone => _gone.Count;

    /// <summary>When the first of them was missed first, UTC; null when none is gone.</summary>
    public DateTimeOffset? GoneSince => _gone.Since;

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
            var due = _plan.Next(_checkpoint, now, await OldestUnprovenAsync(now, cancellationToken));
            var result = await WalkAsync(due, now, cancellationToken);
            if (result is not WalkResult.Clean) return result;
            if (due.Window.To >= now) break; // else a backlog: the next window follows at once
        }

        var later = time.GetUtcNow();
        return _plan.Back(_checkpoint!, later) is { } step ? await WalkAsync(step, later, cancellationToken) : new WalkResult.Clean();
    }

    /// <summary>Once a day: hours the source has forgotten are forgotten, and the oldest hour without proof is looked for.</summary>
    private async Task<DateTimeOffset?> OldestUnprovenAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_checkpoint is null || !_plan.IsDayDue(_checkpoint, now)) return null;
        var oldest = CoverageLedger.HourOf(_plan.OldestHour(now));
        await ledger.ForgetBeforeAsync(target.TenantKey, target.Source, oldest, cancellationToken);
        return await ledger.FindOldestUnprovenAsync(target.TenantKey, target.Source, oldest, cancellationToken) is { } hour ? CoverageLedger.StartOf(hour) : null;
    }

    private async Task<WalkResult> WalkAsync(Due due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        _obstacles.Narrow = _illInARow >= options.NarrowAfter;
        var walk = new Walk(GetAsync, source, target.Origin, options, _obstacles) { TrustsShortPages = due.IsPoll };
        var run = new Run(due, now, walk.SetAside);
        var result = await walk.RunAsync(due.Window, (page, last) => StoreAsync(page, run, last, cancellationToken), cancellationToken);
        result = run.Failure ?? result;
        CollectorMetrics.Walked(source.Name, result, time.GetElapsedTime(started));
        if (result is WalkResult.Stopped stopped)
        {
            _illInARow = Walk.IsContent(stopped.Reason) ? _illInARow + 1 : 0;
            return result;
        }

        _illInARow = _obstacles.Any ? options.NarrowAfter : 0;
        _checkpoint = run.Earned!.Earned;
        if (!due.IsBackfill) await CompareAsync(run, cancellationToken);
        return result;
    }

    /// <summary>What the log holds of the window walked and the source did not show.</summary>
    private async Task CompareAsync(Run run, CancellationToken cancellationToken)
    {
        var settled = run.Now - options.Settle;
        var to = run.Due.Window.To < settled ? run.Due.Window.To : settled;
        if (to <= run.Due.Window.From) return;
        _gone.Compare(await log.ListCurrentAsync(target.TenantKey, target.Source, run.Due.Window.From, to, cancellationToken), run.Seen, run.Now);
    }

    private async Task<PageAnswer> GetAsync(Uri address, bool behind, CancellationToken cancellationToken) =>
        await GetAsync(address, source.Shape, behind, cancellationToken);

    private async Task<PageAnswer> GetAsync(Uri address, AlertShape shape, bool behind, CancellationToken cancellationToken)
    {
        if (options.KeepRequestLimits) await budget.TakeAsync(cancellationToken);
        var answer = await upstream.GetPageAsync(_tenant, source.Audience, address, shape, behind, cancellationToken);
        CollectorMetrics.Asked(source.Name, answer);
        return answer;
    }

    private async Task StoreAsync(UpstreamPage page, Run run, bool last, CancellationToken cancellationToken)
    {
        using (page)
        {
            foreach (var alert in page.Alerts)
            {
                if (alert.Id is not null) run.Seen.Add(alert.Id);
            }

            if (source.Shape.Redirect is not null) await FollowRedirectsAsync(page, run, cancellationToken);
            if (last && run.Failure is null) run.Earned = Earn(run);
            await AppendAsync(page, run, last && run.Failure is null ? run.Earned : null, cancellationToken);
        }
    }

    /// <summary>A record merged into another one that the log does not have: the other one is fetched by its id, and the one that it was merged into, and so on.</summary>
    private async Task FollowRedirectsAsync(UpstreamPage page, Run run, CancellationToken cancellationToken)
    {
        foreach (var redirect in page.Alerts.Select(alert => alert.RedirectsTo).Where(id => !string.IsNullOrEmpty(id)).Distinct().ToList())
        {
            for (var id = redirect; id is not null && !_nowhere.Contains(id) && run.Seen.Add(id);)
            {
                if (await log.HoldsAsync(target.TenantKey, source.Name, id, cancellationToken) || source.AddressOf(target.Origin, id) is not { } address) break;
                var answer = await GetAsync(address, source.Shape with { Form = ListForm.Single }, behind: true, cancellationToken);
                if (answer is PageAnswer.Page(var single, _))
                {
                    using (single)
                    {
                        id = single.Alerts[0].RedirectsTo;
                        await AppendAsync(single, run, null, cancellationToken);
                    }

                    continue;
                }

                if (answer is PageAnswer.TryLater later) run.Failure = new WalkResult.Stopped(later.Reason, later.Detail, later.After, NeedsPerson: false);
                else _nowhere.Add(id);
                break;
            }
        }
    }

    private async Task AppendAsync(UpstreamPage page, Run run, CleanWalk? walk, CancellationToken cancellationToken)
    {
        var alerts = new List<CollectedAlert>(page.Alerts.Count);
        var rejected = new List<RejectedRecord>(run.SetAside);
        run.SetAside.Clear();
        foreach (var alert in page.Alerts)
        {
            if (Reject(alert) is { } reason) rejected.Add(reason);
            else alerts.Add(AlertMapping.ToAlert(alert));
        }

        CollectorMetrics.Read(source.Name, page.Alerts.Count, rejected);
        var result = await log.AppendAsync(target.TenantKey, target.Tenant, source.Name, alerts, rejected, walk, cancellationToken);
        Added += result.Added;
        if (run.Due.IsBackfill || _checkpoint is not { } before || result.OldestNews is not { } oldest || oldest >= before.WalkedAt) return;
        if (run.Now - oldest > _late) _late = run.Now - oldest; // the walk before could have shown it
    }

    /// <summary>What the walk earned, with what was learned about lateness; what the last page teaches is kept for the next walk.</summary>
    private CleanWalk Earn(Run run)
    {
        var earns = run.Due.Earns;
        if (!run.Due.IsBackfill && _checkpoint is { } before)
        {
            earns = earns with { LateBy = CollectorPlan.Learn(before.LateBy, run.Now - before.WalkedAt, _late) };
            _late = TimeSpan.Zero;
        }

        return new CleanWalk(run.Due.Window.From, run.Due.Window.To, run.Now, _plan.LateHorizon(earns), earns);
    }

    /// <summary>Why a record may not enter the log, or null.</summary>
    private RejectedRecord? Reject(UpstreamAlert alert)
    {
        if (alert.Id is not { Length: > 0 and <= 512 } || alert.Updated is null)
        {
            return new RejectedRecord("", "unreadable", "The record has no readable id or update time.", alert.Raw) { Digest = alert.Digest };
        }

        if (alert.Raw.Length > options.MaxAlertBytes)
        {
            return new RejectedRecord(alert.Id, "oversized", $"The record has {alert.Raw.Length} bytes, more than {options.MaxAlertBytes}.", alert.Raw) { Digest = alert.Digest };
        }

        if (alert.Tenant is { Length: > 0 } named && (!TenantId.TryParse(named, out var tenant) || tenant != target.Tenant))
        {
            return new RejectedRecord(alert.Id, "foreign-tenant", "The record names another tenant than the one it was read from.", alert.Raw) { Digest = alert.Digest };
        }

        return null;
    }

    /// <summary>One walk in progress.</summary>
    private sealed class Run(Due due, DateTimeOffset now, List<RejectedRecord> setAside)
    {
        public Due Due { get; } = due;

        /// <summary>When it began.</summary>
        public DateTimeOffset Now { get; } = now;

        /// <summary>Set aside by the walk, not yet stored.</summary>
        public List<RejectedRecord> SetAside { get; } = setAside;

        /// <summary>The ids that came.</summary>
        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        /// <summary>Why it is not clean though every page came.</summary>
        public WalkResult.Stopped? Failure { get; set; }

        /// <summary>What it earned; set with the last page.</summary>
        public CleanWalk? Earned { get; set; }
    }
}
