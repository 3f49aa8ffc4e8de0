using System.Globalization;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.OData;

/// <summary>Reads OData's <c>$filter</c>, as much of it as a list documents.</summary>
internal sealed class ODataFilter
{
    private const int MaxDepth = 50;
    private static readonly IReadOnlyList<string> Functions = ["startswith", "endswith", "contains"];

    private readonly Scanner _scan;
    private readonly bool _full;

    private ODataFilter(string text, FilterGrammar grammar) => (_scan, _full) = (new Scanner(text, grammar == FilterGrammar.Directory), grammar == FilterGrammar.Directory);

    /// <exception cref="QueryRefusedException">The text is not such a filter; the message names the position.</exception>
    public static FilterNode Parse(string text, FilterGrammar grammar = FilterGrammar.Comparisons)
    {
        var filter = new ODataFilter(text, grammar);
        var node = filter.Or(0);
        if (filter._scan.Peek() is { } rest) throw filter._scan.Refuse($"'{rest}' was not expected");
        return node;
    }

    private FilterNode Or(int depth)
    {
        var left = And(depth);
        while (_scan.TryTake("or")) left = new FilterNode.Both(false, left, And(depth));
        return left;
    }

    private FilterNode And(int depth)
    {
        var left = Term(depth);
        while (_scan.TryTake("and")) left = new FilterNode.Both(true, left, Term(depth));
        return left;
    }

    private FilterNode Term(int depth)
    {
        if (depth > MaxDepth) throw _scan.Refuse("parentheses are nested too deeply");
        if (_full && _scan.TryTake("not")) return new FilterNode.Not(Term(depth + 1));
        if (!_scan.TryTake("(")) return Condition(depth);
        var node = Or(depth + 1);
        Expect(")", "a closing parenthesis");
        return node;
    }

    private FilterNode Condition(int depth)
    {
        var property = _scan.Take("a property name");
        if (!char.IsLetter(property[0])) throw _scan.Refuse($"'{property}' is not a property name");
        if (_full && _scan.TryTake("("))
        {
            if (Functions.Contains(property.ToLowerInvariant())) return Function(property.ToLowerInvariant());
            if (property.EndsWith("/any", StringComparison.Ordinal)) return Lambda(property[..^"/any".Length], depth);
            throw _scan.Refuse($"'{property}' is not a supported function");
        }

        if (_full && _scan.TryTake("in")) return new FilterNode.In(property, List());
        var comparison = _scan.Take("a comparison");
        if (comparison is not ("eq" or "ne" or "gt" or "ge" or "lt" or "le")) throw _scan.Refuse($"'{comparison}' is not a supported operator");
        return new FilterNode.Compare(property, comparison, Literal(_scan.Take("a value")));
    }

    private FilterNode.Call Function(string name)
    {
        var property = _scan.Take("a property name");
        Expect(",", "a comma");
        var text = Literal(_scan.Take("a value")) as FilterLiteral.Text ?? throw _scan.Refuse($"{name} takes a text");
        Expect(")", "a closing parenthesis");
        return new FilterNode.Call(name, property, text.Value);
    }

    private FilterNode.Any Lambda(string property, int depth)
    {
        if (_scan.TryTake(")")) return new FilterNode.Any(property, "", null);
        var variable = _scan.TakeVariable();
        var condition = Or(depth + 1);
        Expect(")", "a closing parenthesis");
        return new FilterNode.Any(property, variable, condition);
    }

    private List<FilterLiteral> List()
    {
        Expect("(", "a list");
        List<FilterLiteral> literals = [];
        do literals.Add(Literal(_scan.Take("a value")));
        while (_scan.TryTake(","));
        Expect(")", "a closing parenthesis");
        return literals;
    }

    private FilterLiteral Literal(string token)
    {
        if (token[0] == '\'') return new FilterLiteral.Text(token[1..^1].Replace("''", "'", StringComparison.Ordinal));
        if (token == "null") return new FilterLiteral.Null();
        if (_full && token is "true" or "false") return new FilterLiteral.Flag(token == "true");
        if (_full && Guid.TryParse(token, out _)) return new FilterLiteral.Text(token);
        if (long.TryParse(token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return new FilterLiteral.Number(number);
        var time = token.Length == 11 && token[10] == 'Z' ? token[..10] : token;
        return WireTime.TryParse(time, out var ticks) ? new FilterLiteral.Time(ticks) : throw _scan.Refuse($"'{token}' is not a value");
    }

    private void Expect(string token, string what)
    {
        if (!_scan.TryTake(token)) throw _scan.Refuse($"{what} is missing");
    }

    private sealed class Scanner(string text, bool commas)
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

        /// <summary>The variable of a lambda up to its colon; what stands after it is read next.</summary>
        public string TakeVariable()
        {
            var token = Take("a variable");
            var colon = token.IndexOf(':');
            if (colon <= 0) throw Refuse("a variable with a colon is missing");
            if (colon < token.Length - 1) _next = token[(colon + 1)..];
            return token[..colon];
        }

        public QueryRefusedException Refuse(string what) => new($"Invalid filter clause: {what} at position {_at} in '{text}'.");

        private string? Read()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
            if (_at == text.Length) return null;
            var start = _at;
            if (text[_at] is '(' or ')' || (commas && text[_at] == ',')) return text[_at++].ToString();
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
