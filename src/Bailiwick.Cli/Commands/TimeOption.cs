using System.CommandLine;
using System.Globalization;

namespace Bailiwick.Cli.Commands;

/// <summary>An option that takes a time: ISO 8601, UTC unless it says otherwise.</summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return time;
            result.AddError($"{name} {text} is no time: write it as 2026-03-11T08:00:00Z or 2026-03-11.");
            return null;
        },
    };
}
