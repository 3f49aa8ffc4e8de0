namespace Bailiwick.Simulation;

/// <summary>
/// The one clock and the one queue of a simulated world. Everything that happens is an entry of the queue; running an entry runs every continuation that
/// follows from it on the same thread, so that nothing is left to chance. Not thread safe: one world, one thread.
/// </summary>
internal sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Entry, (long At, long Order)> _queue = new();
    private long _now = start.UtcTicks;
    private long _order;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long Now => _now;

    public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);

    public override long GetTimestamp() => _now;

    public Entry Schedule(TimeSpan after, Action work) => ScheduleAt(_now + Math.Max(0, after.Ticks), work);

    public Entry ScheduleAt(long at, Action work)
    {
        var entry = new Entry { Work = work };
        _queue.Enqueue(entry, (Math.Max(at, _now), _order++));
        return entry;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void RunUntil(DateTimeOffset end)
    {
        while (_queue.TryPeek(out var entry, out var key) && key.At <= end.UtcTicks)
        {
            _queue.Dequeue();
            if (entry.Work is not { } work) continue;
            entry.Work = null;
            _now = Math.Max(_now, key.At);
            work();
        }

        _now = Math.Max(_now, end.UtcTicks);
    }

    /// <summary>Something that will happen, unless its work is taken away before.</summary>
    internal sealed class Entry
    {
        public Action? Work { get; set; }
    }

    private sealed class Timer(VirtualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private Entry? _entry;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime != Timeout.InfiniteTimeSpan) _entry = owner.Schedule(dueTime, () => callback(state));
            return true;
        }

        public void Dispose()
        {
            if (_entry is not null) _entry.Work = null;
            _entry = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
