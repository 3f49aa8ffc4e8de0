namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>How much of a record a JSON document may hold, where there is a limit.</summary>
/// <param name="textLimit">The most bytes of one text.</param>
/// <param name="columns">The most bytes of all evidence and other values together.</param>
internal sealed class DocumentRoom(int textLimit, int columns)
{
    /// <summary>The most bytes of one text.</summary>
    public int TextLimit => textLimit;

    /// <summary>Whether the lists of indicators are written.</summary>
    public bool Related { get; init; } = true;

    /// <summary>How many values were cut or left out.</summary>
    public int Shortened { get; private set; }

    /// <summary>The beginning of a text that fits, cut on a code point.</summary>
    public ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text)
    {
        if (text.Length <= textLimit) return text;
        Shortened++;
        var end = textLimit;
        while (end > 0 && (text[end] & 0xC0) == 0x80) end--;
        return text[..end];
    }

    /// <summary>Which leaves still fit, in order; the others are counted.</summary>
    public bool[] Choose(AlertView view, AlertFieldSet carried)
    {
        var chosen = new bool[view.Leaves.Length];
        var left = columns;
        var types = 0;
        var text = new ColumnText();
        var typeBytes = TypeBytes(view, text);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < chosen.Length; i++)
            {
                var leaf = view.Leaves[i];
                if (leaf.Entry >= 0 != (round == 0) || carried.Carries(view, leaf)) continue;
                text.Clear();
                text.Add("["u8);
                text.String(view.Utf8(leaf.Path));
                text.String(view.Utf8(leaf.Value));
                var cost = text.Written.Length + 8 + (leaf.Entry < types ? 0 : typeBytes[leaf.Entry + 1] - typeBytes[types]);
                chosen[i] = cost <= left;
                if (!chosen[i])
                {
                    Shortened++;
                    continue;
                }

                left -= cost;
                types = Math.Max(types, leaf.Entry + 1);
            }
        }

        return chosen;
    }

    /// <summary>What the types of the first n entries need.</summary>
    private static int[] TypeBytes(AlertView view, ColumnText text)
    {
        var bytes = new int[view.Evidence.Length + 1];
        for (var i = 0; i < view.Evidence.Length; i++)
        {
            text.Clear();
            text.Add("["u8);
            text.String(view.Utf8(view.Evidence[i].Type));
            bytes[i + 1] = bytes[i] + text.Written.Length;
        }

        return bytes;
    }
}
