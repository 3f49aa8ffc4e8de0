namespace Bailiwick.Simulation.Network;

/// <summary>What a request may meet instead of an answer.</summary>
internal enum Fault
{
    None,
    Throttled,
    ServerError,
    Busy,
    Hang,
    HangInBody,
    Unreachable,
    Partial,
    Torn,
    Broken,
    Circle,
    OtherOrigin,
    Unauthorized,
    TokenRefused,
    TokenLater,
}

/// <summary>A stretch of time in which requests meet one of some faults with some chance. Ticks.</summary>
internal sealed record Front(long From, long To, double Chance, params Fault[] Faults);

/// <summary>The bad times of one tenant's connection, known beforehand.</summary>
internal sealed class Weather
{
    public List<Front> Fronts { get; } = [];

    /// <summary>Stretches in which not one request gets through.</summary>
    public IEnumerable<Front> Outages => Fronts.Where(front => front.Chance >= 1);

    public Fault Strike(long now, bool token, Random random)
    {
        foreach (var front in Fronts)
        {
            if (now < front.From || now >= front.To || !random.Happens(front.Chance)) continue;
            var fault = random.Pick<Fault>(front.Faults);
            if ((fault is Fault.TokenRefused or Fault.TokenLater) == token) return fault;
        }

        return Fault.None;
    }

    /// <summary>Seeded weather between two instants.</summary>
    public static Weather Between(long from, long to, Random random)
    {
        var weather = new Weather();
        Fault[] rough = [Fault.Throttled, Fault.ServerError, Fault.Busy, Fault.Hang, Fault.HangInBody, Fault.Unreachable, Fault.Partial, Fault.Torn, Fault.Broken, Fault.Circle, Fault.OtherOrigin, Fault.Unauthorized];
        var storms = random.Next(1, 4);
        for (var i = 0; i < storms; i++) weather.Add(from, to, TimeSpan.FromMinutes(20), TimeSpan.FromHours(3), random.Pick(0.05, 0.3, 0.7), rough, random);
        if (random.Happens(0.4)) weather.Add(from, to, TimeSpan.FromHours(1), TimeSpan.FromHours(8), 1, [random.Pick(Fault.Hang, Fault.ServerError, Fault.Unreachable, Fault.Throttled, Fault.Partial, Fault.Torn)], random);
        if (random.Happens(0.3)) weather.Add(from, to, TimeSpan.FromHours(1), TimeSpan.FromHours(5), 1, [random.Pick(Fault.TokenRefused, Fault.TokenLater)], random);
        weather.Fronts.Sort((left, right) => right.Chance.CompareTo(left.Chance)); // nothing slips through an outage
        return weather;
    }

    private void Add(long from, long to, TimeSpan least, TimeSpan most, double chance, Fault[] faults, Random random)
    {
        var length = Math.Min(random.LogUniform(least, most).Ticks, (to - from) / 2);
        var start = from + (long)((to - from - length) * random.NextDouble());
        Fronts.Add(new Front(start, start + length, chance, faults));
    }
}
