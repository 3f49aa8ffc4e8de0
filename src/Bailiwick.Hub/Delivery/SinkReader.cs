using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Delivery;

/// <summary>
/// Reads every tenant's log for one sink, from the sink's own positions, fair over tenants. A position moves only after the sink's acknowledgement
/// of everything up to it.
/// </summary>
internal sealed class SinkReader(
    OpenSink open,
    DeliveryOptions options,
    AlertLog log,
    Positions positions,
    DeadLetters deadLetters,
    Database database,
    Func<long, CancellationToken, ValueTask<TenantRecord?>> findTenant,
    TimeProvider time,
    DeliveryObserver observer)
{
    private const int MostReplays = 1000;
    private static readonly TimeSpan s_hold = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Progress> _tenants = [];
    private readonly Queue<long> _ready = new();
    private readonly DeliveryPolicy _policy = new(options, Random.Shared);
    private TaskCompletionSource _signal = NewSignal();
    private int _failures;
    private DateTimeOffset _pausedUntil;
    private DateTimeOffset? _heldUntil; // when the tenants that are held are looked at again; null when there are none
    private bool _replayAsked = true;
    private SinkState _state = new(null, 0, null, null, null, 0);

    /// <summary>The sink that is served.</summary>
    public OpenSink Open => open;

    /// <summary>The reader's name in positions and dead letters.</summary>
    public string Name { get; } = SinkStore.ReaderOf(open.Name);

    /// <summary>How the sink stands.</summary>
    public SinkState State
    {
        get
        {
            lock (_gate) return _state with { Waiting = _tenants.Values.Sum(progress => Math.Max(0, progress.Head - progress.Position)) };
        }
    }

    /// <summary>Loads heads and positions.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var at = await positions.ReadAsync(Name, cancellationToken);
        var heads = await log.ReadHeadsAsync(cancellationToken);
        lock (_gate)
        {
            foreach (var (tenantKey, head) in heads)
            {
                if (_tenants.TryGetValue(tenantKey, out var known)) known.Position = at.GetValueOrDefault(tenantKey);
                Note(tenantKey, head, at.GetValueOrDefault(tenantKey));
            }
        }
    }

    /// <summary>Something was appended to a tenant's log.</summary>
    public void OnAppended(long tenantKey, long head)
    {
        lock (_gate) Note(tenantKey, head, 0);
        Wake();
    }

    /// <summary>Somebody asked for a replay.</summary>
    public void OnReplayAsked()
    {
        Volatile.Write(ref _replayAsked, true);
        Wake();
    }

    /// <summary>Serves until stopped; then ends without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoopAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to stop
        }
    }

    /// <summary>The next tenant that has something for this sink, or null. Whoever takes it serves it.</summary>
    public long? TakeReady()
    {
        lock (_gate) return _ready.TryDequeue(out var tenantKey) ? tenantKey : null;
    }

    /// <summary>Delivers one batch of one tenant; false when the sink took nothing.</summary>
    public async Task<bool> ServeAsync(long tenantKey, CancellationToken cancellationToken)
    {
        Progress progress;
        lock (_gate) progress = _tenants[tenantKey];
        try
        {
            return await ServeAsync(progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // The top of the loop for one batch: nothing was acknowledged, the sink pauses and the batch comes again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            observer.Failed(Name, failure);
            Pause(new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, null, $"The hub itself failed ({failure.GetType().Name}); see its log."));
            return false;
        }
        finally
        {
            GiveBack(progress);
        }
    }

    private async Task<bool> ServeAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (await findTenant(progress.TenantKey, cancellationToken) is not { } tenant) return Rest(progress);
        if (!tenant.Intact) return Hold(progress);
        if (!open.Routing.Wants(tenant.Customer)) return Ignore(progress);
        try
        {
            var versions = await log.ReadAsync(progress.TenantKey, tenant.Id, progress.Position, options.MaxBatchAlerts, options.MaxBatchBytes, cancellationToken);
            if (versions.Count == 0) return Rest(progress);
            var to = versions[^1].LogNumber;
            var wanted = open.Routing.Select(versions);
            if (wanted.Count > 0) return await SendAsync(tenant, progress, wanted, to, isWhole: true, cancellationToken);
            await MoveAsync(progress, to, null);
            return true;
        }
        catch (PositionMovedException)
        {
            var at = await positions.ReadAsync(Name, cancellationToken);
            lock (_gate) progress.Position = at.GetValueOrDefault(progress.TenantKey);
            return false;
        }
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        var running = new List<Task>();
        try
        {
            while (!cancellationToken.IsCancellationRequested) await StepAsync(running, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(running); // whoever serves next must find every attempt ended and every position where it belongs
        }
    }

    private async Task StepAsync(List<Task> running, CancellationToken cancellationToken)
    {
        var signal = NewSignal(); // before looking for work: what is noted from here on completes it
        Volatile.Write(ref _signal, signal);
        TimeSpan pause;
        lock (_gate) pause = _pausedUntil - time.GetUtcNow();
        if (pause > TimeSpan.Zero)
        {
            await Task.WhenAll(running);
            running.Clear();
            await Task.Delay(pause, time, cancellationToken);
            return;
        }

        running.RemoveAll(task => task.IsCompleted);
        var held = LookAtHeld();
        if (Volatile.Read(ref _replayAsked) && running.Count == 0)
        {
            await TryReplayAsync(cancellationToken);
            return;
        }

        if (running.Count < options.MaxConcurrentTenants && TakeReady() is { } tenantKey)
        {
            running.Add(ServeAsync(tenantKey, cancellationToken));
            return;
        }

        try
        {
            await Task.WhenAny([.. running, signal.Task]).WaitAsync(held, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // the tenants that are held are looked at again
        }
    }

    /// <summary>Takes up the tenants that were held for long enough; for how long the others still are, infinite when there are none.</summary>
    private TimeSpan LookAtHeld()
    {
        lock (_gate)
        {
            if (_heldUntil is not { } until) return Timeout.InfiniteTimeSpan;
            var left = until - time.GetUtcNow();
            if (left > TimeSpan.Zero) return left;
            _heldUntil = null;
            foreach (var progress in _tenants.Values.Where(progress => progress.IsHeld))
            {
                progress.IsHeld = false;
                Queue(progress);
            }

            return Timeout.InfiniteTimeSpan;
        }
    }

    private async Task TryReplayAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _replayAsked, false);
        try
        {
            await ReplayAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The top of the loop for replays: their state has not changed, they come again after a pause.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _replayAsked, true);
            observer.Failed(Name, failure);
            Pause(new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, null, $"The hub itself failed ({failure.GetType().Name}); see its log."));
        }
    }

    /// <summary>The tenant is another customer's: this sink is no reader of its log, now or later, and writes down nothing about it.</summary>
    private bool Ignore(Progress progress)
    {
        lock (_gate)
        {
            progress.IsIgnored = true;
            progress.Position = progress.Head;
        }

        return true;
    }

    /// <summary>The tenant's row was changed outside the hub, so whose it is is not known: nothing of it is sent until the row is restored.</summary>
    private bool Hold(Progress progress)
    {
        lock (_gate)
        {
            progress.IsHeld = true;
            _heldUntil ??= time.GetUtcNow() + s_hold;
        }

        return true;
    }

    /// <summary>There is nothing to read though the log was said to be longer: the next append asks again.</summary>
    private bool Rest(Progress progress)
    {
        lock (_gate) progress.Head = progress.Position;
        return true;
    }

    /// <summary>Sends the versions of a batch that are for this sink; once they are there the position moves to the end of what was read.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="progress">Where the sink is in the tenant's log.</param>
    /// <param name="versions">At least one.</param>
    /// <param name="to">The log number that the position moves to.</param>
    /// <param name="isWhole">True for a whole batch: what a sink leaves of it waits for the tenant's next turn. The half of a refused one is seen to its end.</param>
    /// <param name="cancellationToken">Stops before a position moves.</param>
    private async Task<bool> SendAsync(
        TenantRecord tenant, Progress progress, IReadOnlyList<AlertVersion> versions, long to, bool isWhole, CancellationToken cancellationToken)
    {
        var result = await TryAsync(tenant, versions, cancellationToken);
        switch (result)
        {
            case DeliveryResult.Delivered:
                await MoveAsync(progress, to, null);
                Succeed(versions.Count);
                return true;
            case DeliveryResult.TryLater later:
                Pause(later);
                return false;
            case DeliveryResult.DeliveredPart part:
                await MoveAsync(progress, versions[part.Versions - 1].LogNumber, null);
                Succeed(part.Versions);
                return isWhole || await SendAsync(tenant, progress, [.. versions.Skip(part.Versions)], to, isWhole, cancellationToken);
            case DeliveryResult.Refused when versions.Count > 1: // only a record that is refused alone is set aside
                var half = versions.Count / 2;
                return await SendAsync(tenant, progress, [.. versions.Take(half)], versions[half - 1].LogNumber, isWhole: false, cancellationToken)
                    && await SendAsync(tenant, progress, [.. versions.Skip(half)], to, isWhole: false, cancellationToken);
            case DeliveryResult.Refused refused:
                await MoveAsync(progress, to, new SetAside(versions[0], refused.Reason.ToString(), refused.Detail));
                observer.SetAside(open.Name, refused);
                return true;
            default:
                throw new InvalidOperationException($"Unknown delivery result {result.GetType().Name}.");
        }
    }

    private async Task<DeliveryResult> TryAsync(TenantRecord tenant, IReadOnlyList<AlertVersion> versions, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var result = await open.Sink.SendAsync(new AlertBatch(tenant.Id, tenant.Customer, tenant.CustomerName, versions), cancellationToken);
        observer.Tried(open.Name, result, versions, time.GetElapsedTime(started));
        return result;
    }

    /// <summary>Records what the sink has taken; a stop in this moment must not make it come again.</summary>
    private async Task MoveAsync(Progress progress, long to, SetAside? setAside)
    {
        await positions.MoveAsync(Name, progress.TenantKey, progress.Position, to, setAside, CancellationToken.None);
        lock (_gate) progress.Position = to;
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var asked = await deadLetters.ListAsync(null, Name, "replay", null, MostReplays, cancellationToken);
        var moved = 0;
        foreach (var letter in asked)
        {
            if (letter.LogNumber is not { } number || await findTenant(letter.TenantKey, cancellationToken) is not { Intact: true } tenant) continue;
            var versions = await log.ReadAsync(letter.TenantKey, tenant.Id, number - 1, 1, int.MaxValue, cancellationToken);
            if (versions.Count == 0 || versions[0].LogNumber != number) continue;
            var result = await TryAsync(tenant, [open.Routing.Redact(versions[0] with { Replayed = true })], cancellationToken);
            if (result is DeliveryResult.TryLater later)
            {
                Volatile.Write(ref _replayAsked, true);
                Pause(later);
                return;
            }

            var state = result is DeliveryResult.Delivered ? "delivered" : "waiting"; // refused again: it waits for a person as before
            await database.WriteUnderLeaseAsync(write => DeadLetters.ChangeStateAsync(write, letter.Id, "replay", state), cancellationToken);
            moved++;
        }

        if (asked.Count == MostReplays && moved > 0) Volatile.Write(ref _replayAsked, true); // there may be more
    }

    private void Note(long tenantKey, long head, long position)
    {
        if (!_tenants.TryGetValue(tenantKey, out var progress)) _tenants.Add(tenantKey, progress = new Progress(tenantKey) { Position = position });
        progress.Head = Math.Max(progress.Head, head);
        if (progress.IsIgnored) progress.Position = progress.Head;
        if (!progress.Queued) Queue(progress);
    }

    /// <summary>Puts a tenant that has something for the sink to the end of the queue: round robin.</summary>
    private void Queue(Progress progress)
    {
        progress.Queued = progress.Head > progress.Position && !progress.IsHeld;
        if (progress.Queued) _ready.Enqueue(progress.TenantKey);
    }

    private void GiveBack(Progress progress)
    {
        lock (_gate) Queue(progress);
        Wake();
    }

    private void Succeed(int count)
    {
        lock (_gate)
        {
            _failures = 0;
            _state = _state with { DeliveredAt = time.GetUtcNow(), Delivered = _state.Delivered + count, FailingSince = null, Reason = null, Detail = null };
        }
    }

    private void Pause(DeliveryResult.TryLater later)
    {
        lock (_gate)
        {
            _failures++;
            var until = time.GetUtcNow() + _policy.PauseAfter(_failures, later.After);
            if (until > _pausedUntil) _pausedUntil = until;
            _state = _state with { FailingSince = _state.FailingSince ?? time.GetUtcNow(), Reason = later.Reason.ToString(), Detail = later.Detail };
        }
    }

    private void Wake() => Volatile.Read(ref _signal).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Progress(long tenantKey)
    {
        public long TenantKey { get; } = tenantKey;

        public long Head { get; set; }

        public long Position { get; set; }

        /// <summary>Of a customer that the sink is not for.</summary>
        public bool IsIgnored { get; set; }

        /// <summary>Of a tenant whose row cannot be believed.</summary>
        public bool IsHeld { get; set; }

        /// <summary>Waiting in the queue or being served: a tenant is in at most one place, so its order holds.</summary>
        public bool Queued { get; set; }
    }
}
