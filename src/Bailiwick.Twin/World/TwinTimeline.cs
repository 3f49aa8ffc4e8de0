namespace Bailiwick.Twin.World;

/// <summary>
/// Things that happen by themselves at a moment of the virtual clock: an assignment expires, a review falls due. They happen in order of their time, also when the
/// clock jumps far ahead: it then stops at each of them. Held in memory; whoever schedules something does so again after a start. Thread safe.
/// </summary>
public sealed class TwinTimeline : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly TwinClock _clock;
    private readonly ITimer? _timer;
    private readonly Lock _gate = new();
    private readonly Lock _running = new();
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Number)> _due = new();
    private long _number;

    /// <param name="clock">The virtual clock.</param>
    /// <param name="machine">Wakes once a second to see whether something is due; null leaves that to <see cref="Advance"/>.</param>
    public TwinTimeline(TwinClock clock, TimeProvider? machine)
    {
        _clock = clock;
        _timer = machine?.CreateTimer(_ => Wake(), null, Look, Look);
    }

    /// <summary>What went wrong in something that happened by itself, the last time; null when nothing did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Things that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _due.Count;
        }
    }

    /// <summary>Lets something happen at a time; what is already past happens at the next look. The act must check whether it still applies: nothing is taken back.</summary>
    public void At(DateTimeOffset when, Action act)
    {
        lock (_gate) _due.Enqueue(act, (when, ++_number));
    }

    /// <summary>Moves the clock on, stopping at each thing that falls due on the way.</summary>
    /// <returns>How many things happened.</returns>
    public int Advance(TimeSpan by)
    {
        if (by <= TimeSpan.Zero)
        {
            _clock.Advance(by);
            return 0;
        }

        lock (_running)
        {
            var happened = Run(_clock.GetUtcNow());
            var target = _clock.GetUtcNow() + by;
            while (NextBefore(target) is { } at)
            {
                var now = _clock.GetUtcNow();
                if (at > now) _clock.Advance(at - now);
                happened += Run(at > now ? at : now);
            }

            var left = target - _clock.GetUtcNow();
            if (left > TimeSpan.Zero) _clock.Advance(left);
            return happened;
        }
    }

    /// <summary>Lets everything happen that is due by now.</summary>
    public int RunDue()
    {
        lock (_running) return Run(_clock.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Nobody waits for what the timer does: a fault is kept for <c>GET /clock</c>, and the rest goes on at the next look.</summary>
    private void Wake()
    {
        try
        {
            RunDue();
        }
        catch (Exception fault)
        {
            Fault = fault.Message;
        }
    }

    private DateTimeOffset? NextBefore(DateTimeOffset target)
    {
        lock (_gate) return _due.TryPeek(out _, out var next) && next.At <= target ? next.At : null;
    }

    private int Run(DateTimeOffset until)
    {
        var happened = 0;
        while (true)
        {
            Action? act;
            lock (_gate)
            {
                if (!_due.TryPeek(out act, out var next) || next.At > until) return happened;
                _due.Dequeue();
            }

            act();
            happened++;
        }
    }
}
