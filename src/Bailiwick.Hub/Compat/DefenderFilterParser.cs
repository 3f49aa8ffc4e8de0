using System.Globalization;
using System.Text.RegularExpressions;

namespace Bailiwick.Hub.Compat;

/// <summary>
/// Reads <c>$filter</c>: comparisons <c>eq ne gt ge lt le</c>, <c>and</c>, <c>or</c>, parentheses; times and numbers bare, texts in single quotes with a
/// quote doubled. Anything else is a fault with its place. Source: get-alerts (2025-03).
/// </summary>
internal sealed partial class DefenderFilterParser
{
    private const int MaxLength = 4096;
    private const int MaxDepth = 16;
    private const int MaxComparisons = 50;

    private readonly List<(string Text, int At)> _tokens = [];
    private int _next;
    private int _comparisons;

    private DefenderFilterParser()
    {
    }

    /// <summary>Parses.</summary>
    /// <exception cref="DefenderFilterException">The message says what is wrong and where, in fixed words.</exception>
    public static DefenderFilter Parse(string text)
    {
        if (text.Length > MaxLength) throw new DefenderFilterException($"The filter has more than {MaxLength} characters.");
        var parser = new DefenderFilterParser();
        parser.Split(text);
        var filter = parser.ReadOr(0);
        return parser._next == parser._tokens.Count ? filter : throw parser.Fault("'and', 'or' or the end");
    }

    private void Split(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var match = Token().Match(text, at);
            if (!match.Success) throw new DefenderFilterException($"The filter cannot be read at position {at + 1}; a text stands between single quotes.");
            if (match.Groups["token"] is { Success: true } token) _tokens.Add((token.Value, at + 1));
            at += match.Length;
        }
    }

    private DefenderFilter ReadOr(int depth)
    {
        var left = ReadAnd(depth);
        while (TakeWord("or")) left = new DefenderFilter.Or(left, ReadAnd(depth));
        return left;
    }

    private DefenderFilter ReadAnd(int depth)
    {
        var left = ReadOne(depth);
        while (TakeWord("and")) left = new DefenderFilter.And(left, ReadOne(depth));
        return left;
    }

    private DefenderFilter ReadOne(int depth)
    {
        if (depth > MaxDepth) throw new DefenderFilterException($"The filter is nested deeper than {MaxDepth}.");
        if (!TakeWord("(")) return ReadComparison();
        var inner = ReadOr(depth + 1);
        return TakeWord(")") ? inner : throw Fault("')'");
    }

    private DefenderFilter ReadComparison()
    {
        if (++_comparisons > MaxComparisons) throw new DefenderFilterException($"The filter has more than {MaxComparisons} comparisons.");
        var property = FilterProperty.All.FirstOrDefault(known => known.Name.Equals(Peek(), StringComparison.OrdinalIgnoreCase))
            ?? throw Fault($"one of {string.Join(", ", FilterProperty.All.Select(known => known.Name))}");
        _next++;
        var op = Peek()?.ToLowerInvariant();
        if (op is not ("eq" or "ne" or "gt" or "ge" or "lt" or "le")) throw Fault("one of eq, ne, gt, ge, lt, le");
        if (property.Kind is FilterKind.Word or FilterKind.Text && op is not ("eq" or "ne")) throw Fault($"eq or ne, which is all that {property.Name} takes");
        _next++;
        return new DefenderFilter.Compare(property, op, ReadValue(property, op));
    }

    private object? ReadValue(FilterProperty property, string op)
    {
        var token = Peek() ?? throw Fault("a value");
        if (token == "null" && property.Column is null && (op is "eq" or "ne"))
        {
            _next++;
            return null;
        }

        object value = property.Kind switch
        {
            FilterKind.Time => ReadTime(token) ?? throw Fault("a time without quotes such as 2026-03-01T06:00:00Z"),
            FilterKind.Number => long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Fault("a whole number without quotes"),
            FilterKind.Word => Unquote(token) is { } word && property.Words!.ContainsKey(word) ? word : throw Fault($"one of {string.Join(", ", property.Words!.Keys.Select(known => $"'{known}'"))}"),
            _ => Unquote(token) ?? throw Fault("a text between single quotes"),
        };
        _next++;
        return value;
    }

    /// <summary>A time to 100 ns or a date alone; UTC when it names no offset.</summary>
    private static DateTimeOffset? ReadTime(string token)
    {
        var text = DateAlone().IsMatch(token) ? token.TrimEnd('Z', 'z') + "T00:00:00Z" : token;
        return Moment().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment : null;
    }

    private static string? Unquote(string token) => token is ['\'', .. var inner, '\''] ? inner.Replace("''", "'", StringComparison.Ordinal) : null;

    private string? Peek() => _next < _tokens.Count ? _tokens[_next].Text : null;

    private bool TakeWord(string word)
    {
        if (Peek() is not { } token || !token.Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        _next++;
        return true;
    }

    private DefenderFilterException Fault(string expected) => new(
        _next < _tokens.Count ? $"The filter is wrong at position {_tokens[_next].At}: expected {expected}." : $"The filter ends too early: expected {expected}.");

    [GeneratedRegex(@"\G(?:\s+|(?<token>\(|\)|'(?:[^']|'')*'|[A-Za-z0-9_.:+-]+|[^\s']))", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 500)]
    private static partial Regex Token();

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}[Zz]?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex DateAlone();

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Moment();
}

/// <summary>A filter cannot be read; the message is for the caller and repeats nothing of the filter.</summary>
internal sealed class DefenderFilterException(string message) : Exception(message);
