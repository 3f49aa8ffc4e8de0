namespace Bailiwick.Hub.Collectors;

/// <summary>How sources are walked. One object per source name, or the defaults.</summary>
public sealed class CollectorOptions
{
    /// <summary>Whether the source is walked at all. True.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Time from the start of one walk to the start of the next. 60 s; at least 1 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How far before the cursor a walk begins at least. 15 min; a source that makes records visible later is followed further, up to <see cref="LongestOverlap"/>.</summary>
    public TimeSpan Overlap { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How far before the cursor a walk begins at most. 6 h; what is later still is found by the sweeps.</summary>
    public TimeSpan LongestOverlap { get; set; } = TimeSpan.FromHours(6);

    /// <summary>After this much time a record is not expected to become visible late: an hour walked again after it without news is proven. 6 h.</summary>
    public TimeSpan LateHorizon { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How far behind now the cursor stays, because sources make records visible late. 5 min.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What is walked again every hour. 24 h; zero switches it off.</summary>
    public TimeSpan HourlySweep { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What is walked again every day. 7 days; zero switches it off.</summary>
    public TimeSpan DailySweep { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How far back the first run goes: the source's retention. 180 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(180);

    /// <summary>The longest window walked as one; a longer backlog is cut. 1 day.</summary>
    public TimeSpan LongestWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Records asked for in one page. 500: about 2 MB, so that many tenants' pages fit into memory at once.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>Walks that fail in a row on an ill answer before the failing page is narrowed to the record at fault. 3.</summary>
    public int NarrowAfter { get; set; } = 3;

    /// <summary>Requests in one walk before it is given up as endless. 5,000.</summary>
    public int MaxRequestsPerWalk { get; set; } = 5000;

    /// <summary>The largest single alert stored; a larger one is set aside. 8 MiB.</summary>
    public int MaxAlertBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Whether the documented request limits are kept. True; a load test against the twin may switch it off.</summary>
    public bool KeepRequestLimits { get; set; } = true;
}
