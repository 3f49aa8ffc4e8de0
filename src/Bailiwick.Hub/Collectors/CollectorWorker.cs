using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Tokens;
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
    private readonly Dictionary<(long TenantKey, TokenAudience Audience), RequestBudget> _budgets = [];
    private readonly Func<CancellationToken, Task<IReadOnlyList<CollectorTarget>>> _targets;
    private readonly Func<string, CollectorOptions> _options;
    private readonly UpstreamClient _upstream;
    private readonly AlertLog _log;
    private readonly Checkpoints _checkpoints;
    private readonly CoverageLedger _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger<CollectorWorker> _logger;
    private readonly Meter _meter = new(Meters.Collectors);
    private volatile IReadOnlyList<Collector> _collectors = [];
    private volatile bool _reload = true;

    /// <summary>Wires the worker.</summary>
    /// <param name="targets">What is to be collected now; asked at start and after <see cref="Reload"/>.</param>
    /// <param name="options">The options of a source by name.</param>
    /// <param name="upstream">Gets pages.</param>
    /// <param name="log">Stores them.</param>
    /// <param name="checkpoints">Where collectors stand.</param>
    /// <param name="ledger">What was walked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public CollectorWorker(
        Func<CancellationToken, Task<IReadOnlyList<CollectorTarget>>> targets,
        Func<string, CollectorOptions> options,
        UpstreamClient upstream,
        AlertLog log,
        Checkpoints checkpoints,
        CoverageLedger ledger,
        TimeProvider time,
        ILogger<CollectorWorker> logger)
    {
        _targets = targets;
        _options = options;
        _upstream = upstream;
        _log = log;
        _checkpoints = checkpoints;
        _ledger = ledger;
        _time = time;
        _logger = logger;
        Instruments.CollectorLag.Gauge(_meter, ReadLag);
        Instruments.CollectorsFailing.Gauge(_meter, ReadFailing);
    }

    /// <summary>How each (tenant, source) stands, by tenant key and source name.</summary>
    public IReadOnlyDictionary<(long TenantKey, string Source), CollectorState> States => _states;

    /// <summary>True when this process may not work, because its vault is sealed; set before the start.</summary>
    public bool Held { get; set; }

    /// <summary>Connections changed: look again at once.</summary>
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
                if (_reload) await TryLoadAsync(stoppingToken);
                StartWhatIsDue(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }

        await Task.WhenAll(_schedule.Values.Select(scheduled => scheduled.Running));
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
        var wanted = (await _targets(cancellationToken)).ToDictionary(target => (target.TenantKey, target.Source));
        foreach (var key in _schedule.Keys.Where(key => !wanted.TryGetValue(key, out var target) || target != _schedule[key].Collector.Target).ToList())
        {
            if (!_schedule[key].Running.IsCompleted)
            {
                _reload = true; // looked at again when its run has ended
                continue;
            }

            _schedule.Remove(key);
            _states.TryRemove(key, out _);
        }

        foreach (var (key, target) in wanted)
        {
            if (_schedule.TryGetValue(key, out var known))
            {
                if (_states.TryGetValue(key, out var state) && state.NeedsPerson) known.DueAt = _time.GetUtcNow(); // somebody may have acted: try at once
                continue;
            }

            if (SourceCatalog.Find(target.Source) is not { } source) continue;
            var options = _options(target.Source);
            if (!options.Enabled) continue;
            var collector = new Collector(target, source, options, _upstream, _log, _checkpoints, _ledger, BudgetOf(target, source), _time);
            _schedule.Add(key, new Scheduled(collector, options) { DueAt = _time.GetUtcNow() });
        }

        _collectors = [.. _schedule.Values.Select(scheduled => scheduled.Collector)];
    }

    /// <summary>The documented limits hold for all sources of one plane together.</summary>
    private RequestBudget BudgetOf(CollectorTarget target, IAlertSource source)
    {
        var key = (target.TenantKey, source.Audience);
        if (!_budgets.TryGetValue(key, out var budget)) _budgets.Add(key, budget = new RequestBudget(source.Limits, _time));
        return budget;
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
        .Select(group => new Measurement<double>(group.Count(state => state.Value.FailingSince is not null), new KeyValuePair<string, object?>(Labels.Source, group.Key)))
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
        var target = scheduled.Collector.Target;
        try
        {
            var before = scheduled.Collector.Added;
            var result = await scheduled.Collector.RunOnceAsync(cancellationToken);
            var added = scheduled.Collector.Added - before;
            if (added > 0) Log.Collected(_logger, added, target.Tenant.ToString(), target.Source);
            Record(scheduled, result);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // stopping
        }
        catch (LeaseLostException lost)
        {
            Log.LeaseLost(_logger, lost.Message);
            Record(scheduled, new WalkResult.Stopped(UpstreamFailure.ServerError, lost.Message, null, NeedsPerson: false));
        }
#pragma warning disable CA1031 // The top of the loop: one tenant's bug or a full disk must not stop the others; nothing was acknowledged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.RunFailed(_logger, failure, target.Tenant.ToString(), target.Source);
            Record(scheduled, new WalkResult.Stopped(UpstreamFailure.ServerError, $"The hub itself failed ({failure.GetType().Name}); see its log.", null, NeedsPerson: false));
        }
    }

    private void Record(Scheduled scheduled, WalkResult result)
    {
        var target = scheduled.Collector.Target;
        var now = _time.GetUtcNow();
        var key = (target.TenantKey, target.Source);
        _states.TryGetValue(key, out var last);
        if (result is not WalkResult.Stopped stopped)
        {
            scheduled.Failures = 0;
            _states[key] = new CollectorState(now, null, null, null, NeedsPerson: false);
            return;
        }

        scheduled.Failures++;
        var backoff = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(scheduled.Failures, 10)), LongestBackoff.TotalSeconds) * (0.5 + (Random.Shared.NextDouble() / 2)));
        var pause = stopped.NeedsPerson && scheduled.Failures > 1 ? SlowRetry : Larger(backoff, stopped.After ?? TimeSpan.Zero);
        scheduled.DueAt = now + pause;
        _states[key] = new CollectorState(now, last?.FailingSince ?? now, stopped.Reason.ToString(), stopped.Detail, stopped.NeedsPerson);
        if (last?.Reason != stopped.Reason.ToString()) Log.WalkStopped(_logger, target.Tenant.ToString(), target.Source, stopped.Reason, stopped.Detail);
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

        public DateTimeOffset DueAt { get; set; }

        public Task Running { get; set; } = Task.CompletedTask;

        public int Failures { get; set; }
    }
}
