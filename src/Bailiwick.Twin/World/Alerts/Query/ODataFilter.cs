using System.Globalization;

namespace Bailiwick.Twin.World.Alerts.Query;

/// <summary>A condition of <c>$filter</c>.</summary>
internal abstract record FilterNode
{
    private FilterNode() { }

    /// <summary><c>and</c> / <c>or</c>.</summary>
    public sealed record Both(bool And, FilterNode Left, FilterNode Right) : FilterNode;

    /// <summary>A property, an operator (<c>eq ne gt ge lt le</c>) and a literal.</summary>
    public sealed record Compare(string Property, string Operator, FilterLiteral Literal) : FilterNode;
}

/// <summary>A literal of <c>$filter</c>.</summary>
internal abstract record FilterLiteral
{
    private FilterLiteral() { }

    /// <summary>In single quotes, a quote doubled.</summary>
    public sealed record Text(string Value) : FilterLiteral;

    /// <summary>Bare digits.</summary>
    public sealed record Number(long Value) : FilterLiteral;

    /// <summary>A bare date or time, UTC ticks.</summary>
    public sealed record Time(long Ticks) : FilterLiteral;

    /// <summary><c>null</c>.</summary>
    public sealed record Null : FilterLiteral;
}

/// <summary>A query option that the plane refuses with 400; the message goes to the caller.</summary>
internal sealed class QueryRefusedException(string message, string code = "BadRequest") : Exception(message)
{
    /// <summary>The code that Graph answers with.</summary>
    public string Code { get; } = code;
}

/// <summary>
/// Reads the documented part of OData's <c>$filter</c>: comparisons, <c>and</c>, <c>or</c>, parentheses. Functions, lambdas, <c>not</c>
/// and <c>in</c> are not documented for these feeds and are refused. Source: exposed-apis-odata-samples 2020, list-alerts_v2 2023.
/// </summary>
internal static class ODataFilter
{
    /// <exception cref="QueryRefusedException">The text is not such a filter; the message names the position.</exception>
    public static FilterNode Parse(string text)
    {
        var scan = new Scanner(text);
        var node = Or(scan, 0);
        if (scan.Peek() is { } rest) throw scan.Refuse($"'{rest}' was not expected");
        return node;
    }

    private static FilterNode Or(Scanner scan, int depth)
    {
        var left = And(scan, depth);
        while (scan.TryTake("or")) left = new FilterNode.Both(false, left, And(scan, depth));
        return left;
    }

    private static FilterNode And(Scanner scan, int depth)
    {
        var left = Term(scan, depth);
        while (scan.TryTake("and")) left = new FilterNode.Both(true, left, Term(scan, depth));
        return left;
    }

    private static FilterNode Term(Scanner scan, int depth)
    {
        if (depth > 50) throw scan.Refuse("parentheses are nested too deeply");
        if (!scan.TryTake("(")) return Compare(scan);
        var node = Or(scan, depth + 1);
        if (!scan.TryTake(")")) throw scan.Refuse("a closing parenthesis is missing");
        return node;
    }

    private static FilterNode.Compare Compare(Scanner scan)
    {
        var property = scan.Take("a property name");
        if (!char.IsLetter(property[0])) throw scan.Refuse($"'{property}' is not a property name");
        var comparison = scan.Take("a comparison");
        if (comparison is not ("eq" or "ne" or "gt" or "ge" or "lt" or "le")) throw scan.Refuse($"'{comparison}' is not a supported operator");
        return new FilterNode.Compare(property, comparison, Literal(scan, scan.Take("a value")));
    }

    private static FilterLiteral Literal(Scanner scan, string token)
    {
        if (token[0] == '\'') return new FilterLiteral.Text(token[1..^1].Replace("''", "'", StringComparison.Ordinal));
        if (token == "null") return new FilterLiteral.Null();
        if (long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return new FilterLiteral.Number(number);
        var time = token.Length == 11 && token[10] == 'Z' ? token[..10] : token;
        return WireTime.TryParse(time, out var ticks) ? new FilterLiteral.Time(ticks) : throw scan.Refuse($"'{token}' is not a value");
    }

    private sealed class Scanner(string text)
    {
        private int _at;
        private string? _next;

        public string? Peek() => _next ??= Read();

        public bool TryTake(string token)
        {
            if (Peek() != token) return false;
            _next = null;
            return true;
        }

        public string Take(string expected)
        {
            var token = Peek() ?? throw Refuse($"{expected} is missing");
            _next = null;
            return token;
        }

        public QueryRefusedException Refuse(string what) => new($"Invalid filter clause: {what} at position {_at} in '{text}'.");

        private string? Read()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
            if (_at == text.Length) return null;
            var start = _at;
            if (text[_at] is '(' or ')') return text[_at++].ToString();
            if (text[_at] == '\'') return Quoted(start);
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not ('(' or ')' or '\'' or ',')) _at++;
            if (_at == start) throw Refuse($"'{text[_at]}' was not expected");
            return text[start.._at];
        }

        private string Quoted(int start)
        {
            _at++;
            while (true)
            {
                var end = text.IndexOf('\'', _at);
                if (end < 0) throw Refuse("a closing quote is missing");
                _at = end + 1;
                if (_at == text.Length || text[_at] != '\'') return text[start.._at];
                _at++;
            }
        }
    }
}
