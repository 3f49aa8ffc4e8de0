using System.Diagnostics.Metrics;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Delivery;

/// <summary>Serves every enabled sink, each at its own pace: a dead sink costs the others nothing.</summary>
public sealed class DeliveryWorker : BackgroundService
{
    private readonly Func<CancellationToken, Task<IReadOnlyList<OpenSink>>> _openSinks;
    private readonly Func<long, CancellationToken, ValueTask<TenantRecord?>> _findTenant;
    private readonly DeliveryOptions _options;
    private readonly AlertLog _log;
    private readonly Positions _positions;
    private readonly DeadLetters _deadLetters;
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly ILogger<DeliveryWorker> _logger;
    private TaskCompletionSource _changed = NewSignal();
    private readonly Meter _meter = new(Meters.Delivery);
    private volatile IReadOnlyList<SinkReader> _readers = [];

    /// <summary>Wires the worker.</summary>
    /// <param name="openSinks">Opens the sinks that are enabled now; asked at start and after <see cref="Reload"/>.</param>
    /// <param name="findTenant">A tenant by its small key; null when it was removed.</param>
    /// <param name="options">Batches and pauses.</param>
    /// <param name="log">The log that is read.</param>
    /// <param name="positions">Where readers stand.</param>
    /// <param name="deadLetters">What was set aside.</param>
    /// <param name="database">For replays.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public DeliveryWorker(
        Func<CancellationToken, Task<IReadOnlyList<OpenSink>>> openSinks,
        Func<long, CancellationToken, ValueTask<TenantRecord?>> findTenant,
        DeliveryOptions options,
        AlertLog log,
        Positions positions,
        DeadLetters deadLetters,
        Database database,
        TimeProvider time,
        ILogger<DeliveryWorker> logger)
    {
        _openSinks = openSinks;
        _findTenant = findTenant;
        _options = options;
        _log = log;
        _positions = positions;
        _deadLetters = deadLetters;
        _database = database;
        _time = time;
        _logger = logger;
        Instruments.DeliveryWaiting.Gauge(_meter, () => Read(state => state.Waiting));
        Instruments.DeliveryFailing.Gauge(_meter, () => Read(state => state.FailingSince is { } since ? Math.Max(0, (_time.GetUtcNow() - since).TotalSeconds) : 0));
    }

    /// <summary>True when the last run of the hub did not end in order: receivers without acknowledgement get the last window again.</summary>
    public bool AfterCrash { get; set; }

    /// <summary>True when this process may not work, because its vault is sealed; set before the start.</summary>
    public bool Held { get; set; }

    /// <summary>How each sink stands, by name.</summary>
    public IReadOnlyDictionary<string, SinkState> States => _readers.ToDictionary(reader => reader.Open.Name, reader => reader.State);

    /// <summary>Sinks were added, removed or parked: open them anew.</summary>
    public void Reload()
    {
        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Held) return;
        void Appended(long tenantKey, long head)
        {
            foreach (var reader in _readers) reader.OnAppended(tenantKey, head);
        }

        void ReplayAsked(string name)
        {
            foreach (var reader in _readers.Where(reader => reader.Name == name)) reader.OnReplayAsked();
        }

        _log.Appended += Appended;
        _deadLetters.ReplayAsked += ReplayAsked;
        try
        {
            while (!stoppingToken.IsCancellationRequested) await TryServeAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
        finally
        {
            _log.Appended -= Appended;
            _deadLetters.ReplayAsked -= ReplayAsked;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    private List<Measurement<double>> Read(Func<SinkState, double> value) =>
        [.. _readers.Select(reader => new Measurement<double>(value(reader.State), new KeyValuePair<string, object?>(Labels.Sink, reader.Open.Name)))];

    /// <summary>Serves; a database that does not answer, or a bug, costs a pause and never the worker.</summary>
    private async Task TryServeAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ServeUntilReloadAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
#pragma warning disable CA1031 // The top of the loop: positions have not moved, everything is read again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            new DeliveryObserver(_logger).Failed("every sink", failure);
            await Task.Delay(_options.FirstPause, _time, stoppingToken);
        }
    }

    private async Task ServeUntilReloadAsync(CancellationToken stoppingToken)
    {
        var changed = Volatile.Read(ref _changed); // before looking: a change from here on ends this round
        var observer = new DeliveryObserver(_logger);
        var readers = (await _openSinks(stoppingToken))
            .Select(sink => new SinkReader(sink, _options, _log, _positions, _deadLetters, _database, _findTenant, _time, observer))
            .ToList();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            if (AfterCrash)
            {
                foreach (var reader in readers.Where(reader => reader.Open.Class is SinkClass.Sent or SinkClass.BestEffort)) await _positions.RewindAsync(reader.Name, stoppingToken);
                AfterCrash = false;
            }

            _readers = readers; // before loading: an append between the two is then noted twice, never missed
            foreach (var reader in readers) await reader.LoadAsync(stoppingToken);
            var running = readers.Select(reader => reader.RunAsync(stop.Token)).ToList();
            await changed.Task.WaitAsync(stoppingToken);
            await stop.CancelAsync();
            await Task.WhenAll(running);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
