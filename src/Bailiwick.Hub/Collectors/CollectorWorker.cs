using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Upstream;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Collectors;

/// <summary>
/// Keeps every (tenant, source) collected: starts each one's run when it is due, each as a task of its own, so that a throttled or hanging tenant delays no other.
/// </summary>
public sealed partial class CollectorWorker : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SlowRetry = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(long TenantKey, string Source), CollectorState> _states = new();
    private readonly Dictionary<(long TenantKey, string Source), Scheduled> _schedule = [];
    private readonly Func<CancellationToken, Task<CollectorTargetList>> _targets;
    private readonly Func<string, CollectorOptions> _options;
    private readonly UpstreamClient _upstream;
    private readonly AlertLog _log;
    private readonly Checkpoints _checkpoints;
    private readonly CoverageLedger _ledger;
    private readonly CollectorTroubles _troubles;
    private readonly RequestBudgets _budgets;
    private readonly TimeProvider _time;
    private readonly ILogger<CollectorWorker> _logger;
    private readonly Meter _meter = new(Meters.Collectors);
    private volatile IReadOnlyList<Collector> _collectors = [];
    private volatile bool _reload = true;
    private bool _remembered;
    private DateTimeOffset _reloadAt = DateTimeOffset.MaxValue;

    /// <summary>Wires the worker.</summary>
    /// <param name="targets">What is to be collected now; asked at start and after <see cref="Reload"/>.</param>
    /// <param name="options">The options of a source by name.</param>
    /// <param name="upstream">Gets pages.</param>
    /// <param name="log">Stores them.</param>
    /// <param name="checkpoints">Where collectors stand.</param>
    /// <param name="ledger">What was walked.</param>
    /// <param name="troubles">Why collectors stand still, from before the start.</param>
    /// <param name="budgets">The documented request limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public CollectorWorker(
        Func<CancellationToken, Task<CollectorTargetList>> targets,
        Func<string, CollectorOptions> options,
        UpstreamClient upstream,
        AlertLog log,
        Checkpoints checkpoints,
        CoverageLedger ledger,
        CollectorTroubles troubles,
        RequestBudgets budgets,
        TimeProvider time,
        ILogger<CollectorWorker> logger)
    {
        _targets = targets;
        _options = options;
        _upstream = upstream;
        _log = log;
        _checkpoints = checkpoints;
        _ledger = ledger;
        _troubles = troubles;
        _budgets = budgets;
        _time = time;
        _logger = logger;
        Instruments.CollectorLag.Gauge(_meter, ReadLag);
        Instruments.CollectorsFailing.Gauge(_meter, ReadFailing);
    }

    /// <summary>How each (tenant, source) stands, by tenant key and source name.</summary>
    public IReadOnlyDictionary<(long TenantKey, string Source), CollectorState> States => _states;

    /// <summary>True when this process may not work, because its vault is sealed; set before the start.</summary>
    public bool Held { get; set; }

    /// <summary>How a source is walked.</summary>
    public CollectorOptions OptionsOf(string source) => _options(source);

    /// <summary>Connections or pauses changed: look again at once.</summary>
    public void Reload() => _reload = true;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Held) return;
        using var timer = new PeriodicTimer(Tick, _time);
        try
        {
            do
            {
                if (_reload || _time.GetUtcNow() >= _reloadAt) await TryLoadAsync(stoppingToken);
                StartWhatIsDue(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }

        await Task.WhenAll(_schedule.Values.Select(scheduled => scheduled.Running));
        foreach (var scheduled in _schedule.Values) scheduled.Stop.Dispose();
    }

    private async Task TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
#pragma warning disable CA1031 // The top of the loop: what is scheduled goes on, the list is read again at the next tick.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _reload = true;
            Log.NotLoaded(_logger, failure);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        _reload = false;
        if (!_remembered)
        {
            foreach (var (key, state) in await _troubles.ListAsync(cancellationToken)) _states.TryAdd(key, state);
            _remembered = true;
        }

        var list = await _targets(cancellationToken);
        var enabled = list.Targets.ToLookup(target => _options(target.Source).Enabled);
        var wanted = enabled[true].ToDictionary(target => (target.TenantKey, target.Source));
        var holds = list.Holds.Concat(enabled[false].Select(target => new CollectorHold(
            target.TenantKey, target.Source, HoldReasons.Disabled, $"The source is switched off in this hub's configuration (Sources:{target.Source}:Enabled)."))).ToList();
        _reloadAt = holds.Min(hold => hold.Until) ?? DateTimeOffset.MaxValue;
        Unschedule(wanted);
        foreach (var hold in holds) await HoldAsync(hold, cancellationToken);
        foreach (var (key, target) in wanted)
        {
            Schedule(key, target);
            if (_states.TryGetValue(key, out var state) && HoldReasons.IsHold(state.Reason)) await ForgetAsync(key, cancellationToken);
        }

        var known = holds.Select(hold => (hold.TenantKey, hold.Source)).Concat(wanted.Keys).ToHashSet();
        foreach (var key in _states.Keys.Where(key => !known.Contains(key)).ToList()) await ForgetAsync(key, cancellationToken);
        _collectors = [.. _schedule.Values.Select(scheduled => scheduled.Collector)];
    }

    private Task ForgetAsync((long TenantKey, string Source) key, CancellationToken cancellationToken)
    {
        _states.TryRemove(key, out _);
        return _troubles.WriteAsync(key.TenantKey, key.Source, null, cancellationToken);
    }

    private void Unschedule(Dictionary<(long TenantKey, string Source), CollectorTarget> wanted)
    {
        foreach (var key in _schedule.Keys.Where(key => !wanted.TryGetValue(key, out var target) || target != _schedule[key].Collector.Target || _schedule[key].Stop.IsCancellationRequested).ToList())
        {
            if (!_schedule[key].Running.IsCompleted)
            {
                _schedule[key].Stop.Cancel();
                _reload = true; // looked at again when its run has ended
                continue;
            }

            _schedule[key].Stop.Dispose();
            _schedule.Remove(key);
        }
    }

    private void Schedule((long TenantKey, string Source) key, CollectorTarget target)
    {
        if (_schedule.TryGetValue(key, out var known))
        {
            if (_states.TryGetValue(key, out var state) && state.NeedsPerson) known.DueAt = _time.GetUtcNow(); // somebody may have acted: try at once
            return;
        }

        if (SourceCatalog.Find(target.Source) is not { } source) return;
        var options = _options(target.Source);
        var collector = new Collector(target, source, options, _upstream, _log, _checkpoints, _ledger, _budgets.Of(target.TenantKey, source), _time);
        _schedule.Add(key, new Scheduled(collector, options) { DueAt = _time.GetUtcNow() });
    }

    /// <summary>Not to be walked now: that is its state, and it began when the reason says or when it was first seen.</summary>
    private async Task HoldAsync(CollectorHold hold, CancellationToken cancellationToken)
    {
        var key = (hold.TenantKey, hold.Source);
        _states.TryGetValue(key, out var last);
        var now = _time.GetUtcNow();
        var since = hold.Since ?? (last?.Reason == hold.Reason ? last.FailingSince : null) ?? now;
        var state = new CollectorState(now, since, hold.Reason, hold.Detail, NeedsPerson: hold.Until is null);
        _states[key] = state;
        if (last?.Reason != hold.Reason || last.Detail != hold.Detail) await _troubles.WriteAsync(hold.TenantKey, hold.Source, state, cancellationToken);
    }

    private IEnumerable<Measurement<double>> ReadLag()
    {
        var now = _time.GetUtcNow();
        return _collectors.Where(collector => collector.Checkpoint is not null)
            .GroupBy(collector => collector.Target.Source)
            .Select(group => new Measurement<double>(
                Math.Max(0, group.Max(collector => (now - collector.Checkpoint!.Cursor).TotalSeconds)), new KeyValuePair<string, object?>(Labels.Source, group.Key)))
            .ToList();
    }

    private IEnumerable<Measurement<double>> ReadFailing() => _states
        .GroupBy(state => state.Key.Source)
        .Select(group => new Measurement<double>(group.Count(state => state.Value is { FailingSince: not null, Reason: not HoldReasons.Paused }), new KeyValuePair<string, object?>(Labels.Source, group.Key)))
        .ToList();

    private void StartWhatIsDue(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        foreach (var scheduled in _schedule.Values)
        {
            if (now < scheduled.DueAt || !scheduled.Running.IsCompleted) continue;
            scheduled.DueAt = now + scheduled.Options.PollInterval;
            scheduled.Running = RunAsync(scheduled, cancellationToken);
        }
    }

    private async Task RunAsync(Scheduled scheduled, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, scheduled.Stop.Token);
        var target = scheduled.Collector.Target;
        try
        {
            var before = scheduled.Collector.Added;
            var result = await scheduled.Collector.RunOnceAsync(both.Token);
            var added = scheduled.Collector.Added - before;
            if (added > 0) Log.Collected(_logger, added, target.Tenant.ToString(), target.Source);
            if (result is WalkResult.Stopped stopped) await FailedAsync(scheduled, stopped.Reason.ToString(), stopped.Detail, stopped.After, stopped.NeedsPerson);
            else await CleanAsync(scheduled);
        }
        catch (OperationCanceledException) when (both.IsCancellationRequested)
        {
            // stopping, or not to be walked any more
        }
        catch (LeaseLostException lost)
        {
            Log.LeaseLost(_logger, lost.Message);
            await FailedAsync(scheduled, HoldReasons.HubFailed, lost.Message, null, needsPerson: false);
        }
#pragma warning disable CA1031 // The top of the loop: one tenant's bug or a full disk must not stop the others; nothing was acknowledged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.RunFailed(_logger, failure, target.Tenant.ToString(), target.Source);
            await FailedAsync(scheduled, HoldReasons.HubFailed, $"The hub itself failed ({failure.GetType().Name}); see its log.", null, needsPerson: false);
        }
    }

    private async Task CleanAsync(Scheduled scheduled)
    {
        var collector = scheduled.Collector;
        scheduled.Failures = 0;
        await RememberAsync(
            collector.Target, new CollectorState(_time.GetUtcNow(), null, null, null, NeedsPerson: false) { Gone = collector.Gone, GoneSince = collector.GoneSince });
    }

    private async Task FailedAsync(Scheduled scheduled, string reason, string detail, TimeSpan? after, bool needsPerson)
    {
        var target = scheduled.Collector.Target;
        var now = _time.GetUtcNow();
        _states.TryGetValue((target.TenantKey, target.Source), out var last);
        scheduled.Failures++;
        var backoff = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(scheduled.Failures, 10)), LongestBackoff.TotalSeconds) * (0.5 + (Random.Shared.NextDouble() / 2)));
        scheduled.DueAt = now + (needsPerson && scheduled.Failures > 1 ? SlowRetry : Larger(backoff, after ?? TimeSpan.Zero));
        if (last?.Reason != reason) Log.WalkStopped(_logger, target.Tenant.ToString(), target.Source, reason, detail);
        await RememberAsync(target, new CollectorState(now, last?.FailingSince ?? now, reason, detail, needsPerson) { Gone = last?.Gone ?? 0, GoneSince = last?.GoneSince });
    }

    /// <summary>The state for all to see; what lasts over a restart is written only when the reason changes.</summary>
    private async Task RememberAsync(CollectorTarget target, CollectorState state)
    {
        var key = (target.TenantKey, target.Source);
        _states.TryGetValue(key, out var last);
        _states[key] = state;
        if (last?.Reason == state.Reason && last?.FailingSince == state.FailingSince) return;
        try
        {
            await _troubles.WriteAsync(target.TenantKey, target.Source, state, CancellationToken.None);
        }
#pragma warning disable CA1031 // The state is true without its row; the row is written with the next change.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.NotRemembered(_logger, failure, target.Tenant.ToString(), target.Source);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    private static TimeSpan Larger(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private sealed class Scheduled(Collector collector, CollectorOptions options)
    {
        public Collector Collector { get; } = collector;

        public CollectorOptions Options { get; } = options;

        /// <summary>Ends a run under way that must not go on.</summary>
        public CancellationTokenSource Stop { get; } = new();

        public DateTimeOffset DueAt { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;

        public int Failures { get; set; }
    }
}
