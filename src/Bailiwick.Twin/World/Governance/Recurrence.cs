using System.Globalization;

namespace Bailiwick.Twin.World.Governance;

/// <summary>How something comes back: weekly, or each 1, 3, 6 or 12 months. Source: patternedrecurrence resource type, 2024; create-access-review, 2025.</summary>
internal sealed record Recurrence
{
    /// <summary>The rhythm.</summary>
    public RecurrencePattern? Pattern { get; init; }

    /// <summary>Its first day and its end.</summary>
    public RecurrenceRange? Range { get; init; }

    /// <summary>The first occurrence at or after a moment, counted from the start; null when there is none.</summary>
    /// <param name="start">The first occurrence of all. UTC.</param>
    /// <param name="earliest">UTC.</param>
    public DateTimeOffset? Next(DateTimeOffset start, DateTimeOffset earliest)
    {
        for (var number = 0; ; number++)
        {
            if (Range is { Type: "numbered" } numbered && number >= numbered.NumberOfOccurrences) return null;
            var at = Occurrence(start, number);
            if (Range is { Type: "endDate", EndDate: { } last } && at.UtcDateTime.Date > Day(last)!.Value.ToDateTime(TimeOnly.MinValue)) return null;
            if (at >= earliest) return at;
            if (Pattern is null || at.Year > 9000) return null;
        }
    }

    /// <summary>Reads <c>2031-01-06</c>; null when it is none.</summary>
    public static DateOnly? Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private DateTimeOffset Occurrence(DateTimeOffset start, int number)
    {
        if (Pattern is null || number == 0) return start;
        return Pattern.Type == "weekly" ? start.AddDays(7d * Pattern.Interval * number) : start.AddMonths(Pattern.Interval * number);
    }
}

/// <summary>The rhythm; the day is the start's own. Members the rhythm does not need are kept as written.</summary>
internal sealed record RecurrencePattern
{
    public string Type { get; init; } = "absoluteMonthly";

    public int Interval { get; init; } = 1;

    public int Month { get; init; }

    public int DayOfMonth { get; init; }

    public IReadOnlyList<string> DaysOfWeek { get; init; } = [];

    public string FirstDayOfWeek { get; init; } = "sunday";

    public string Index { get; init; } = "first";
}

/// <summary>From when to when.</summary>
internal sealed record RecurrenceRange
{
    /// <summary><c>noEnd</c>, <c>endDate</c> or <c>numbered</c>.</summary>
    public string Type { get; init; } = "noEnd";

    public int NumberOfOccurrences { get; init; }

    public string? RecurrenceTimeZone { get; init; }

    /// <summary>A day, <c>2031-01-06</c>.</summary>
    public string? StartDate { get; init; }

    /// <summary>A day.</summary>
    public string? EndDate { get; init; }
}
