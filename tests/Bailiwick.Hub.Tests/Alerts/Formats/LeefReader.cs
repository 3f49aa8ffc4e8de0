using System.Globalization;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>A strict reader of LEEF 1.0 and 2.0 written from the format's rules alone, sharing nothing with the encoder.</summary>
internal sealed record LeefReader(IReadOnlyList<string> Header, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Reads an event.</summary>
    /// <param name="text">From <c>LEEF:</c> on.</param>
    /// <param name="delimiter">For version 1 events that do not keep to tabs.</param>
    public static LeefReader Read(string text, char delimiter = '\t')
    {
        if (!text.StartsWith("LEEF:", StringComparison.Ordinal)) throw new FormatException("no LEEF: prefix");
        var version = text[5..text.IndexOf('|', StringComparison.Ordinal)];
        var fields = text[5..].Split('|', version == "2.0" ? 7 : 6);
        if (fields.Take(5).Any(field => field.Length == 0)) throw new FormatException("empty header field");
        if (version == "2.0")
        {
            var sign = fields[5];
            delimiter = sign.Length == 1 ? sign[0]
                : sign[0] == 'x' ? (char)int.Parse(sign[1..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : throw new FormatException("delimiter");
        }

        var attributes = new Dictionary<string, string>();
        foreach (var pair in fields[^1].Split(delimiter))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || !pair[..equals].All(char.IsAsciiLetterOrDigit)) throw new FormatException($"no attribute: {pair}");
            attributes.Add(pair[..equals], pair[(equals + 1)..]);
        }

        return new LeefReader(fields[..5], attributes);
    }
}
