namespace Bailiwick.Hub.Alerts;

/// <summary>Where the collector of one (tenant, source) stands. Moves only with a complete, clean walk.</summary>
public sealed record Checkpoint
{
    /// <summary>Everything last updated before this instant has been stored.</summary>
    public required DateTimeOffset Cursor { get; init; }

    /// <summary>When the last clean walk ended.</summary>
    public required DateTimeOffset WalkedAt { get; init; }

    /// <summary>When the last clean walk over 24 hours ended.</summary>
    public required DateTimeOffset HourSweptAt { get; init; }

    /// <summary>When the last clean walk over 7 days ended.</summary>
    public required DateTimeOffset DaySweptAt { get; init; }

    /// <summary>How far back the first run has got; the source's retention when it is done.</summary>
    public required DateTimeOffset BackfilledTo { get; init; }

    /// <summary>How late the source has lately made records visible; fades by half every day. Zero when none was late.</summary>
    public TimeSpan LateBy { get; init; }
}
