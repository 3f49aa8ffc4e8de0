using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Collectors;

/// <summary>How sources are compared.</summary>
public sealed class ReconciliationOptions
{
    /// <summary>Time between two comparisons of one pair. 1 h; zero switches comparing off.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Compares the sources of every tenant whose connection names further ones, each pair in its turn; one at a time, so that collecting comes first.</summary>
public sealed partial class ReconciliationWorker : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly CollectorTargets _targets;
    private readonly Reconciliations _store;
    private readonly ReconciliationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ReconciliationWorker> _logger;
    private readonly Reconciler _reconciler;

    internal ReconciliationWorker(
        CollectorTargets targets, Reconciliations store, ReconciliationOptions options, TimeProvider time, ILogger<ReconciliationWorker> logger, Reconciler reconciler)
    {
        _targets = targets;
        _store = store;
        _options = options;
        _time = time;
        _logger = logger;
        _reconciler = reconciler;
    }

    /// <summary>True when this process may not work, because its vault is sealed; set before the start.</summary>
    public bool Held { get; set; }

    /// <summary>Compares every pair that is due; failures are stored, never thrown.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var pairs = await _targets.ListPairsAsync(cancellationToken);
        var known = await _store.ListAsync(null, cancellationToken);
        var keys = pairs.Select(pair => (pair.Target.TenantKey, pair.Target.Source, pair.Other)).ToHashSet();
        if (known.Any(one => !keys.Contains((one.TenantKey, one.Source, one.Other)))) await _store.KeepAsync(keys, cancellationToken);
        var tried = known.ToDictionary(one => (one.TenantKey, one.Source, one.Other), one => one.TriedAt);
        foreach (var pair in pairs)
        {
            var key = (pair.Target.TenantKey, pair.Target.Source, pair.Other);
            if (tried.TryGetValue(key, out var at) && _time.GetUtcNow() - at < _options.Every) continue;
            await CompareAsync(pair, cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Held || _options.Every <= TimeSpan.Zero) return;
        using var timer = new PeriodicTimer(Tick, _time);
        var due = _time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_time.GetUtcNow() < due) continue;
                await TryRunAsync(stoppingToken);
                due = _time.GetUtcNow() + (_options.Every / 60); // a pair that is due waits a sixtieth of its time at most
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
    }

    private async Task TryRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunOnceAsync(cancellationToken);
        }
#pragma warning disable CA1031 // The top of the loop: tried again at the next turn.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Log.NotCompared(_logger, failure);
        }
    }

    private async Task CompareAsync(ReconciliationPair pair, CancellationToken cancellationToken)
    {
        try
        {
            await _reconciler.RunAsync(pair, cancellationToken);
        }
#pragma warning disable CA1031 // One tenant's bug must not keep the others from being compared.
        catch (Exception failure) when (failure is not OperationCanceledException and not Storage.LeaseLostException)
#pragma warning restore CA1031
        {
            Log.PairFailed(_logger, failure, pair.Target.Tenant.ToString(), pair.Target.Source, pair.Other);
            await _store.FailAsync(
                pair.Target.TenantKey, pair.Target.Source, pair.Other, HoldReasons.HubFailed, $"The hub itself failed ({failure.GetType().Name}); see its log.", cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Sources could not be compared; will be retried.")]
        public static partial void NotCompared(ILogger logger, Exception failure);

        [LoggerMessage(2, LogLevel.Error, "Comparing {Source} with {Other} of tenant {TenantId} failed inside the hub; will be retried.")]
        public static partial void PairFailed(ILogger logger, Exception failure, string tenantId, string source, string other);
    }
}
