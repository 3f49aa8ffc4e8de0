using System.Globalization;

namespace Bailiwick.Cli.Output;

/// <summary>How values are written in tables.</summary>
internal static class Words
{
    public static string Time(DateTimeOffset? at) => at is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Count(long number, string thing) => $"{Number(number)} {thing}{(number == 1 ? "" : "s")}";

    public static string Lag(double? seconds) => seconds switch
    {
        null => "-",
        < 120 => $"{seconds.Value.ToString("0", CultureInfo.InvariantCulture)}s",
        < 7200 => $"{(seconds.Value / 60).ToString("0", CultureInfo.InvariantCulture)}m",
        < 172_800 => $"{(seconds.Value / 3600).ToString("0", CultureInfo.InvariantCulture)}h",
        _ => $"{(seconds.Value / 86_400).ToString("0", CultureInfo.InvariantCulture)}d",
    };

    /// <summary>A length of time as people type it: a whole number and <c>m</c>, <c>h</c> or <c>d</c>.</summary>
    public static TimeSpan Duration(string text) =>
        text.Length is > 1 and <= 6 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? text[^1] switch
            {
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw new UsageException($"{text} is no length of time: write it as 30m, 8h or 2d."),
            }
            : throw new UsageException($"{text} is no length of time: write it as 30m, 8h or 2d.");

    public static string Short(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");

    public static string Camel(Enum value)
    {
        var word = value.ToString();
        return char.ToLowerInvariant(word[0]) + word[1..];
    }
}
