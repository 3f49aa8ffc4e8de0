using System.Text;
using Bailiwick.Twin.OData;

namespace Bailiwick.Twin.World.Alerts.Query;

/// <summary>What a property of <c>$filter</c> is compared as.</summary>
internal enum FieldKind
{
    /// <summary>Free text, quoted.</summary>
    Text,

    /// <summary>A closed list of words, quoted; only <c>eq</c> and <c>ne</c>.</summary>
    Word,

    /// <summary>A time, bare.</summary>
    Time,

    /// <summary>A whole number, bare.</summary>
    Number,
}

/// <summary>A property that a plane lets callers filter by.</summary>
/// <param name="Column">The shelf's column.</param>
/// <param name="Kind">How it is compared.</param>
/// <param name="Members">The words allowed; null for other kinds.</param>
/// <param name="Stored">From the plane's spelling to the stored one; null means the same.</param>
internal sealed record FilterField(string Column, FieldKind Kind, IReadOnlyList<string>? Members = null, Func<string?, string?>? Stored = null);

/// <summary>A condition as SQL over the shelf's columns; literals are parameters <c>$f0</c>, <c>$f1</c> …, so equal shapes share one statement.</summary>
internal sealed class FilterSql
{
    private readonly StringBuilder _sql = new();
    private readonly List<object> _values = [];
    private readonly IReadOnlyDictionary<string, FilterField> _fields;

    private FilterSql(IReadOnlyDictionary<string, FilterField> fields) => _fields = fields;

    public string Sql => _sql.ToString();

    public IReadOnlyList<object> Values => _values;

    /// <summary>Translates a filter; the dictionary's comparer decides whether capitals matter.</summary>
    /// <exception cref="QueryRefusedException">A property that the plane does not filter by, or a value of the wrong kind.</exception>
    public static FilterSql From(string filter, IReadOnlyDictionary<string, FilterField> fields)
    {
        var sql = new FilterSql(fields);
        sql.Write(ODataFilter.Parse(filter));
        return sql;
    }

    private void Write(FilterNode node)
    {
        if (node is FilterNode.Both both)
        {
            _sql.Append('(');
            Write(both.Left);
            _sql.Append(both.And ? " AND " : " OR ");
            Write(both.Right);
            _sql.Append(')');
            return;
        }

        var compare = (FilterNode.Compare)node;
        if (!_fields.TryGetValue(compare.Property, out var field))
            throw new QueryRefusedException($"Could not filter by '{compare.Property}': the property does not support $filter.");
        var value = Value(compare, field);
        if (value is null)
        {
            if (compare.Operator is not ("eq" or "ne")) throw new QueryRefusedException($"'{compare.Property}' cannot be ordered against null.");
            _sql.Append(field.Column).Append(compare.Operator == "eq" ? " IS NULL" : " IS NOT NULL");
            return;
        }

        _sql.Append(field.Column).Append(compare.Operator switch
        {
            "eq" => " = ",
            "ne" => " IS NOT ",
            "gt" => " > ",
            "ge" => " >= ",
            "lt" => " < ",
            _ => " <= ",
        }).Append("$f").Append(_values.Count);
        _values.Add(value);
    }

    private static object? Value(FilterNode.Compare compare, FilterField field)
    {
        switch (field.Kind, compare.Literal)
        {
            case (FieldKind.Time, FilterLiteral.Time time):
                return time.Ticks;
            case (FieldKind.Number, FilterLiteral.Number number):
                return number.Value;
            case (FieldKind.Text, FilterLiteral.Text text):
                return field.Stored is null ? text.Value : field.Stored(text.Value);
            case (FieldKind.Word, FilterLiteral.Text text):
                if (compare.Operator is not ("eq" or "ne")) throw new QueryRefusedException($"'{compare.Property}' can only be compared with eq and ne.");
                var member = field.Members!.FirstOrDefault(word => string.Equals(word, text.Value, StringComparison.OrdinalIgnoreCase))
                    ?? throw new QueryRefusedException($"'{text.Value}' is not a value of '{compare.Property}'.");
                return field.Stored is null ? member : field.Stored(member);
            case (_, FilterLiteral.Null):
                return field.Stored?.Invoke(null);
            default:
                throw new QueryRefusedException($"The value given for '{compare.Property}' has the wrong type.");
        }
    }
}
