namespace Bailiwick.Twin.OData;

/// <summary>Short words for declaring types.</summary>
internal static class Edm
{
    /// <summary>What most texts of the directory are filtered by.</summary>
    public static readonly IReadOnlyList<string> Texts = ["eq", "ne", "not", "in", "startswith", "endswith", "ge", "le"];

    /// <summary>Equality only.</summary>
    public static readonly IReadOnlyList<string> Equal = ["eq", "ne", "not", "in"];

    /// <summary>Order of times and numbers.</summary>
    public static readonly IReadOnlyList<string> Order = ["eq", "ne", "not", "in", "ge", "le", "gt", "lt"];

    /// <summary>What needs an advanced query on directory objects. Source: aad-advanced-queries, 2025.</summary>
    public static readonly IReadOnlyList<string> AdvancedTexts = ["ne", "not", "endswith"];

    public static EntityProperty Text(string name, int most = 4096) => new(name, ValueKind.Text) { Most = most };

    public static EntityProperty Flag(string name) => new(name, ValueKind.Flag);

    public static EntityProperty Number(string name) => new(name, ValueKind.Number);

    public static EntityProperty Id(string name) => new(name, ValueKind.Id);

    public static EntityProperty Time(string name) => new(name, ValueKind.Time);

    public static EntityProperty Duration(string name) => new(name, ValueKind.Duration);

    public static EntityProperty Member(string name, params IReadOnlyList<string> members) => new(name, ValueKind.Member) { Members = members };

    public static EntityProperty Complex(string name, EntityType type) => new(name, ValueKind.Complex) { Type = type };

    /// <summary>A relation named by <c>{"id": …}</c> in a body.</summary>
    public static EntityProperty Reference(string name) => new(name, ValueKind.Reference);

    /// <summary>Any JSON, kept as it is.</summary>
    public static EntityProperty Open(string name) => new(name, ValueKind.Open);

    /// <summary>The id every entity has.</summary>
    public static EntityProperty Key() => new("id", ValueKind.Id) { ReadOnly = true, Filter = Equal, Advanced = ["ne", "not"] };

    /// <summary>A searchable, sortable text of a directory object.</summary>
    public static EntityProperty Directory(string name, int most = 4096) => new(name, ValueKind.Text) { Most = most, Filter = Texts, Advanced = AdvancedTexts };
}
