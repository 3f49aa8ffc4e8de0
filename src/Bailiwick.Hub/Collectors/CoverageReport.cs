using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>All that is known of one (tenant, source) when the question "is there a hole?" is asked.</summary>
public sealed record CoverageFacts
{
    /// <summary>The beginning of the window, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The first instant after the window, UTC.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The present, UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How the source is walked.</summary>
    public required CollectorOptions Options { get; init; }

    /// <summary>When the tenant was added, UTC.</summary>
    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>The ledger's hours of the window, rising.</summary>
    public IReadOnlyList<CoverageHour> Hours { get; init; } = [];

    /// <summary>The hours of the last <see cref="Alerts.Silence.Memory"/> with a version, rising.</summary>
    public IReadOnlyList<long> Busy { get; init; } = [];

    /// <summary>The oldest covered hour within that time, or null.</summary>
    public long? KnownFrom { get; init; }

    /// <summary>Where the collector stands, or null before its first clean walk.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>How its last run went, or null when none did.</summary>
    public CollectorState? State { get; init; }

    /// <summary>The tenant's connection, or null.</summary>
    public TenantConnection? Connection { get; init; }

    /// <summary>The customer's pause, or null.</summary>
    public CustomerPause? Pause { get; init; }

    /// <summary>False when the tenant's row was changed outside the hub.</summary>
    public bool IsIntact { get; init; } = true;
}

/// <summary>The answer for one (tenant, source).</summary>
/// <param name="From">The beginning of the window answered for: whole hours, never before the source's retention, UTC.</param>
/// <param name="To">The first instant after it, never after now, UTC.</param>
/// <param name="CompleteThrough">Everything of the window that was last updated before this instant is in the log; null when nothing is known.</param>
/// <param name="HoleSince">Where in last-update time the first hole begins; null when there is none.</param>
/// <param name="Trouble">Why something is not as it should be; null when nothing is known to be wrong.</param>
/// <param name="Silence">How long nothing came, against the source's own past.</param>
/// <param name="Spans">The whole window, oldest first.</param>
public sealed record CoverageReport(
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? CompleteThrough,
    DateTimeOffset? HoleSince,
    CoverageTrouble? Trouble,
    Silence Silence,
    IReadOnlyList<CoverageSpan> Spans)
{
    /// <summary>Whether there is nothing to look at: no hole, no trouble, no unusual silence.</summary>
    public bool IsWell => HoleSince is null && Trouble is null && Silence.IsUnusual is not true;

    /// <summary>Makes the answer; pure.</summary>
    public static CoverageReport Of(CoverageFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var oldest = new CollectorPlan(facts.Options).OldestHour(facts.Now);
        var from = CoverageLedger.StartOf(CoverageLedger.HourOf(facts.From > oldest ? facts.From : oldest));
        var to = facts.To < facts.Now ? facts.To : facts.Now;
        if (to < from) to = from;
        var spans = CoverageSpans.Of(facts.Hours, from, to);
        var cursor = facts.Checkpoint?.Cursor;
        var behind = Behind(facts, from, to);
        var skipped = spans.FirstOrDefault(span => span.Mark == CoverageMark.Open && cursor is { } at && span.From < to && EndOfHour(span.From) <= at)?.From;
        var hole = Earlier(skipped, behind);
        var trouble = CoverageCauses.Find(facts) ?? OfHole(facts, skipped, behind);
        return new CoverageReport(
            from,
            to,
            hole ?? (cursor < to ? cursor : cursor is null ? null : to),
            hole,
            trouble,
            Silence.Of(facts.Busy, facts.KnownFrom, cursor ?? facts.Now),
            spans);
    }

    /// <summary>Up to where a reader has everything of the window.</summary>
    /// <param name="oldestUnread">The oldest hour with a version behind its position, or null.</param>
    public DateTimeOffset? CompleteFor(long? oldestUnread) => oldestUnread is { } hour ? Earlier(CompleteThrough, CoverageLedger.StartOf(hour)) : CompleteThrough;

    /// <summary>From where the collector is behind: later than the settle time and two polls explain.</summary>
    private static DateTimeOffset? Behind(CoverageFacts facts, DateTimeOffset from, DateTimeOffset to)
    {
        if (to <= from) return null;
        if (facts.Checkpoint is not { } checkpoint) return from;
        var due = facts.Now - facts.Options.Settle - (2 * facts.Options.PollInterval);
        if (checkpoint.Cursor >= (due < to ? due : to)) return null;
        return checkpoint.Cursor > from ? checkpoint.Cursor : from;
    }

    private static CoverageTrouble? OfHole(CoverageFacts facts, DateTimeOffset? skipped, DateTimeOffset? behind)
    {
        if (behind is { } late)
        {
            return new CoverageTrouble(
                CoverageCause.CatchingUp,
                facts.Checkpoint is null ? "No walk has ended yet: the first one is under way." : "No failure is known: the collector walks what it has missed.",
                facts.Checkpoint?.WalkedAt ?? facts.Connection?.ProvenAt ?? late);
        }

        return skipped is null
            ? null
            : new CoverageTrouble(
                CoverageCause.FirstRun,
                $"The first run's way back has come to {facts.Checkpoint!.BackfilledTo.UtcDateTime:yyyy-MM-dd HH:mm} UTC.",
                facts.Connection?.ProvenAt ?? facts.AddedAt);
    }

    private static DateTimeOffset EndOfHour(DateTimeOffset at) => CoverageLedger.StartOf(CoverageLedger.HourOf(at) + 1);

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) => left is null ? right : right is null || left < right ? left : right;
}
