using System.Text.Json;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>What one of our own lines says about itself.</summary>
/// <param name="LogNumber">Its log number.</param>
/// <param name="Key">Its key.</param>
/// <param name="Replayed">Whether it was a replay; those do not count as a position.</param>
internal readonly record struct RoutedLine(long LogNumber, string Key, bool Replayed)
{
    /// <summary>Finds our routing fields in a line; false for a line that is not ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out RoutedLine routed)
    {
        routed = new RoutedLine(0, "", false);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var ours = reader.ValueTextEquals("bailiwick"u8);
                reader.Read();
                if (ours) routed = ReadOurs(ref reader, routed);
                else reader.Skip();
            }

            return routed is { LogNumber: > 0, Key.Length: > 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static RoutedLine ReadOurs(ref Utf8JsonReader reader, RoutedLine routed)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isNumber = reader.ValueTextEquals("log_number"u8);
            var isKey = reader.ValueTextEquals("key"u8);
            var isReplayed = reader.ValueTextEquals("replayed"u8);
            reader.Read();
            if (isNumber && reader.TokenType == JsonTokenType.Number) routed = routed with { LogNumber = reader.GetInt64() };
            else if (isKey && reader.TokenType == JsonTokenType.String) routed = routed with { Key = reader.GetString()! };
            else if (isReplayed) routed = routed with { Replayed = reader.TokenType == JsonTokenType.True };
            else reader.Skip();
        }

        return routed;
    }
}
