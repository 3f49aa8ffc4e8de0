using System.Buffers;
using System.Text;
using Bailiwick.Hub.Alerts.Formats.Cef;

namespace Bailiwick.Hub.Alerts.Formats.Leef;

/// <summary>
/// Writes values into LEEF, which has no escapes: what could end a field, a pair or a line becomes a visible sign. C0 controls and DEL become their control
/// pictures (tab <c>␉</c>, line feed <c>␊</c>, carriage return <c>␍</c>), other controls and line separators U+FFFD, a bar in the header <c>¦</c>. Backslash and
/// equals sign stand as they are: a pair is split at its first equals sign. Source: "Log Event Extended Format (LEEF)", version 2 (read 2026).
/// </summary>
internal static class LeefText
{
    private static readonly SearchValues<byte> s_stops = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(value => (byte)value), 0x7F, 0xC2, 0xE2, (byte)'|']);

    /// <summary>An attribute's value; at most that many code points.</summary>
    /// <returns>True when the value was cut.</returns>
    public static bool Value(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit) => Write(output, value, limit, header: false);

    /// <summary>A header field; at most that many code points.</summary>
    public static void Header(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit) => Write(output, value, limit, header: true);

    private static bool Write(IBufferWriter<byte> output, ReadOnlySpan<byte> value, int limit, bool header)
    {
        var kept = CefText.Cut(value, limit);
        var cut = kept.Length < value.Length;
        while (!kept.IsEmpty)
        {
            var stop = kept.IndexOfAny(s_stops);
            if (stop < 0)
            {
                output.Write(kept);
                break;
            }

            output.Write(kept[..stop]);
            Rune.DecodeFromUtf8(kept[stop..], out var rune, out var length);
            var shown = rune.Value switch
            {
                < 0x20 => new Rune(0x2400 + rune.Value),
                0x7F => new Rune(0x2421),
                (>= 0x80 and <= 0x9F) or 0x2028 or 0x2029 => Rune.ReplacementChar,
                '|' when header => new Rune('\u00A6'),
                _ => rune,
            };
            output.Advance(shown.EncodeToUtf8(output.GetSpan(4)));
            kept = kept[(stop + length)..];
        }

        return cut;
    }
}
