namespace Bailiwick.Twin.OData;

/// <summary>A condition of <c>$filter</c>.</summary>
internal abstract record FilterNode
{
    private FilterNode() { }

    /// <summary><c>and</c> / <c>or</c>.</summary>
    public sealed record Both(bool And, FilterNode Left, FilterNode Right) : FilterNode;

    /// <summary>A property (a path with <c>/</c>), an operator (<c>eq ne gt ge lt le</c>) and a literal.</summary>
    public sealed record Compare(string Property, string Operator, FilterLiteral Literal) : FilterNode;

    /// <summary><c>not</c>.</summary>
    public sealed record Not(FilterNode Inner) : FilterNode;

    /// <summary><c>startsWith</c>, <c>endsWith</c> or <c>contains</c>, the name in lower case.</summary>
    public sealed record Call(string Function, string Property, string Text) : FilterNode;

    /// <summary><c>in</c>: equal to one of at least one literal.</summary>
    public sealed record In(string Property, IReadOnlyList<FilterLiteral> Literals) : FilterNode;

    /// <summary><c>any</c>: an element of a collection meets a condition; a null condition asks whether there is one at all.</summary>
    public sealed record Any(string Property, string Variable, FilterNode? Condition) : FilterNode;
}

/// <summary>A literal of <c>$filter</c>.</summary>
internal abstract record FilterLiteral
{
    private FilterLiteral() { }

    /// <summary>In single quotes, a quote doubled; a bare GUID too.</summary>
    public sealed record Text(string Value) : FilterLiteral;

    /// <summary>Bare digits.</summary>
    public sealed record Number(long Value) : FilterLiteral;

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public sealed record Flag(bool Value) : FilterLiteral;

    /// <summary>A bare date or time, UTC ticks.</summary>
    public sealed record Time(long Ticks) : FilterLiteral;

    /// <summary><c>null</c>.</summary>
    public sealed record Null : FilterLiteral;
}

/// <summary>How much of <c>$filter</c> a list documents.</summary>
internal enum FilterGrammar
{
    /// <summary>Comparisons, <c>and</c>, <c>or</c>, parentheses: the alert feeds. Source: exposed-apis-odata-samples 2020, list-alerts_v2 2023.</summary>
    Comparisons,

    /// <summary>Also <c>not</c>, <c>in</c>, <c>any</c>, <c>startsWith</c>, <c>endsWith</c>, <c>contains</c>: the directory. Source: filter-query-parameter, 2025.</summary>
    Directory,
}

/// <summary>A query option that the plane refuses with 400; the message goes to the caller.</summary>
internal sealed class QueryRefusedException(string message, string code = "BadRequest") : Exception(message)
{
    /// <summary>The code that Graph answers with.</summary>
    public string Code { get; } = code;
}
