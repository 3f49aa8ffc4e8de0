using System.Text;
using System.Text.Json;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// Changes single values of a JSON object in place and leaves every other byte as it was: unknown fields, order of keys, spelling of
/// numbers, escapes and blanks all survive.
/// </summary>
internal static class JsonEdit
{
    /// <summary>Bytes to take out and what to put there.</summary>
    internal readonly record struct Splice(int Start, int Length, byte[] Replacement);

    /// <summary>A value's place in the object.</summary>
    internal readonly record struct Place(int Start, int Length, JsonTokenType Kind)
    {
        public int End => Start + Length;
    }

    /// <summary>A JSON string literal.</summary>
    public static string Quote(string? text) => text is null ? "null" : JsonSerializer.Serialize(text, Relaxed.Options);

    /// <summary>Sets top-level properties to raw JSON; an absent one is added at the end.</summary>
    public static byte[] Set(ReadOnlySpan<byte> json, params IReadOnlyList<(string Name, string Raw)> values)
    {
        var places = Top(json);
        var splices = new List<Splice>();
        var added = new StringBuilder();
        foreach (var (name, raw) in values)
        {
            if (places.TryGetValue(name, out var place)) splices.Add(new Splice(place.Start, place.Length, Encoding.UTF8.GetBytes(raw)));
            else added.Append(added.Length > 0 || places.Count > 0 ? "," : "").Append(Quote(name)).Append(':').Append(raw);
        }

        if (added.Length > 0) splices.Add(new Splice(LastContent(json) + 1, 0, Encoding.UTF8.GetBytes(added.ToString())));
        return Apply(json, splices);
    }

    /// <summary>Adds raw JSON items to a top-level array; an absent or null one is made.</summary>
    public static byte[] Append(ReadOnlySpan<byte> json, string array, string rawItem)
    {
        if (!Top(json).TryGetValue(array, out var place) || place.Kind != JsonTokenType.StartArray) return Set(json, (array, $"[{rawItem}]"));
        var inner = json.Slice(place.Start + 1, place.Length - 2).Trim(" \t\r\n"u8);
        return Apply(json, [new Splice(place.End - 1, 0, Encoding.UTF8.GetBytes(inner.Length == 0 ? rawItem : "," + rawItem))]);
    }

    /// <summary>Where each top-level value stands; of equal names the last.</summary>
    public static Dictionary<string, Place> Top(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var places = new Dictionary<string, Place>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            places[name] = new Place(start, (int)reader.BytesConsumed - start, kind);
        }

        return places;
    }

    /// <summary>Applies changes that do not overlap, in any order.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> json, List<Splice> splices)
    {
        splices.Sort((a, b) => a.Start.CompareTo(b.Start));
        var result = new byte[json.Length + splices.Sum(splice => splice.Replacement.Length - splice.Length)];
        var (from, to) = (0, 0);
        foreach (var splice in splices)
        {
            json[from..splice.Start].CopyTo(result.AsSpan(to));
            to += splice.Start - from;
            splice.Replacement.CopyTo(result, to);
            to += splice.Replacement.Length;
            from = splice.Start + splice.Length;
        }

        json[from..].CopyTo(result.AsSpan(to));
        return result;
    }

    private static int LastContent(ReadOnlySpan<byte> json)
    {
        var at = json.LastIndexOf((byte)'}') - 1;
        while (json[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') at--;
        return at;
    }
}
