using Bailiwick.Hub.Alerts;

namespace Bailiwick.Hub.Collectors;

/// <summary>A window to walk and the checkpoint that a clean walk of it earns.</summary>
/// <param name="Window">Closed-open window of last-update time.</param>
/// <param name="Earns">Where the collector stands afterwards.</param>
/// <param name="IsBackfill">True for the first run's way back: what it finds is old, not late.</param>
/// <param name="IsPoll">True when a sweep walks the same window again within the hour.</param>
internal sealed record Due(TimeWindow Window, Checkpoint Earns, bool IsBackfill = false, bool IsPoll = false);

/// <summary>Chooses what to walk next; pure. Windows of the way back begin at whole hours, so that each hour is walked whole.</summary>
internal sealed class CollectorPlan(CollectorOptions options)
{
    /// <summary>The window to walk now and the checkpoint that a clean walk earns.</summary>
    /// <param name="at">Where the collector stands; null before its first clean walk.</param>
    /// <param name="now">The start of the walk.</param>
    /// <param name="oldestUnproven">The first instant of the oldest hour that is covered and not proven; the daily sweep reaches back to it.</param>
    public Due Next(Checkpoint? at, DateTimeOffset now, DateTimeOffset? oldestUnproven = null)
    {
        if (at is null)
        {
            var first = new TimeWindow(StartOfHour(now - options.LongestWindow), now);
            return new Due(
                first,
                new Checkpoint { Cursor = now - options.Settle, WalkedAt = now, HourSweptAt = now, DaySweptAt = now, BackfilledTo = first.From },
                IsBackfill: true);
        }

        var from = at.Cursor - Overlap(at);
        if (now - at.Cursor > options.LongestWindow)
        {
            var to = at.Cursor + options.LongestWindow;
            return new Due(new TimeWindow(from, to), at with { Cursor = Min(to, now - options.Settle), WalkedAt = now });
        }

        var hourDue = IsHourDue(at, now);
        var dayDue = IsDayDue(at, now);
        if (dayDue) from = Min(from, Min(oldestUnproven ?? now, StartOfHour(now - options.DailySweep)));
        if (hourDue) from = Min(from, StartOfHour(now - options.HourlySweep));
        return new Due(
            new TimeWindow(from, now),
            at with
            {
                Cursor = Max(at.Cursor, now - options.Settle),
                WalkedAt = now,
                HourSweptAt = hourDue ? now : at.HourSweptAt,
                DaySweptAt = dayDue ? now : at.DaySweptAt,
            },
            IsPoll: !hourDue && from >= now - options.HourlySweep);
    }

    /// <summary>The next window of the way back to the source's retention, each twice as far as the last; null when it is done.</summary>
    public Due? Back(Checkpoint at, DateTimeOffset now)
    {
        var oldest = OldestHour(now);
        if (at.BackfilledTo <= oldest) return null;
        var from = Max(oldest, StartOfHour(at.BackfilledTo - (now - at.BackfilledTo)));
        return new Due(new TimeWindow(from, at.BackfilledTo), at with { BackfilledTo = from }, IsBackfill: true);
    }

    /// <summary>Whether the wide daily walk is due.</summary>
    public bool IsDayDue(Checkpoint at, DateTimeOffset now) => options.DailySweep > TimeSpan.Zero && now - at.DaySweptAt >= TimeSpan.FromDays(1);

    /// <summary>The first instant that the source still holds, by the hour.</summary>
    public DateTimeOffset OldestHour(DateTimeOffset now) => StartOfHour(now - options.Retention);

    /// <summary>How late a record may be without being lost to the proof of its hour.</summary>
    public TimeSpan LateHorizon(Checkpoint? at) => at is null || at.LateBy * 2 < options.LateHorizon ? options.LateHorizon : at.LateBy * 2;

    /// <summary>What a walk teaches: the lateness kept fades by half a day after day, and a record later than that takes its place.</summary>
    /// <param name="known">The lateness known before.</param>
    /// <param name="since">Time since the last clean walk.</param>
    /// <param name="seen">The lateness of the latest record of this walk; zero when none was late.</param>
    public static TimeSpan Learn(TimeSpan known, TimeSpan since, TimeSpan seen)
    {
        var faded = known * Math.Pow(0.5, Math.Max(0, since.TotalDays));
        return faded > seen ? faded : seen;
    }

    private bool IsHourDue(Checkpoint at, DateTimeOffset now) => options.HourlySweep > TimeSpan.Zero && now - at.HourSweptAt >= TimeSpan.FromHours(1);

    /// <summary>A quarter more than the lateness seen, within the bounds.</summary>
    private TimeSpan Overlap(Checkpoint at)
    {
        var wanted = at.LateBy * 1.25;
        if (wanted <= options.Overlap) return options.Overlap;
        return wanted < options.LongestOverlap ? wanted : options.LongestOverlap;
    }

    private static DateTimeOffset StartOfHour(DateTimeOffset at) => CoverageLedger.StartOf(CoverageLedger.HourOf(at));

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
