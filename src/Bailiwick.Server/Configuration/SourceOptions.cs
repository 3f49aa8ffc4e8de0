namespace Bailiwick.Server.Configuration;

/// <summary>How one source is walked.</summary>
public sealed class SourceOptions
{
    /// <summary>Whether it is walked at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From the start of one walk to the start of the next. 60 s; at least 1 s, at most 1 h.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How far each walk looks back behind the checkpoint. 15 min; at most 1 day.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How far behind now the checkpoint stays, because sources show records late. 5 min; at most <see cref="Overlap"/>.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What the hourly sweep covers. 24 h; zero switches it off.</summary>
    public TimeSpan HourlySweep { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What the daily sweep covers. 7 days; zero switches it off.</summary>
    public TimeSpan DailySweep { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The sources this program knows. The exporter is off: Microsoft is retiring it.</summary>
    public static IDictionary<string, SourceOptions> Defaults() => new Dictionary<string, SourceOptions>(StringComparer.OrdinalIgnoreCase)
    {
        ["GraphAlerts"] = new(),
        ["DefenderAlerts"] = new(),
        ["AlertExporter"] = new() { Enabled = false },
        ["GraphIncidents"] = new(),
    };
}
