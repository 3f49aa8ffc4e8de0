using System.Globalization;
using System.Xml;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Compat;

/// <summary>What a connector of the retired alert exporter asks for. Source: pull-alerts-using-rest-api (2020).</summary>
/// <param name="Since">Earliest time, UTC; null for the default window.</param>
/// <param name="Until">Latest time, UTC; null for now.</param>
/// <param name="Ago">The window back from now; null when not given.</param>
/// <param name="Limit">Only the most recent ones; null for all.</param>
/// <param name="MachineGroups">Only these device groups; empty for all.</param>
internal sealed record ExporterQuery(DateTimeOffset? Since, DateTimeOffset? Until, TimeSpan? Ago, int? Limit, IReadOnlyList<string> MachineGroups)
{
    /// <summary>The window when the caller names none.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(2);

    /// <summary>Reads the address tolerantly: names in any case, values the exporter did not know are passed over. Null, with the fault, when a value cannot be read.</summary>
    public static (ExporterQuery? Query, string? Fault) Read(IQueryCollection values)
    {
        string? fault = null;
        var since = Time("sinceTimeUtc");
        var until = Time("untilTimeUtc");
        TimeSpan? ago = null;
        if (Text("ago") is { } duration)
        {
            try
            {
                ago = XmlConvert.ToTimeSpan(duration);
                if (ago <= TimeSpan.Zero || ago > TimeSpan.FromDays(3650)) fault ??= "ago is an ISO 8601 duration above zero, such as PT45M.";
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                fault ??= "ago is an ISO 8601 duration, such as PT45M.";
            }
        }

        int? limit = null;
        if (Text("limit") is { } number)
        {
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0) limit = count;
            else fault ??= "limit is a whole number above zero.";
        }

        var groups = values["machinegroups"].Where(group => !string.IsNullOrEmpty(group)).Select(group => group!).ToList();
        return fault is null ? (new ExporterQuery(since, until, ago, limit, groups), null) : (null, fault);

        string? Text(string name)
        {
            var given = values[name];
            if (given.Count > 1) fault ??= $"{name} is given once.";
            return given is [{ Length: > 0 } text] ? text : null;
        }

        DateTimeOffset? Time(string name)
        {
            if (Text(name) is not { } text) return null;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)) return moment;
            fault ??= $"{name} is a time in ISO 8601, UTC unless it says otherwise, such as 2026-03-11T08:00:00.";
            return null;
        }
    }

    /// <summary>The window in ticks, both ends included. Of <c>sinceTimeUtc</c> and <c>ago</c> the one that reaches further back counts.</summary>
    public (long From, long To) Window(long now)
    {
        var back = Ago is { } ago ? now - ago.Ticks : (long?)null;
        var from = Math.Max(0, Math.Min(Since?.UtcTicks ?? back ?? now - DefaultWindow.Ticks, back ?? long.MaxValue));
        return (from, Math.Min(Until?.UtcTicks ?? now, now));
    }
}
