namespace Bailiwick.Hub.Alerts;

/// <summary>What the ledger says of a stretch of last-update time.</summary>
public enum CoverageMark
{
    /// <summary>Not walked to its end: whatever is there may be missing from the log.</summary>
    Open,

    /// <summary>Walked: what the source showed is in the log.</summary>
    Covered,

    /// <summary>Walked again after the late horizon without news.</summary>
    Proven,
}

/// <summary>Hours in a row of one mark.</summary>
/// <param name="From">First instant, UTC.</param>
/// <param name="To">First instant after, UTC.</param>
/// <param name="Mark">What the ledger says.</param>
/// <param name="Versions">Versions stored whose update time lies in it.</param>
public sealed record CoverageSpan(DateTimeOffset From, DateTimeOffset To, CoverageMark Mark, long Versions);

/// <summary>From the ledger's hours to spans; pure.</summary>
public static class CoverageSpans
{
    /// <summary>What an hour is; a row that is missing is open.</summary>
    public static CoverageMark MarkOf(CoverageHour? hour) =>
        hour?.CoveredAt is null ? CoverageMark.Open : hour.ProvenAt is null ? CoverageMark.Covered : CoverageMark.Proven;

    /// <summary>The spans of a closed-open window, oldest first, without a gap between them; empty when the window is.</summary>
    /// <param name="hours">The ledger's hours in rising order; those outside the window are passed over.</param>
    /// <param name="from">The beginning of an hour.</param>
    /// <param name="to">Any instant; the last span ends there.</param>
    public static IReadOnlyList<CoverageSpan> Of(IReadOnlyList<CoverageHour> hours, DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentNullException.ThrowIfNull(hours);
        var spans = new List<CoverageSpan>();
        var at = 0;
        for (var hour = CoverageLedger.HourOf(from); CoverageLedger.StartOf(hour) < to; hour++)
        {
            while (at < hours.Count && hours[at].Hour < hour) at++;
            var row = at < hours.Count && hours[at].Hour == hour ? hours[at] : null;
            var mark = MarkOf(row);
            var end = CoverageLedger.StartOf(hour + 1) < to ? CoverageLedger.StartOf(hour + 1) : to;
            if (spans.Count > 0 && spans[^1].Mark == mark) spans[^1] = spans[^1] with { To = end, Versions = spans[^1].Versions + (row?.Versions ?? 0) };
            else spans.Add(new CoverageSpan(CoverageLedger.StartOf(hour), end, mark, row?.Versions ?? 0));
        }

        return spans;
    }
}
