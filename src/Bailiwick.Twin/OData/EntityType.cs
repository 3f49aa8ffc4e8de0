using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.OData;

/// <summary>What a property holds.</summary>
internal enum ValueKind
{
    Text,
    Flag,
    Number,
    Id,
    Time,
    Duration,
    Member,
    Complex,
    Reference,
    Open,
}

/// <summary>A property of a type, and what a caller may write into it.</summary>
/// <param name="Name">As on the wire.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record EntityProperty(string Name, ValueKind Kind)
{
    /// <summary>A list of such values.</summary>
    public bool Many { get; init; }

    /// <summary>Must stand in the body of a creation, and is never null.</summary>
    public bool Required { get; init; }

    /// <summary>Set by the service alone: named in a body, it is refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Set at creation, refused in a change.</summary>
    public bool Fixed { get; init; }

    /// <summary>Answered only when selected.</summary>
    public bool OnSelect { get; init; }

    /// <summary>Longest text, in UTF-16 units.</summary>
    public int Most { get; init; } = 4096;

    /// <summary>Members of an enumeration.</summary>
    public IReadOnlyList<string>? Members { get; init; }

    /// <summary>Type of a complex value.</summary>
    public EntityType? Type { get; init; }

    /// <summary>What <c>$filter</c> documents for it: operators and functions in lower case; empty: none.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary>The operators above that need <c>ConsistencyLevel: eventual</c> and <c>$count=true</c>.</summary>
    public IReadOnlyList<string> Advanced { get; init; } = [];

    /// <summary>May be sorted by.</summary>
    public bool Sort { get; init; }
}

/// <summary>
/// A type of Graph: its properties, for reading bodies strictly and for deciding what a query may name. Immutable once built.
/// </summary>
internal sealed class EntityType
{
    private readonly Dictionary<string, EntityProperty> _properties = new(StringComparer.Ordinal);

    /// <param name="name">Without <c>microsoft.graph.</c>, such as <c>group</c>.</param>
    /// <param name="properties">What it has.</param>
    public EntityType(string name, params ReadOnlySpan<EntityProperty> properties)
    {
        Name = name;
        foreach (var property in properties) _properties.Add(property.Name, property);
    }

    /// <summary>Without <c>microsoft.graph.</c>.</summary>
    public string Name { get; }

    /// <summary>Derived types by their name, chosen by <c>@odata.type</c>; empty for a plain type.</summary>
    public IReadOnlyList<EntityType> Kinds { get; init; } = [];

    /// <summary>Relations that <c>$expand</c> may name.</summary>
    public IReadOnlyList<string> Relations { get; init; } = [];

    /// <summary>Properties in order of declaration.</summary>
    public IEnumerable<EntityProperty> Properties => _properties.Values;

    /// <summary>A property, or null.</summary>
    public EntityProperty? Find(string name) => _properties.GetValueOrDefault(name);

    /// <summary>Reads the body of a creation.</summary>
    /// <exception cref="QueryRefusedException">It names what the type does not have, leaves out what it needs, or holds a wrong value.</exception>
    public JsonObject ReadNew(JsonObject body) => Read(body, isNew: true, "");

    /// <summary>Reads the body of a change: only what it names.</summary>
    /// <exception cref="QueryRefusedException">As <see cref="ReadNew"/>; nothing is required.</exception>
    public JsonObject ReadChange(JsonObject body) => Read(body, isNew: false, "");

    private JsonObject Read(JsonObject body, bool isNew, string path)
    {
        var type = Kinds.Count == 0 ? this : Derived(body, path);
        var read = new JsonObject();
        if (Kinds.Count > 0) read["@odata.type"] = $"#microsoft.graph.{type.Name}";
        foreach (var (name, value) in body)
        {
            if (name.Contains('@')) continue; // annotations and bindings are the route's
            var property = type.Find(name) ?? throw Refuse($"Invalid property '{path}{name}'.");
            if (property.ReadOnly) throw Refuse($"Property '{path}{name}' is read-only and cannot be set.");
            if (property.Fixed && !isNew) throw Refuse($"Property '{path}{name}' cannot be changed once the object exists.");
            read[name] = Value(property, value, isNew, path);
        }

        if (!isNew) return read;
        foreach (var property in type.Properties)
        {
            if (property.Required && read[property.Name] is null) throw Refuse($"A value is required for property '{path}{property.Name}' of resource '{type.Name}'.");
        }

        return read;
    }

    private EntityType Derived(JsonObject body, string path)
    {
        var named = body["@odata.type"] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>().TrimStart('#') : null;
        if (named is null && Kinds.Count == 1) return Kinds[0];
        return Kinds.FirstOrDefault(kind => $"microsoft.graph.{kind.Name}".Equals(named, StringComparison.OrdinalIgnoreCase))
            ?? throw Refuse(named is null
                ? $"'{path.TrimEnd('/')}' needs an @odata.type: one of {string.Join(", ", Kinds.Select(kind => $"#microsoft.graph.{kind.Name}"))}."
                : $"A type named '{named}' could not be resolved by the model for '{path.TrimEnd('/')}'.");
    }

    private static JsonNode? Value(EntityProperty property, JsonNode? value, bool isNew, string path)
    {
        var where = $"{path}{property.Name}";
        if (!property.Many) return value is null ? (property.Required ? throw Refuse($"Property '{where}' cannot be null.") : null) : Single(property, value, isNew, where);
        if (value is null) return property.Required ? throw Refuse($"Property '{where}' cannot be null.") : new JsonArray();
        if (value is not JsonArray list) throw Refuse($"Property '{where}' must be a collection.");
        return new JsonArray([.. list.Select(item => item is null ? throw Refuse($"An element of '{where}' is null.") : Single(property, item, isNew, where))]);
    }

    private static JsonNode Single(EntityProperty property, JsonNode value, bool isNew, string where)
    {
        var kind = value.GetValueKind();
        var text = kind == JsonValueKind.String ? value.GetValue<string>() : null;
        switch (property.Kind)
        {
            case ValueKind.Text when text is not null:
                if (text.Length > property.Most) throw Refuse($"The value of property '{where}' is longer than the maximum allowed, {property.Most} characters.");
                return property.Required && string.IsNullOrWhiteSpace(text) ? throw Refuse($"Property '{where}' cannot be empty.") : JsonValue.Create(text);
            case ValueKind.Flag when kind is JsonValueKind.True or JsonValueKind.False:
                return JsonValue.Create(kind == JsonValueKind.True);
            case ValueKind.Number when kind == JsonValueKind.Number:
                return value is JsonValue number && number.TryGetValue<int>(out var whole) && whole >= 0 ? JsonValue.Create(whole) : throw Refuse($"'{where}' must be a whole number of 0 or more.");
            case ValueKind.Id when text is not null:
                return Guid.TryParse(text, out var id) ? JsonValue.Create(id.ToString("D")) : throw Refuse($"'{where}': '{Short(text)}' is not a GUID.");
            case ValueKind.Time when text is not null:
                return WireTime.TryParse(text, out var ticks) ? JsonValue.Create(WireTime.Trimmed(ticks)) : throw Refuse($"Cannot convert '{Short(text)}' of '{where}' to Edm.DateTimeOffset.");
            case ValueKind.Duration when text is not null:
                return JsonValue.Create(XmlConvert.ToString(Durations.Read(text) ?? throw Refuse($"Cannot convert '{Short(text)}' of '{where}' to Edm.Duration; write ISO 8601, such as P365D.")));
            case ValueKind.Member when text is not null:
                return JsonValue.Create(property.Members!.FirstOrDefault(member => member.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw Refuse($"'{Short(text)}' is not a value of '{where}'."));
            case ValueKind.Complex when value is JsonObject complex:
                return property.Type!.Read(complex, isNew || property.Many || property.Type.Kinds.Count > 0, $"{where}/");
            case ValueKind.Reference when value is JsonObject reference:
                return reference["id"] is JsonValue target && target.GetValueKind() == JsonValueKind.String ? new JsonObject { ["id"] = target.GetValue<string>() } : throw Refuse($"'{where}' must name an object by its id.");
            case ValueKind.Open:
                return value.DeepClone();
            default:
                throw Refuse($"Cannot convert the value of '{where}' to the expected type {Edm(property)}.");
        }
    }

    private static string Edm(EntityProperty property) => property.Kind switch
    {
        ValueKind.Flag => "Edm.Boolean",
        ValueKind.Number => "Edm.Int32",
        ValueKind.Time => "Edm.DateTimeOffset",
        ValueKind.Duration => "Edm.Duration",
        ValueKind.Complex => $"microsoft.graph.{property.Type!.Name}",
        _ => "Edm.String",
    };

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static QueryRefusedException Refuse(string message) => new(message, "Request_BadRequest");
}
