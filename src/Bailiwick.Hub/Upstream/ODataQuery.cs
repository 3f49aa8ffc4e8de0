using System.Globalization;
using System.Text;

namespace Bailiwick.Hub.Upstream;

/// <summary>The one builder of OData queries: doubles quotes, percent-encodes, writes times in UTC with seven digits.</summary>
public sealed class ODataQuery
{
    private readonly StringBuilder _text = new();

    /// <summary>A closed-open window over a time field: <c>field ge from and field lt to</c>.</summary>
    public ODataQuery Window(string field, DateTimeOffset from, DateTimeOffset to) =>
        Option("$filter", $"{field} ge {Time(from)} and {field} lt {Time(to)}");

    /// <summary>Adds a system query option.</summary>
    public ODataQuery Option(string name, string value)
    {
        _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    /// <summary>Adds a numeric system query option.</summary>
    public ODataQuery Option(string name, long value) => Option(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A string literal, quotes doubled. Source: OData URL conventions 4.01 §5.1.1.6.1, read 2026.</summary>
    public static string Literal(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>The address with this query.</summary>
    /// <param name="plane">The plane's address, with or without a slash at its end.</param>
    /// <param name="path">The path below it, escaped.</param>
    public Uri On(Uri plane, string path)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return new Uri($"{plane.AbsoluteUri.TrimEnd('/')}/{path}{_text}");
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
