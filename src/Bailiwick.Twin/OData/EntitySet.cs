using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Twin.OData;

/// <summary>Follows a relation of one entity; null where there is nothing, an array for a collection.</summary>
internal delegate JsonNode? Relation(JsonObject entity, string name);

/// <summary>A list of Graph: what it holds and how much of the query options it documents.</summary>
/// <param name="Name">As in <c>$metadata#users</c>.</param>
/// <param name="Type">Of its entities.</param>
internal sealed record EntitySet(string Name, EntityType Type)
{
    /// <summary>Entities per page when <c>$top</c> is not given.</summary>
    public int Page { get; init; } = 100;

    /// <summary>Most entities per page; a larger <c>$top</c> is refused.</summary>
    public int MostPage { get; init; } = 999;

    /// <summary>Properties that <c>$search</c> knows.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>Follows <c>$expand</c>.</summary>
    public Relation? Follow { get; init; }

    /// <summary>Answers one page.</summary>
    /// <param name="items">All entities the caller may see, in the list's own order; read no further than needed.</param>
    /// <param name="query">What the caller asks.</param>
    /// <returns>The page's entities, the number of all that match when asked for, and whether more follow.</returns>
    /// <exception cref="QueryRefusedException">The query asks for what the list does not document.</exception>
    public (IReadOnlyList<JsonObject> Items, int? Count, bool More) Select(IEnumerable<JsonObject> items, ODataQuery query)
    {
        Check(query);
        if (query.Filter is { } filter) items = items.Where(item => FilterEvaluator.Matches(filter, item));
        foreach (var (property, text) in query.Search) items = items.Where(item => Holds(item, property, text));
        if (query.OrderBy.Count > 0) items = Sort(items, query.OrderBy);
        int? count = null;
        if (query.Count)
        {
            var all = items.ToList();
            (items, count) = (all, all.Count);
        }

        var take = query.Top ?? Page;
        var page = items.Skip(query.Skip).Take(take + 1).ToList();
        var more = page.Count > take;
        if (more) page.RemoveAt(take);
        return ([.. page.Select(item => Shape(item, query.Select, query.Expand))], count, more && take > 0);
    }

    /// <summary>One entity with the selected properties and expanded relations. The entity given is not changed.</summary>
    /// <exception cref="QueryRefusedException">A property or relation is unknown.</exception>
    public JsonObject Shape(JsonObject entity, IReadOnlyList<string>? select, IReadOnlyList<ExpandItem> expand)
    {
        var shaped = new JsonObject();
        foreach (var (name, value) in entity)
        {
            if (name.Contains('@') ? !IsOfUnselected(name, select) : IsAnswered(name, select)) shaped[name] = value?.DeepClone();
        }

        foreach (var item in expand)
        {
            if (!Type.Relations.Contains(item.Name) || Follow is null) throw new QueryRefusedException($"Parsing OData Select and Expand failed: Could not find a property named '{item.Name}' on type 'microsoft.graph.{Type.Name}'.");
            shaped[item.Name] = Narrow(Follow(entity, item.Name), item, Type.Find(item.Name)?.Type);
        }

        return shaped;
    }

    /// <summary>Refuses a query that names what the list does not have. Source of the words: aad-advanced-queries, 2025.</summary>
    public void Check(ODataQuery query)
    {
        foreach (var (path, use) in query.Filter is null ? [] : FilterEvaluator.Uses(query.Filter))
        {
            var property = FindPath(path) ?? throw new QueryRefusedException($"Could not find a property named '{path}' on type 'microsoft.graph.{Type.Name}'.");
            if (!property.Filter.Contains(use)) throw new QueryRefusedException($"Unsupported or invalid query filter clause specified for property '{path}' of resource '{Type.Name}'.", "Request_UnsupportedQuery");
            if (property.Advanced.Contains(use)) NeedAdvanced(query);
        }

        foreach (var (path, _) in query.OrderBy)
        {
            var property = FindPath(path) ?? throw new QueryRefusedException($"Could not find a property named '{path}' on type 'microsoft.graph.{Type.Name}'.");
            if (!property.Sort) throw new QueryRefusedException($"Sorting by '{path}' is not supported for resource '{Type.Name}'.", "Request_UnsupportedQuery");
        }

        foreach (var (property, _) in query.Search)
        {
            if (!Search.Contains(property)) throw new QueryRefusedException($"Unrecognized query argument specified: '{property}' cannot be searched.", "Request_UnsupportedQuery");
            NeedAdvanced(query, needsCount: false);
        }

        if (IsDirectory && query.Count) NeedAdvanced(query);
        if (IsDirectory && query.Filter is not null && query.OrderBy.Count > 0) NeedAdvanced(query);
        if (query.Top is { } top && (top == 0 || top > MostPage)) throw new QueryRefusedException($"Invalid page size specified: '{top}'. Must be between 1 and {MostPage} inclusive.");
        foreach (var name in query.Select ?? [])
        {
            if (name != "*" && name != "id" && Type.Find(name.Split('/')[0]) is null && !Type.Relations.Contains(name))
                throw new QueryRefusedException($"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{Type.Name}'.");
        }
    }

    /// <summary>Directory objects keep two stores; some queries reach only the second. Source: aad-advanced-queries, 2025.</summary>
    public bool IsDirectory { get; init; }

    private static void NeedAdvanced(ODataQuery query, bool needsCount = true)
    {
        if (query.Eventual && (query.Count || !needsCount)) return;
        throw new QueryRefusedException("Request with $search, $count, or an advanced filter needs the header ConsistencyLevel: eventual and, for $filter and $orderby, $count=true.", "Request_UnsupportedQuery");
    }

    private EntityProperty? FindPath(string path)
    {
        var names = path.Split('/');
        var type = Type;
        EntityProperty? property = null;
        foreach (var name in names)
        {
            if (name == "$count" && property is { Many: true }) return property;
            if (name.StartsWith(FilterEvaluator.CastPrefix, StringComparison.Ordinal))
            {
                type = type?.Kinds.FirstOrDefault(kind => kind.Name == name[FilterEvaluator.CastPrefix.Length..]);
                continue;
            }

            property = type?.Find(name);
            if (property is null) return null;
            type = property.Type;
        }

        return property;
    }

    private static bool Holds(JsonObject item, string property, string text) =>
        FilterEvaluator.Find(item, property) is JsonValue value && value.GetValueKind() == JsonValueKind.String
        && value.GetValue<string>().Split([' ', '-', '_', '@', '.'], StringSplitOptions.RemoveEmptyEntries).Append(value.GetValue<string>())
            .Any(word => word.StartsWith(text, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<JsonObject> Sort(IEnumerable<JsonObject> items, IReadOnlyList<(string Property, bool Descending)> order)
    {
        IOrderedEnumerable<JsonObject>? sorted = null;
        foreach (var (property, descending) in order)
        {
            string Key(JsonObject item) => FilterEvaluator.Find(item, property)?.ToString() ?? "";
            sorted = (sorted, descending) switch
            {
                (null, false) => items.OrderBy(Key, StringComparer.OrdinalIgnoreCase),
                (null, true) => items.OrderByDescending(Key, StringComparer.OrdinalIgnoreCase),
                (_, false) => sorted.ThenBy(Key, StringComparer.OrdinalIgnoreCase),
                _ => sorted.ThenByDescending(Key, StringComparer.OrdinalIgnoreCase),
            };
        }

        return sorted!;
    }

    private bool IsAnswered(string name, IReadOnlyList<string>? select) =>
        select is null || select.Contains("*") ? Type.Find(name) is not { OnSelect: true } : select.Any(wanted => wanted == name || wanted.StartsWith($"{name}/", StringComparison.Ordinal));

    private static bool IsOfUnselected(string annotation, IReadOnlyList<string>? select) =>
        select is not null && annotation.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && !select.Contains(annotation[..at]);

    /// <summary>
    /// What an expanded relation shows: the selected properties, else those of its type that are answered by default; and its own relations where these are expanded in turn.
    /// </summary>
    private static JsonNode? Narrow(JsonNode? related, ExpandItem item, EntityType? type)
    {
        if (related is JsonArray many) return new JsonArray([.. many.Select(one => Narrow(one?.DeepClone(), item, type))]);
        if (related is not JsonObject entity) return related;
        foreach (var nested in item.Expand)
        {
            if (type is not null && !type.Relations.Contains(nested.Name)) throw new QueryRefusedException($"Parsing OData Select and Expand failed: Could not find a property named '{nested.Name}' on type 'microsoft.graph.{type.Name}'.");
        }

        foreach (var name in entity.Select(pair => pair.Key).Where(name => !name.Contains('@')).ToList())
        {
            if (item.Expand.FirstOrDefault(nested => nested.Name == name) is { } deeper) entity[name] = Narrow(entity[name]?.DeepClone(), deeper, type?.Find(name)?.Type);
            else if (item.Select is { } select ? !select.Contains(name) : type?.Find(name) is { OnSelect: true }) entity.Remove(name);
        }

        return entity;
    }
}
