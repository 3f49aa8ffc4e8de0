namespace Bailiwick.Twin.Faults;

/// <summary>The rules in force, none at start. The first matching rule that strikes wins. Thread safe.</summary>
/// <param name="clock">The virtual clock, for rules that strike in a span of time only.</param>
public sealed class TwinFaults(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<Armed> _armed = [];
    private int _lastId;
    private int _count;

    /// <summary>Rules in force, oldest first, with the number of strikes so far.</summary>
    public IReadOnlyList<(TwinFault Fault, int Strikes)> Rules
    {
        get
        {
            lock (_gate) return [.. _armed.Select(armed => (armed.Fault, armed.Strikes))];
        }
    }

    /// <summary>True when a request may be hit at all; cheap.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>Puts a rule in force and gives it its id.</summary>
    /// <exception cref="ArgumentException">The rule is unfit; the message says why.</exception>
    public TwinFault Add(TwinFault fault)
    {
        if (fault.Validate() is { } wrong) throw new ArgumentException(wrong);
        lock (_gate)
        {
            fault = fault with { Id = ++_lastId };
            _armed.Add(new Armed(fault, clock.GetUtcNow()));
            _count = _armed.Count;
            return fault;
        }
    }

    /// <summary>Takes a rule out of force.</summary>
    public bool Remove(int id)
    {
        lock (_gate)
        {
            var removed = _armed.RemoveAll(armed => armed.Fault.Id == id) > 0;
            _count = _armed.Count;
            return removed;
        }
    }

    /// <summary>Takes every rule out of force.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _armed.Clear();
            _count = 0;
        }
    }

    /// <summary>Throws the dice for one request.</summary>
    /// <returns>The rule that strikes, or null.</returns>
    public TwinFault? Take(string plane, Guid? tenant, string path)
    {
        if (!Any) return null;
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            foreach (var armed in _armed)
            {
                if (armed.Hits(plane, tenant, path, now)) return armed.Fault;
            }

            return null;
        }
    }

    private sealed class Armed(TwinFault fault, DateTimeOffset since)
    {
#pragma warning disable CA5394 // dice of a rehearsal: repeatable on purpose
        private readonly Random _dice = new(fault.Seed);

        public TwinFault Fault => fault;

        public int Strikes { get; private set; }

        public bool Hits(string plane, Guid? tenant, string path, DateTimeOffset now)
        {
            var begun = now - since - TimeSpan.FromSeconds(fault.AfterSeconds);
            if (begun < TimeSpan.Zero || begun.TotalSeconds >= fault.ForSeconds) return false;
            if (fault.Count is { } limit && Strikes >= limit) return false;
            if (fault.Plane is not null && fault.Plane != plane) return false;
            if (fault.Tenant is not null && fault.Tenant != tenant) return false;
            if (fault.PathContains is { } part && !path.Contains(part, StringComparison.OrdinalIgnoreCase)) return false;
            if (fault.Probability < 1 && _dice.NextDouble() >= fault.Probability) return false;
            Strikes++;
            return true;
        }
#pragma warning restore CA5394
    }
}
