using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.OData;

/// <summary>Decides a <c>$filter</c> over JSON objects. Texts compare without regard to case, as the directory does; a missing property is null.</summary>
internal static class FilterEvaluator
{
    /// <exception cref="QueryRefusedException">A literal cannot be compared with what stands in the property.</exception>
    public static bool Matches(FilterNode node, JsonNode? entity) => node switch
    {
        FilterNode.Both both => both.And ? Matches(both.Left, entity) && Matches(both.Right, entity) : Matches(both.Left, entity) || Matches(both.Right, entity),
        FilterNode.Not not => !Matches(not.Inner, entity),
        FilterNode.Call call => Calls(call, Find(entity, call.Property)),
        FilterNode.In list => list.Literals.Any(literal => Compare(list.Property, Find(entity, list.Property), literal) == 0),
        FilterNode.Any any => Find(entity, any.Property) is JsonArray elements && elements.Any(element => any.Condition is null || Matches(any.Condition, new JsonObject { [any.Variable] = element?.DeepClone() })),
        FilterNode.Compare compare => Holds(compare.Operator, Compare(compare.Property, Find(entity, compare.Property), compare.Literal)),
        _ => throw new InvalidOperationException($"A filter of type {node.GetType().Name} is not handled."),
    };

    /// <summary>Every property a filter names with the operators or functions it applies to it; inside <c>any</c> only the collection.</summary>
    public static IEnumerable<(string Property, string Operator)> Uses(FilterNode node) => node switch
    {
        FilterNode.Both both => Uses(both.Left).Concat(Uses(both.Right)),
        FilterNode.Not not => Uses(not.Inner).Select(use => (use.Property, "not")),
        FilterNode.Call call => [(call.Property, call.Function)],
        FilterNode.In list => [(list.Property, "in")],
        FilterNode.Any any => [(any.Property, "any")],
        FilterNode.Compare compare => [(compare.Property, compare.Operator)],
        _ => [],
    };

    /// <summary>A segment of a path that begins so names a derived type, as in <c>scope/microsoft.graph.accessReviewQueryScope/query</c>.</summary>
    public const string CastPrefix = "microsoft.graph.";

    /// <summary>Follows a path through objects; null where it ends early.</summary>
    public static JsonNode? Find(JsonNode? entity, string path)
    {
        foreach (var name in path.Split('/'))
        {
            if (name.StartsWith(CastPrefix, StringComparison.Ordinal)) continue;
            if (entity is JsonArray array && name == "$count") return JsonValue.Create((long)array.Count);
            entity = entity is JsonObject parent && parent.TryGetPropertyValue(name, out var child) ? child : null;
        }

        return entity;
    }

    private static bool Calls(FilterNode.Call call, JsonNode? value)
    {
        if (value is not JsonValue text || text.GetValueKind() != JsonValueKind.String) return false;
        return call.Function switch
        {
            "startswith" => text.GetValue<string>().StartsWith(call.Text, StringComparison.OrdinalIgnoreCase),
            "endswith" => text.GetValue<string>().EndsWith(call.Text, StringComparison.OrdinalIgnoreCase),
            _ => text.GetValue<string>().Contains(call.Text, StringComparison.OrdinalIgnoreCase),
        };
    }

    private static bool Holds(string comparison, int? order) => comparison switch
    {
        "eq" => order == 0,
        "ne" => order != 0,
        "gt" => order > 0,
        "ge" => order >= 0,
        "lt" => order < 0,
        _ => order <= 0,
    };

    /// <summary>Null when the two have no order: one of them is null, the other is not.</summary>
    private static int? Compare(string property, JsonNode? value, FilterLiteral literal)
    {
        if (value is null || literal is FilterLiteral.Null) return value is null && literal is FilterLiteral.Null ? 0 : null;
        return (value.GetValueKind(), literal) switch
        {
            (JsonValueKind.String, FilterLiteral.Text text) => string.Compare(value.GetValue<string>(), text.Value, StringComparison.OrdinalIgnoreCase),
            (JsonValueKind.String, FilterLiteral.Time time) when WireTime.TryParse(value.GetValue<string>(), out var ticks) => ticks.CompareTo(time.Ticks),
            (JsonValueKind.String, FilterLiteral.Number number) => string.Compare(value.GetValue<string>(), number.Value.ToString(CultureInfo.InvariantCulture), StringComparison.OrdinalIgnoreCase),
            (JsonValueKind.Number, FilterLiteral.Number number) => value.GetValue<long>().CompareTo(number.Value),
            (JsonValueKind.True or JsonValueKind.False, FilterLiteral.Flag flag) => (value.GetValueKind() == JsonValueKind.True).CompareTo(flag.Value),
            _ => throw new QueryRefusedException($"A binary operator with incompatible types was detected for '{property}'."),
        };
    }
}
