namespace Bailiwick.Simulation.Process;

/// <summary>Where a process dies.</summary>
internal enum DeathPoint
{
    /// <summary>At once, whatever is going on: requests are on their way, batches are with receivers.</summary>
    Now,

    /// <summary>The next write is never begun.</summary>
    BeforeWrite,

    /// <summary>The next write is worked out and never committed.</summary>
    BeforeCommit,

    /// <summary>The next write is committed, and nobody is told.</summary>
    AfterCommit,

    /// <summary>The next batch reaches its receiver, the answer does not come back.</summary>
    AfterSend,

    /// <summary>The next batch is acknowledged; the position's move is not committed.</summary>
    AfterAcknowledgement,
}

/// <summary>One life of the hub's process. What belongs to a dead one goes on no further: its calls never return.</summary>
internal sealed class Incarnation(Action<Incarnation> died)
{
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public bool IsDead { get; private set; }

    /// <summary>The death that is waiting for its moment.</summary>
    public DeathPoint? Armed { get; set; }

    public static Task<T> Never<T>() => new TaskCompletionSource<T>().Task;

    public void Die()
    {
        if (IsDead) return;
        IsDead = true;
        died(this);
    }

    /// <summary>Whether the process dies here; if so it is dead now.</summary>
    public bool DiesAt(DeathPoint point)
    {
        if (Armed != point) return IsDead;
        Armed = null;
        Die();
        return true;
    }

    /// <summary>A world is on one thread, else its order of events would be left to chance.</summary>
    public void OnThread()
    {
        if (Environment.CurrentManagedThreadId != _thread) throw new InvalidOperationException("The simulated world was left for another thread.");
    }
}

/// <summary>The clock as one process sees it: what it has waiting dies with it.</summary>
internal sealed class IncarnationTime(VirtualTime time, Incarnation incarnation) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => time.TimestampFrequency;

    public long Now => time.Now;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(
        inner =>
        {
            if (!incarnation.IsDead) callback(inner);
        },
        state,
        dueTime,
        period);

    public void Schedule(TimeSpan after, Action work) => time.Schedule(after, () =>
    {
        if (!incarnation.IsDead) work();
    });

    public Task DelayAsync(TimeSpan by)
    {
        var over = new TaskCompletionSource();
        Schedule(by, () => over.TrySetResult());
        return over.Task;
    }
}
