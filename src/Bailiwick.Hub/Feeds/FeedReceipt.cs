using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Bailiwick.Hub.Feeds;

/// <summary>
/// What names a batch: 16 hexadecimal digits that grow from batch to batch of one audience, a hyphen, 16 random ones. Consumers may sort by it and use it
/// as a file name. It gives no rights.
/// </summary>
internal static partial class FeedReceipt
{
    /// <summary>Whether a text has the form of a receipt.</summary>
    public static bool IsOne(string text) => Form().IsMatch(text);

    /// <summary>A new one.</summary>
    /// <param name="before">The audience's last one, or null.</param>
    /// <param name="now">Where the number begins: ticks, unless the one before is greater already.</param>
    public static string After(string? before, DateTimeOffset now)
    {
        var last = before is null ? 0 : long.Parse(before.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return $"{Math.Max(now.UtcTicks, last + 1):x16}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
    }

    [GeneratedRegex(@"\A[0-9a-f]{16}-[0-9a-f]{16}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Form();
}
