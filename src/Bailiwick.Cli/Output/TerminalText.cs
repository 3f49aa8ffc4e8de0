using System.Globalization;
using System.Text;

namespace Bailiwick.Cli.Output;

/// <summary>Makes text from outside harmless on a terminal: what could move the cursor, change colours or turn the reading direction is shown, not done.</summary>
internal static class TerminalText
{
    /// <summary>One line: every control character as <c>\xNN</c> (above U+00FF <c>\uNNNN</c>), halves of broken pairs as U+FFFD.</summary>
    public static string Neutral(string? text) => Encode(text, keepLines: false);

    /// <summary>As <see cref="Neutral"/>, but line feeds and tabs stay.</summary>
    public static string NeutralLines(string? text) => Encode(text, keepLines: true);

    private static string Encode(string? text, bool keepLines)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (keepLines && rune.Value is '\n' or '\t') safe.Append((char)rune.Value);
            else if (!IsDangerous(rune)) safe.Append(rune.ToString());
            else if (rune.Value <= 0xFF) safe.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}");
            else safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
        }

        return safe.ToString();
    }

    private static bool IsDangerous(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
