using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>
/// Takes fields out of a record before any format sees it: a pure function from JSON to JSON. A name, which may hold dots itself, is blanked wherever it
/// stands; names joined by dots are a path from the top, lists passed through. What is blanked reads <c>[redacted]</c>, whatever it was; everything else stays byte for byte.
/// </summary>
public sealed class Redaction
{
    private const int MaxDepth = 128;

    private readonly HashSet<string> _fields;
    private readonly bool _hasPaths;

    /// <summary>Makes one.</summary>
    /// <param name="fields">Names and paths; see <see cref="IsPath"/>.</param>
    public Redaction(IEnumerable<string> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        _fields = fields.ToHashSet(StringComparer.Ordinal);
        _hasPaths = _fields.Any(field => field.Contains('.', StringComparison.Ordinal));
    }

    /// <summary>Whether a text can name a field: 1 to 200 characters, no empty part, no control character.</summary>
    public static bool IsPath(string field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Length is > 0 and <= 200 && !field.Any(char.IsControl) && field.Split('.').All(part => part.Length > 0);
    }

    /// <summary>The version with its fields blanked; its key stays. One that is no JSON stays as it is: no format can write it.</summary>
    public AlertVersion Apply(AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        try
        {
            return version with { Raw = Apply(version.Raw.Span) };
        }
        catch (JsonException)
        {
            return version;
        }
    }

    /// <summary>The record with its fields blanked.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON value.</exception>
    public ReadOnlyMemory<byte> Apply(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        var path = new List<string>();
        var copied = 0;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject)
            {
                path.RemoveAt(path.Count - 1);
                continue;
            }

            if (reader.TokenType is JsonTokenType.StartObject)
            {
                path.Add("");
                continue;
            }

            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            path[^1] = NameOf(ref reader);
            if (!_fields.Contains(path[^1]) && !(_hasPaths && _fields.Contains(string.Join('.', path)))) continue;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            output.Write(json[copied..start]);
            output.Write("\"[redacted]\""u8);
            copied = (int)reader.BytesConsumed;
        }

        output.Write(json[copied..]);
        return output.WrittenMemory;
    }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan); // half a character: no name that anybody could have written
        }
    }
}
