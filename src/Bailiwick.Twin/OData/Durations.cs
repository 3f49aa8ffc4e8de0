using System.Xml;

namespace Bailiwick.Twin.OData;

/// <summary>ISO 8601 durations as Graph takes them.</summary>
internal static class Durations
{
    /// <summary>Reads one of 0 to 100 years; null when the text is none. A year counts 365 days and a month 30, as .NET reads them.</summary>
    public static TimeSpan? Read(string text)
    {
        try
        {
            var length = XmlConvert.ToTimeSpan(text);
            return length >= TimeSpan.Zero && length < TimeSpan.FromDays(36_500) ? length : null;
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            return null;
        }
    }
}
