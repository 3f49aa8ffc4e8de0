using System.Text;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>
/// A reader of RFC 5424 and CEF written from the two specifications alone (RFC 5424 §6; ArcSight CEF, "Header and extension", "Character encoding"),
/// sharing nothing with the encoder.
/// </summary>
internal sealed record CefReader(IReadOnlyList<string> Header, IReadOnlyDictionary<string, string> Extension)
{
    public static CefReader Read(string text)
    {
        if (!text.StartsWith("CEF:", StringComparison.Ordinal)) throw new FormatException("no CEF: prefix");
        var header = new List<string>();
        var field = new StringBuilder();
        var at = 4;
        for (; header.Count < 7; at++)
        {
            if (at >= text.Length) throw new FormatException("header ends early");
            if (text[at] == '\\')
            {
                at++;
                if (text[at] is not ('\\' or '|')) throw new FormatException("unknown header escape");
                field.Append(text[at]);
            }
            else if (text[at] == '|')
            {
                header.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(text[at]);
            }
        }

        if (header.Any(value => value.Length == 0)) throw new FormatException("empty header field");
        return new CefReader(header, Pairs(text[at..]));
    }

    /// <summary>The custom strings by their labels; several of one label are joined in the order of their numbers.</summary>
    public string Labelled(string label) => string.Join('\n', Extension
        .Where(pair => pair.Key.EndsWith("Label", StringComparison.Ordinal) && pair.Value == label)
        .Select(pair => pair.Key[..^5])
        .OrderBy(key => key.Length).ThenBy(key => key, StringComparer.Ordinal)
        .Select(key => Extension[key]));

    /// <summary>The evidence lines as (entry and type and field, value).</summary>
    public IEnumerable<(string Name, string Value)> Evidence()
    {
        var lines = new List<string>();
        foreach (var line in Labelled("evidence").Split('\n'))
        {
            if (line.StartsWith(' ') && lines.Count > 0) lines[^1] += "\n" + line[1..];
            else if (line.Length > 0) lines.Add(line);
        }

        return lines.Select(line => (line[..Math.Max(0, line.IndexOf('=', StringComparison.Ordinal))], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]));
    }

    private static Dictionary<string, string> Pairs(string text)
    {
        // a key is letters and digits before an unescaped '=', at the beginning or after a blank
        var keys = new List<(int Start, int Sign)>();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
                continue;
            }

            if (text[at] != '=') continue;
            var start = at;
            while (start > 0 && char.IsAsciiLetterOrDigit(text[start - 1])) start--;
            if (start == at || (start > 0 && text[start - 1] != ' ')) throw new FormatException($"unescaped = at {at}");
            keys.Add((start, at));
        }

        var pairs = new Dictionary<string, string>();
        for (var i = 0; i < keys.Count; i++)
        {
            var end = i + 1 < keys.Count ? keys[i + 1].Start - 1 : text.Length;
            pairs.Add(text[keys[i].Start..keys[i].Sign], Unescape(text[(keys[i].Sign + 1)..end]));
        }

        return pairs;
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder();
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] != '\\')
            {
                text.Append(value[at]);
                continue;
            }

            at++;
            text.Append(value[at] switch { '\\' => '\\', '=' => '=', 'n' => '\n', 'r' => '\r', _ => throw new FormatException("unknown extension escape") });
        }

        return text.ToString();
    }
}

/// <summary>An RFC 5424 line, read strictly.</summary>
internal sealed record SyslogLine(int Priority, string Timestamp, string Host, string App, string ProcId, string MsgId, string SdId, IReadOnlyDictionary<string, string> Parameters, string Message)
{
    public static SyslogLine Read(string text)
    {
        if (text[0] != '<') throw new FormatException("no priority");
        var end = text.IndexOf('>', StringComparison.Ordinal);
        var priority = int.Parse(text[1..end]);
        var fields = text[(end + 1)..].Split(' ', 7);
        if (fields[0] != "1" || priority is < 0 or > 191) throw new FormatException("header");
        var rest = fields[6];
        if (rest[0] != '[') throw new FormatException("no structured data");
        var at = rest.IndexOf(' ', StringComparison.Ordinal);
        var id = rest[1..at];
        var parameters = new Dictionary<string, string>();
        while (rest[at] == ' ')
        {
            var equals = rest.IndexOf('=', at);
            var name = rest[(at + 1)..equals];
            var value = new StringBuilder();
            for (at = equals + 2; rest[at] != '"'; at++)
            {
                if (rest[at] == '\\' && rest[at + 1] is '"' or '\\' or ']') at++;
                else if (rest[at] == ']') throw new FormatException("unescaped bracket");
                value.Append(rest[at]);
            }

            parameters.Add(name, value.ToString());
            at++;
        }

        if (rest[at] != ']' || rest[at + 1] != ' ') throw new FormatException("structured data");
        return new SyslogLine(priority, fields[1], fields[2], fields[3], fields[4], fields[5], id, parameters, rest[(at + 2)..]);
    }
}
