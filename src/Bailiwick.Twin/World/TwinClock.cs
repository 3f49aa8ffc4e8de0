namespace Bailiwick.Twin.World;

/// <summary>
/// The twin's virtual clock: runs at the machine's pace, can be moved forward or frozen by the control API. Thread safe.
/// </summary>
public sealed class TwinClock(TimeProvider machine) : TimeProvider
{
    private readonly Lock _gate = new();
    private TimeSpan _offset;
    private DateTimeOffset? _frozenAt;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _frozenAt ?? machine.GetUtcNow() + _offset;
    }

    /// <summary>Moves the clock forward (or back, which real clocks do too) by a span.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_gate)
        {
            _offset += by;
            _frozenAt += by;
        }
    }

    /// <summary>Stops the clock at its present reading; <see cref="Advance"/> still moves it.</summary>
    public void Freeze()
    {
        lock (_gate) _frozenAt ??= machine.GetUtcNow() + _offset;
    }

    /// <summary>Lets a frozen clock run on from where it stands.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            if (_frozenAt is { } at) _offset = at - machine.GetUtcNow();
            _frozenAt = null;
        }
    }
}
