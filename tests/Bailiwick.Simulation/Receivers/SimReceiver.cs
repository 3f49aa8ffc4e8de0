using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Sinks;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation.Receivers;

/// <summary>How a receiver behaves.</summary>
internal enum ReceiverKind
{
    /// <summary>Writes down all it is sent, twice if it is sent twice.</summary>
    Recording,

    /// <summary>Knows what it has by its key.</summary>
    Keyed,

    /// <summary>Fails one time in twenty, before or after it took something; takes a part at times.</summary>
    Flaky,

    /// <summary>Takes nothing for a day.</summary>
    Down,

    /// <summary>Refuses one record for good.</summary>
    Picky,

    /// <summary>Acknowledges nothing: what it had not read when the sender died is lost.</summary>
    Unacknowledged,
}

/// <summary>A receiver outside the hub's process: what it has outlives the hub.</summary>
internal sealed class SimReceiver(ReceiverKind kind, SimWorld world, Random random)
{
    private readonly Dictionary<State, int> _held = [];
    private readonly Dictionary<Record, int> _newest = [];
    private readonly HashSet<string> _keys = [];
    private readonly Queue<(long At, State State)> _unread = new();

    public ReceiverKind Kind { get; } = kind;

    public SinkClass Class => Kind switch
    {
        ReceiverKind.Unacknowledged => SinkClass.Sent,
        ReceiverKind.Keyed => SinkClass.Confirmed,
        _ => SinkClass.Accepted,
    };

    /// <summary>Deliveries of what it had already.</summary>
    public long Repeats { get; private set; }

    /// <summary>Deliveries that are no state of the world.</summary>
    public long Spurious { get; private set; }

    /// <summary>Deliveries of a known version with other bytes.</summary>
    public long Corrupted { get; private set; }

    /// <summary>First deliveries of a state after a later state of the same record.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>States that came under two keys.</summary>
    public long Doubles { get; private set; }

    public bool Has(State state) => _held.ContainsKey(state);

    public int Count => _held.Count;

    /// <summary>Answers a batch; what it takes, it has.</summary>
    public DeliveryResult Take(AlertBatch batch, long now)
    {
        var versions = batch.Versions;
        switch (Kind)
        {
            case ReceiverKind.Down when now >= world.ReceiverDownFrom && now < world.ReceiverDownTo:
                return new DeliveryResult.TryLater(DeliveryFailure.Unreachable);
            case ReceiverKind.Picky when world.Scenario.Hazards && versions.Any(IsRefused):
                return new DeliveryResult.Refused(DeliveryFailure.Rejected, "The record is not wanted.");
            case ReceiverKind.Flaky when world.Scenario.Hazards && now < world.CalmFrom && random.Happens(0.05):
                if (random.Happens(0.5)) return new DeliveryResult.TryLater(DeliveryFailure.ReceiverError);
                foreach (var version in versions.Take(random.Next(versions.Count + 1))) Keep(version, now);
                return new DeliveryResult.TryLater(DeliveryFailure.TimedOut);
            case ReceiverKind.Flaky when versions.Count > 1 && random.Happens(0.2):
                var part = random.Next(1, versions.Count);
                foreach (var version in versions.Take(part)) Keep(version, now);
                return new DeliveryResult.DeliveredPart(part);
            default:
                foreach (var version in versions) Keep(version, now);
                return DeliveryResult.Delivered.Instance;
        }
    }

    /// <summary>The sender died.</summary>
    public void OnSenderDied(long now)
    {
        if (Kind != ReceiverKind.Unacknowledged) return;
        var from = now - random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(25)).Ticks;
        foreach (var (at, state) in _unread)
        {
            if (at < from || !_held.TryGetValue(state, out var times)) continue;
            if (times > 1) _held[state] = times - 1;
            else _held.Remove(state);
        }

        _unread.Clear();
    }

    private static bool IsRefused(AlertVersion version) => version.AlertId.Contains("refused", StringComparison.Ordinal);

    private void Keep(AlertVersion version, long now)
    {
        var feed = world.FindFeed(version.Tenant, version.Source);
        var known = false;
        if (feed?.Recognize(version.AlertId, version.UpdatedAt.UtcTicks, version.Raw.Span, out known) is not { } state)
        {
            if (known) Corrupted++;
            else Spurious++;
            return;
        }

        if (Kind == ReceiverKind.Unacknowledged)
        {
            _unread.Enqueue((now, state));
            while (_unread.Peek().At < now - TimeSpan.TicksPerMinute) _unread.Dequeue();
        }

        var isNewKey = _keys.Add(version.Key);
        if (_held.TryGetValue(state, out var times))
        {
            _held[state] = times + 1;
            Repeats++;
            if (isNewKey) Doubles++;
            return;
        }

        _held[state] = 1;
        if (_newest.TryGetValue(state.Record, out var newest) && newest > state.Index && isNewKey) OutOfOrder++;
        _newest[state.Record] = Math.Max(state.Index, _newest.GetValueOrDefault(state.Record));
    }
}
