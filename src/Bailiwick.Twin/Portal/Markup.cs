using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Bailiwick.Twin.Portal;

/// <summary>
/// A piece of HTML. It is made of an interpolated string whose holes are encoded unless they are markup themselves, so that text of people and alerts
/// cannot become markup.
/// </summary>
internal readonly struct Markup
{
    private readonly string? _text;

    private Markup(string text) => _text = text;

    /// <summary>Nothing.</summary>
    public static Markup Empty => default;

    /// <summary>Makes a piece.</summary>
    public static Markup Of(MarkupHandler handler) => new(handler.ToText());

    /// <summary>The piece when the condition holds.</summary>
    public static Markup When(bool condition, MarkupHandler handler) => condition ? new Markup(handler.ToText()) : Empty;

    /// <summary>The same piece for each item.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> one) => new(string.Concat(items.Select(one)));

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";
}

/// <summary>Builds a <see cref="Markup"/> of an interpolated string.</summary>
[InterpolatedStringHandler]
internal readonly ref struct MarkupHandler
{
    private readonly StringBuilder _text;

    public MarkupHandler(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(Markup markup) => _text.Append(markup.ToString());

    public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(Shown(text ?? "")));

    public void AppendFormatted<T>(T value) => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

    public void AppendFormatted<T>(T value, string format)
        where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    internal string ToText() => _text.ToString();

    /// <summary>Controls and marks that turn the reading direction are shown as what they are.</summary>
    private static string Shown(string text)
    {
        if (!text.Any(IsHidden)) return text;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (IsHidden(letter)) shown.Append($"\u27e8{(int)letter:X4}\u27e9");
            else shown.Append(letter);
        }

        return shown.ToString();
    }

    private static bool IsHidden(char letter) =>
        (char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')) || letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c' or '\ufeff';
}
