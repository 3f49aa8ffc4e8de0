using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>Small readers of JSON strings and of the texts in them.</summary>
internal static class JsonText
{
    /// <summary>Undoes JSON escapes; a lone surrogate becomes U+FFFD. The result is never longer than the token.</summary>
    /// <param name="token">The inside of a string that the JSON reader has accepted; valid UTF-8.</param>
    /// <param name="target">At least as long as the token.</param>
    /// <returns>Bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> token, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var slash = token.IndexOf((byte)'\\');
            if (slash < 0)
            {
                token.CopyTo(target[written..]);
                return written + token.Length;
            }

            token[..slash].CopyTo(target[written..]);
            written += slash;
            var escape = token[slash + 1];
            token = token[(slash + 2)..];
            if (escape != (byte)'u')
            {
                target[written++] = escape switch
                {
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    _ => escape,
                };
                continue;
            }

            var unit = Hex(token);
            token = token[4..];
            var rune = Rune.ReplacementChar;
            if (char.IsHighSurrogate(unit) && token.Length >= 6 && token[0] == '\\' && token[1] == 'u' && char.IsLowSurrogate(Hex(token[2..])))
            {
                rune = new Rune(unit, Hex(token[2..]));
                token = token[6..];
            }
            else if (!char.IsSurrogate(unit))
            {
                rune = new Rune(unit);
            }

            written += rune.EncodeToUtf8(target[written..]);
        }
    }

    /// <summary>Whether a text is a date that every reader of ISO 8601 takes: <c>yyyy-MM-ddTHH:mm:ss[.f…](Z|±hh:mm)</c>.</summary>
    public static bool IsDate(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 20 or > 35 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
        if (!Digits(text[..4]) || !Digits(text.Slice(14, 2)) || !Digits(text.Slice(17, 2))) return false;
        if (Two(text, 5) is < 1 or > 12 || Two(text, 8) is < 1 or > 31 || Two(text, 11) > 23 || Two(text, 14) > 59 || Two(text, 17) > 59) return false;
        var year = (Two(text, 0) * 100) + Two(text, 2);
        if (year < 1 || Two(text, 8) > DateTime.DaysInMonth(year, Two(text, 5))) return false;
        var rest = text[19..];
        if (rest[0] == '.')
        {
            var digits = 1;
            while (digits < rest.Length && char.IsAsciiDigit((char)rest[digits])) digits++;
            if (digits is 1 or > 10) return false;
            rest = rest[digits..];
        }

        if (rest.Length == 1) return rest[0] == 'Z';
        return rest.Length == 6 && rest[0] is (byte)'+' or (byte)'-' && rest[3] == ':' && Two(rest, 1) <= 14 && Two(rest, 4) <= 59;
    }

    /// <summary>The moment of a date that <see cref="IsDate"/> accepts.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, out DateTimeOffset moment)
    {
        moment = default;
        return IsDate(text) && DateTimeOffset.TryParse(
            Encoding.UTF8.GetString(text), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out moment);
    }

    /// <summary>Whether a text is an IPv4 address in four decimal parts or an IPv6 address without a zone.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 2 or > 45) return false;
        if (text.Contains((byte)':')) return text.IndexOfAny((byte)'%', (byte)'[', (byte)'/') < 0 && System.Net.IPAddress.TryParse(text, out _);
        var parts = 0;
        while (true)
        {
            var dot = text.IndexOf((byte)'.');
            var part = dot < 0 ? text : text[..dot];
            if (part.Length is < 1 or > 3 || !Digits(part) || (part.Length > 1 && part[0] == '0')) return false;
            if (!Utf8Parser.TryParse(part, out int number, out _) || number > 255) return false;
            parts++;
            if (dot < 0) return parts == 4;
            text = text[(dot + 1)..];
        }
    }

    /// <summary>Whether a text is a whole number that a 64-bit column takes.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long _, out var used) && used == text.Length;

    private static bool Digits(ReadOnlySpan<byte> text) => text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        var (tens, ones) = (text[at] - '0', text[at + 1] - '0');
        return (uint)tens > 9 || (uint)ones > 9 ? int.MaxValue / 200 : (tens * 10) + ones;
    }

    private static char Hex(ReadOnlySpan<byte> digits) =>
        (char)((Digit(digits[0]) << 12) | (Digit(digits[1]) << 8) | (Digit(digits[2]) << 4) | Digit(digits[3]));

    private static int Digit(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
