using System.Buffers;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats.Cef;

/// <summary>
/// Writes values into CEF and RFC 5424 with the escapes each place needs. Input is valid UTF-8; limits count code points before encoding.
/// Sources: ArcSight Common Event Format, version 0.1 (2017), "Character encoding"; RFC 5424 §6.3.3.
/// </summary>
internal static class CefText
{
    private static readonly SearchValues<byte> HeaderStops = SearchValues.Create(Controls([(byte)'\\', (byte)'|']));
    private static readonly SearchValues<byte> ExtensionStops = SearchValues.Create(Controls([(byte)'\\', (byte)'=']));
    private static readonly SearchValues<byte> ParameterStops = SearchValues.Create(Controls([(byte)'\\', (byte)'"', (byte)']']));

    private enum Place
    {
        Header,
        Extension,
        Parameter,
    }

    /// <summary>A header field: backslash, then bar escaped; each run of CR LF and every other control one blank.</summary>
    /// <returns>True when the value was cut.</returns>
    public static bool Header(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit) => Write(output, value, limit, Place.Header, HeaderStops);

    /// <summary>An extension value: backslash and equals escaped, line ends as <c>\n</c> or <c>\r</c>, other controls U+FFFD.</summary>
    /// <returns>True when the value was cut.</returns>
    public static bool Extension(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit) => Write(output, value, limit, Place.Extension, ExtensionStops);

    /// <summary>A structured data parameter: backslash, quote and closing bracket escaped, controls U+FFFD.</summary>
    /// <returns>True when the value was cut.</returns>
    public static bool Parameter(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit) => Write(output, value, limit, Place.Parameter, ParameterStops);

    /// <summary>The longest beginning of a text with at most <paramref name="limit"/> code points.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> value, int limit)
    {
        if (value.Length <= limit) return value;
        var at = 0;
        for (var points = 0; points < limit && at < value.Length; points++)
        {
            at++;
            while (at < value.Length && (value[at] & 0xC0) == 0x80) at++;
        }

        return value[..at];
    }

    private static bool Write(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit, Place place, SearchValues<byte> stops)
    {
        var kept = Cut(value, limit);
        var cut = kept.Length < value.Length;
        while (!kept.IsEmpty)
        {
            var stop = kept.IndexOfAny(stops);
            if (stop < 0)
            {
                output.Write(kept);
                return cut;
            }

            output.Write(kept[..stop]);
            kept = kept[stop..];
            kept = kept[One(output, kept, place)..];
        }

        return cut;
    }

    /// <summary>Writes the character that stopped the copy and says how many bytes of input it took.</summary>
    private static int One(IBufferWriter<byte> output, ReadOnlySpan<byte> rest, Place place)
    {
        var first = rest[0];
        if (first is (byte)'\\' or (byte)'|' or (byte)'=' or (byte)'"' or (byte)']')
        {
            var pair = output.GetSpan(2);
            pair[0] = (byte)'\\';
            pair[1] = first;
            output.Advance(2);
            return 1;
        }

        var lineEnd = first == '\r' && rest.Length > 1 && rest[1] == '\n' ? 2 : first is (byte)'\r' or (byte)'\n' ? 1 : 0;
        if (lineEnd > 0)
        {
            output.Write(place switch
            {
                Place.Header => " "u8,
                Place.Parameter => "\uFFFD"u8,
                _ => first == '\r' && lineEnd == 1 ? "\\r"u8 : "\\n"u8,
            });
            return lineEnd;
        }

        Rune.DecodeFromUtf8(rest, out var rune, out var length);
        var control = rune.Value is < 0x20 or (>= 0x7F and <= 0x9F) or 0x2028 or 0x2029;
        output.Write(!control ? rest[..length] : place == Place.Header ? " "u8 : "\uFFFD"u8);
        return length;
    }

    /// <summary>The characters to look at: controls, the escaped ones, and the first bytes of C1 controls (C2) and line separators (E2).</summary>
    private static byte[] Controls(byte[] escaped) =>
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), 0x7F, 0xC2, 0xE2, .. escaped];
}
