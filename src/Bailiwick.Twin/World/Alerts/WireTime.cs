using System.Globalization;
using System.Text;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// Times as Microsoft writes them: seven digits of fraction, except times of update, which move in steps of 1/300 s (the
/// resolution of a SQL <c>datetime</c>) with trailing zeros trimmed. Source: eight samples of get-alerts 2020–2021 and list-alerts_v2 2023.
/// All numbers are UTC ticks of 100 ns.
/// </summary>
internal static class WireTime
{
    private const long Second = TimeSpan.TicksPerSecond;

    /// <summary>The last step of 1/300 s at or before the time.</summary>
    public static long Grid(long ticks)
    {
        var fraction = ticks % Second;
        return ticks - fraction + Step(fraction * 300 / Second);
    }

    /// <summary>A time of update for a change now: on the grid and later than the one before.</summary>
    public static long Next(long nowTicks, long previousTicks)
    {
        var now = Grid(nowTicks);
        if (now > previousTicks) return now;
        var fraction = previousTicks % Second;
        var step = fraction * 300 / Second;
        while (previousTicks - fraction + Step(step) <= previousTicks) step++;
        return previousTicks - fraction + Step(step);
    }

    /// <summary>Seven digits of fraction, <c>Z</c>.</summary>
    public static string Full(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time of update: trailing zeros trimmed, no point at a whole second.</summary>
    public static string Trimmed(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a date with an optional time, fraction of any length and zone; without a zone it is UTC. Digits after the seventh are cut.</summary>
    /// <returns>False for anything that is not wholly such a time.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!TryDate(text, out var year, out var month, out var day)) return false;
        var rest = text[10..];
        long time = 0;
        if (rest.Length > 0 && rest[0] is (byte)'T' or (byte)'t')
        {
            if (rest.Length < 9 || !TryClock(rest, ref time)) return false;
            rest = rest[9..];
            if (rest.Length > 0 && rest[0] == '.')
            {
                var digits = 1;
                while (digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9') digits++;
                if (digits == 1) return false;
                long scale = Second / 10;
                for (var i = 1; i < digits && scale > 0; i++, scale /= 10) time += (rest[i] - '0') * scale;
                rest = rest[digits..];
            }
        }

        if (!TryZone(rest, out var offset)) return false;
        try
        {
            ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks + time - offset;
            return ticks is >= 0 and < 3155378976000000000;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out long)"/>
    public static bool TryParse(string text, out long ticks) => TryParse(Encoding.UTF8.GetBytes(text), out ticks);

    private static long Step(long step) => ((step * Second) + 150) / 300;

    private static bool TryDate(ReadOnlySpan<byte> text, out int year, out int month, out int day)
    {
        month = day = year = 0;
        return text.Length >= 10 && text[4] == '-' && text[7] == '-'
            && TryNumber(text[..4], out year) && TryNumber(text.Slice(5, 2), out month) && TryNumber(text.Slice(8, 2), out day)
            && year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
    }

    private static bool TryClock(ReadOnlySpan<byte> rest, ref long time)
    {
        if (rest[3] != ':' || rest[6] != ':') return false;
        if (!TryNumber(rest.Slice(1, 2), out var hour) || !TryNumber(rest.Slice(4, 2), out var minute) || !TryNumber(rest.Slice(7, 2), out var second)) return false;
        if (hour > 23 || minute > 59 || second > 59) return false;
        time = ((((hour * 60L) + minute) * 60) + second) * Second;
        return true;
    }

    private static bool TryZone(ReadOnlySpan<byte> zone, out long offset)
    {
        offset = 0;
        if (zone.Length == 0 || (zone.Length == 1 && zone[0] is (byte)'Z' or (byte)'z')) return true;
        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':') return false;
        if (!TryNumber(zone.Slice(1, 2), out var hours) || !TryNumber(zone.Slice(4, 2), out var minutes)) return false;
        offset = ((hours * 60L) + minutes) * 60 * Second * (zone[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            value = (value * 10) + digit - '0';
        }

        return true;
    }
}
