using System.Security.Cryptography;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Import;

/// <summary>Finds the records of a file and what each of them is.</summary>
internal sealed class Scan
{
    /// <summary>A record's bytes in the file, its kind, id and time of update (UTC ticks).</summary>
    internal sealed record Record(RecordShape Shape, string Id, int Start, int Length, long Updated);

    public List<Record> Found { get; } = [];

    public int Skipped { get; private set; }

    public int Values { get; private set; }

    /// <summary>Takes one value of the file; the reader stands on its first token and is left on its last.</summary>
    /// <exception cref="ImportException">It is of no known kind.</exception>
    public void Value(ReadOnlySpan<byte> text, ref Utf8JsonReader reader, bool lenient)
    {
        Values++;
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Value(text, ref reader, lenient);
                return;
            case JsonTokenType.StartObject:
                reader.Skip();
                Object(text, start, (int)reader.BytesConsumed - start, lenient);
                return;
            default:
                throw AlertImport.At(text, start, "an alert must be a JSON object");
        }
    }

    private void Object(ReadOnlySpan<byte> text, int start, int length, bool lenient)
    {
        var body = text.Slice(start, length);
        if (HalfCharacter(body) is { } half) throw AlertImport.At(text, start + half, "an escape stands for half a character (a lone surrogate)");
        var places = JsonEdit.Top(body);
        if (ShapeOf(places, body) is { } shape)
        {
            var columns = AlertColumns.Read(shape, body);
            var id = columns.Id;
            if (shape == RecordShape.Detection && id is null) id = Convert.ToHexStringLower(SHA256.HashData(body));
            if (string.IsNullOrEmpty(id)) throw AlertImport.At(text, start, $"the {Name(shape)} has no id");
            Found.Add(new Record(shape, id, start, length, columns.Updated));
        }
        else if (places.TryGetValue("value", out var value) && value.Kind == JsonTokenType.StartArray)
        {
            Inner(text, start + value.Start, lenient);
        }
        else if (places.TryGetValue("response", out var response) && response.Kind is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            Inner(text, start + response.Start, lenient: true);
        }
        else if (lenient)
        {
            Skipped++;
        }
        else
        {
            var names = string.Join(", ", places.Keys.Take(5));
            throw AlertImport.At(text, start, $"not an alert, incident or detection of a known shape (its first names: {names})");
        }
    }

    private void Inner(ReadOnlySpan<byte> text, int start, bool lenient)
    {
        var reader = new Utf8JsonReader(text[start..], new JsonReaderOptions { AllowMultipleValues = true });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            reader.Skip();
            Object(text, start, (int)reader.BytesConsumed, lenient);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var at = start + (int)reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartObject) throw AlertImport.At(text, at, "an alert must be a JSON object");
            reader.Skip();
            Object(text, at, start + (int)reader.BytesConsumed - at, lenient);
        }
    }

    /// <summary>Where a text holds an escaped surrogate without its other half, which is JSON by grammar but no text.</summary>
    private static int? HalfCharacter(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("\\u"u8) < 0) return null;
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped) continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return (int)reader.TokenStartIndex;
            }
        }

        return null;
    }

    private static RecordShape? ShapeOf(Dictionary<string, JsonEdit.Place> places, ReadOnlySpan<byte> body)
    {
        bool Has(string name) => places.ContainsKey(name);
        if (Has("AlertTime") || Has("LastProcessedTimeUtc")) return RecordShape.Detection;
        if (Has("alertCreationTime")) return RecordShape.DefenderAlert;
        if (Has("incidentName") || (Has("incidentId") && Has("alerts"))) return RecordShape.XdrIncident;
        if (places.TryGetValue("@odata.type", out var type))
        {
            var name = body.Slice(type.Start, type.Length);
            if (name.SequenceEqual("\"#microsoft.graph.security.incident\""u8)) return RecordShape.GraphIncident;
            if (name.SequenceEqual("\"#microsoft.graph.security.alert\""u8)) return RecordShape.GraphAlert;
        }

        if (!Has("createdDateTime")) return null;
        if (Has("title") && (Has("serviceSource") || Has("severity"))) return RecordShape.GraphAlert;
        return Has("displayName") && (Has("incidentWebUrl") || Has("redirectIncidentId")) ? RecordShape.GraphIncident : null;
    }

    private static string Name(RecordShape shape) => shape is RecordShape.GraphIncident or RecordShape.XdrIncident ? "incident" : "alert";
}
