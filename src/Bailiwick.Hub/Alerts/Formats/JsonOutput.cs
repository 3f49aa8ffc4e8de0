using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>The JSON writer of this thread: reused, compact, escapes controls, quotes, backslashes and line separators.</summary>
internal static class JsonOutput
{
    // Everything that could end a line or a string is escaped; what HTML minds is not, since none of these formats is shown as HTML unencoded.
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonWriterOptions Options = new() { Encoder = Encoder, SkipValidation = true, MaxDepth = 256 };

    [ThreadStatic]
    private static Utf8JsonWriter? s_spare;

    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var json = s_spare ?? new Utf8JsonWriter(output, Options);
        s_spare = null;
        json.Reset(output);
        return json;
    }

    /// <summary>Flushes and gives the writer back.</summary>
    public static void Return(Utf8JsonWriter json)
    {
        json.Flush();
        json.Reset();
        s_spare = json;
    }

    /// <summary>Writes checked JSON as it stands; line ends between tokens, the only place where JSON has them, become blanks.</summary>
    public static void WriteOneLine(Utf8JsonWriter json, ReadOnlySpan<byte> checkedJson)
    {
        if (checkedJson.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            json.WriteRawValue(checkedJson, skipInputValidation: true);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(checkedJson.Length);
        checkedJson.CopyTo(copy);
        var line = copy.AsSpan(0, checkedJson.Length);
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
        json.WriteRawValue(line, skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(copy);
    }
}
