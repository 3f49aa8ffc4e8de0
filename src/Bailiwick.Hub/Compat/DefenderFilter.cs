using Bailiwick.Hub.Alerts.Formats;
using Dapper;

namespace Bailiwick.Hub.Compat;

/// <summary>How a filter's value is compared.</summary>
internal enum FilterKind
{
    /// <summary>A time, all six operators.</summary>
    Time,

    /// <summary>A whole number or null, all six operators.</summary>
    Number,

    /// <summary>A word of a closed set, eq and ne.</summary>
    Word,

    /// <summary>A text or null, eq and ne, by its exact characters.</summary>
    Text,
}

/// <summary>A property that filters may name.</summary>
/// <param name="Name">As documented; matched without regard to case.</param>
/// <param name="Kind">How it compares.</param>
/// <param name="Column">Its column of <c>alerts a</c>, or null when it stands only inside the alert.</param>
/// <param name="Field">Where it stands inside the alert.</param>
/// <param name="Words">The numbers of a closed set's words in the column.</param>
internal sealed record FilterProperty(string Name, FilterKind Kind, string? Column, AlertField Field, IReadOnlyDictionary<string, long>? Words = null)
{
    /// <summary>Every property the documentation lists (2025-03).</summary>
    public static IReadOnlyList<FilterProperty> All { get; } =
    [
        new("alertCreationTime", FilterKind.Time, "a.created_at", default),
        new("lastUpdateTime", FilterKind.Time, "a.updated_at", default),
        new("lastEventTime", FilterKind.Time, null, AlertField.LastActivityAt),
        new("id", FilterKind.Text, "a.alert_id", default),
        new("severity", FilterKind.Word, "a.severity", default, WordSet(("UnSpecified", 0), ("Informational", 1), ("Low", 2), ("Medium", 3), ("High", 4))),
        new("status", FilterKind.Word, "a.status", default, WordSet(("Unknown", 0), ("New", 1), ("InProgress", 2), ("Resolved", 3))),
        new("incidentId", FilterKind.Number, null, AlertField.IncidentId),
        new("investigationId", FilterKind.Number, null, AlertField.Unknown),
        new("category", FilterKind.Text, null, AlertField.Category),
        new("assignedTo", FilterKind.Text, null, AlertField.AssignedTo),
        new("detectionSource", FilterKind.Text, null, AlertField.DetectionSource),
    ];

    private static Dictionary<string, long> WordSet(params (string Word, long Number)[] words) => words.ToDictionary(pair => pair.Word, pair => pair.Number, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A filter as it was understood. A closed family.</summary>
internal abstract record DefenderFilter
{
    private DefenderFilter()
    {
    }

    /// <summary>Both.</summary>
    internal sealed record And(DefenderFilter Left, DefenderFilter Right) : DefenderFilter;

    /// <summary>One of both.</summary>
    internal sealed record Or(DefenderFilter Left, DefenderFilter Right) : DefenderFilter;

    /// <summary>A comparison; the value is a <see cref="DateTimeOffset"/>, a number, a text or null.</summary>
    internal sealed record Compare(FilterProperty Property, string Operator, object? Value) : DefenderFilter;

    /// <summary>The parts that must all hold.</summary>
    public IEnumerable<DefenderFilter> Conjuncts => this is And both ? both.Left.Conjuncts.Concat(both.Right.Conjuncts) : [this];

    /// <summary>Whether SQL alone decides it.</summary>
    public bool IsSql => this switch
    {
        And both => both.Left.IsSql && both.Right.IsSql,
        Or either => either.Left.IsSql && either.Right.IsSql,
        Compare compare => compare.Property.Column is not null,
        _ => false,
    };

    /// <summary>The condition over <c>alerts a</c>; values go into <paramref name="values"/>, never into the text.</summary>
    /// <param name="values">Receives the values.</param>
    /// <param name="end">The upper bound of last-update time that holds beside this part, or null.</param>
    public string ToSql(DynamicParameters values, Compare? end = null) => this switch
    {
        And both => $"({both.Left.ToSql(values)} AND {both.Right.ToSql(values)})",
        Or either => $"({either.Left.ToSql(values)} OR {either.Right.ToSql(values)})",
        Compare compare => ToSql(compare, values, end),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Decides what SQL cannot: every comparison, from the alert itself.</summary>
    public bool Holds(AlertView view, DefenderRow row) => this switch
    {
        And both => both.Left.Holds(view, row) && both.Right.Holds(view, row),
        Or either => either.Left.Holds(view, row) || either.Right.Holds(view, row),
        Compare compare => Holds(compare, view, row),
        _ => false,
    };

    /// <summary>
    /// <c>lastUpdateTime ge</c> and <c>gt</c> also hold for what came into sight later than that: an alert that became visible late must not stay behind the
    /// cursor of a connector that remembers only the greatest time it saw. With an upper bound, only what came into sight before that too: a window of the
    /// past does not fill with what was collected long after.
    /// </summary>
    private static string ToSql(Compare compare, DynamicParameters values, Compare? end)
    {
        var name = Add(values, compare);
        var sign = SignOf(compare.Operator);
        var sql = $"{compare.Property.Column} {sign} @{name}";
        if (!IsCursor(compare)) return sql;
        var until = end is null ? "" : $" AND {CompatMarks.SeenAt} {SignOf(end.Operator)} @{Add(values, end)}";
        return $"({sql} OR (a.tenant_key, a.log_number) IN (SELECT l.tenant_key, l.log_number FROM {CompatMarks.Join} WHERE k.ceil_at >= @{name} AND {CompatMarks.SeenAt} {sign} @{name}{until}))";
    }

    private static string Add(DynamicParameters values, Compare compare)
    {
        var name = $"f{values.ParameterNames.Count()}";
        values.Add(name, compare.Value switch
        {
            DateTimeOffset moment => moment.UtcTicks,
            string word when compare.Property.Words is { } words => words[word],
            var other => other,
        });
        return name;
    }

    /// <summary>Whether a comparison is the lower bound that connectors go on from.</summary>
    internal static bool IsCursor(DefenderFilter filter) => filter is Compare { Property.Name: "lastUpdateTime", Operator: "ge" or "gt" };

    /// <summary>Whether a comparison is an upper bound of last-update time.</summary>
    internal static bool IsEnd(DefenderFilter filter) => filter is Compare { Property.Name: "lastUpdateTime", Operator: "le" or "lt" };

    private static string SignOf(string op) => op switch
    {
        "eq" => "=",
        "ne" => "<>",
        "gt" => ">",
        "ge" => ">=",
        "lt" => "<",
        _ => "<=",
    };

    private static bool Holds(Compare compare, AlertView view, DefenderRow row)
    {
        var property = compare.Property;
        if (IsCursor(compare) && Order(row.SeenAt, ((DateTimeOffset)compare.Value!).UtcTicks, compare.Operator)) return true;
        switch (property.Name)
        {
            case "lastUpdateTime":
                return Order(row.UpdatedAt, ((DateTimeOffset)compare.Value!).UtcTicks, compare.Operator);
            case "alertCreationTime":
                return Order(row.CreatedAt, ((DateTimeOffset)compare.Value!).UtcTicks, compare.Operator);
            case "severity":
                return Order(row.Severity, property.Words![(string)compare.Value!], compare.Operator);
            case "status":
                return Order(row.Status, property.Words![(string)compare.Value!], compare.Operator);
            case "id":
                return Same(row.AlertId, compare);
        }

        var text = property.Field == AlertField.Unknown ? null : Alerts.Formats.Defender.DefenderAlert.ValueOf(view, property.Field);
        if (property.Kind == FilterKind.Text || compare.Value is null) return Same(text, compare);
        if (property.Kind == FilterKind.Time)
            return JsonText.TryDate(view.Utf8(view[property.Field]), out var moment) && Order(moment.UtcTicks, ((DateTimeOffset)compare.Value).UtcTicks, compare.Operator);
        return long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? Order(number, (long)compare.Value, compare.Operator)
            : compare.Operator == "ne";
    }

    private static bool Same(string? text, Compare compare) => (text == (string?)compare.Value) == (compare.Operator == "eq");

    private static bool Order(long left, long right, string op) => op switch
    {
        "eq" => left == right,
        "ne" => left != right,
        "gt" => left > right,
        "ge" => left >= right,
        "lt" => left < right,
        _ => left <= right,
    };
}

/// <summary>The columns of one current alert that filters look at.</summary>
internal sealed record DefenderRow(string AlertId, long UpdatedAt, long CreatedAt, long Severity, long Status, long SeenAt);
