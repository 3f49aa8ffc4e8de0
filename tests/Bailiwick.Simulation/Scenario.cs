using Bailiwick.Hub.Collectors;

namespace Bailiwick.Simulation;

/// <summary>What a world is like. The seed decides everything that is left open here.</summary>
internal sealed record Scenario
{
    public required int Seed { get; init; }

    public required int Tenants { get; init; }

    /// <summary>How far back records reach when the hub starts.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromDays(5);

    /// <summary>How long the world is in motion after the start.</summary>
    public TimeSpan Active { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long the hub goes on in a calm world: longer than a day, so that the widest sweep comes round once more.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromHours(26);

    public TimeSpan Poll { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan DrainPoll { get; init; } = TimeSpan.FromMinutes(45);

    public double AlertsPerDay { get; init; } = 12;

    /// <summary>Whether network, disk, process and receivers misbehave.</summary>
    public bool Hazards { get; init; } = true;

    /// <summary>Whether records are planted that cannot be listed, stored or delivered.</summary>
    public bool Plants { get; init; } = true;

    /// <summary>Whether pages are as the sources document them, instead of small.</summary>
    public bool LargePages { get; init; }

    /// <summary>The sources of every tenant; empty: the seed picks.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Receivers that misbehave, beside the two that record and de-duplicate; the seed picks them.</summary>
    public int BadReceivers { get; init; } = 2;

    /// <summary>False takes look-back and sweeps away from the hub, though not from what is owed: to see that the simulation finds it out.</summary>
    public bool LooksBack { get; init; } = true;

    /// <summary>What the hub is set up with.</summary>
    public CollectorOptions OptionsOfHub(string source)
    {
        var options = Options(source);
        if (LooksBack) return options;
        options.Overlap = options.LongestOverlap = options.Settle = options.HourlySweep = options.DailySweep = TimeSpan.Zero;
        return options;
    }

    /// <summary>What the hub's duties follow from.</summary>
    public CollectorOptions Options(string source) => new()
    {
        PageSize = LargePages ? 500 : 20,
        PollInterval = Poll,
        Retention = History,
        HourlySweep = TimeSpan.FromHours(6),
        DailySweep = TimeSpan.FromDays(3),
        LongestWindow = TimeSpan.FromHours(12),
        MaxAlertBytes = 16 * 1024,
        KeepRequestLimits = source != "AlertExporter" && !LargePages,
    };

    /// <summary>A small world of a day or so; every hazard.</summary>
    public static Scenario Short(int seed)
    {
        var random = Chance.Stream(seed, "scenario");
        return new Scenario
        {
            Seed = seed,
            Tenants = random.Next(3, 6),
            Active = TimeSpan.FromHours(random.Next(8, 21)),
            Poll = TimeSpan.FromMinutes(random.Pick(8, 10, 15)),
            AlertsPerDay = random.Pick(4, 8, 15),
        };
    }

    /// <summary>Many tenants for 30 days.</summary>
    public static Scenario Month(int seed, int tenants) => new()
    {
        Seed = seed,
        Tenants = tenants,
        Active = TimeSpan.FromDays(30),
        Poll = TimeSpan.FromMinutes(30),
        AlertsPerDay = 3,
        BadReceivers = 0,
    };
}
