using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats.Leef;

/// <summary>Writes attributes, remembers which values stand there whole, and keeps to the size of the message.</summary>
internal ref struct LeefPen(ArrayBufferWriter<byte> output, int maxBytes)
{
    private readonly int _begin = output.WrittenCount;
    private readonly HashSet<int> _carried = [];
    private bool _begun;

    public int Shortened { get; private set; }

    public readonly bool Carries(AlertValue value) => _carried.Contains(value.Start);

    public void Value(ReadOnlySpan<byte> key, AlertView view, AlertValue value, int limit)
    {
        if (value.Length == 0) return;
        if (Pair(key, view.Utf8(value), limit)) Shortened++;
        else _carried.Add(value.Start);
    }

    public void Text(ReadOnlySpan<byte> key, string value)
    {
        if (Pair(key, Encoding.UTF8.GetBytes(value), 1023)) Shortened++;
    }

    public void Address(ReadOnlySpan<byte> key, AlertView view, AlertValue value)
    {
        if (JsonText.IsAddress(view.Utf8(value))) Value(key, view, value, 45);
    }

    public void Port(ReadOnlySpan<byte> key, AlertView view, AlertValue value)
    {
        if (Utf8Parser.TryParse(view.Utf8(value), out ushort _, out var used) && used == value.Length) Value(key, view, value, 5);
    }

    /// <summary>All values of one meaning that the record itself holds, with commas between.</summary>
    public void List(ReadOnlySpan<byte> key, AlertView view, AlertField field, int limit)
    {
        if (!view[field].Exists) return;
        Begin(key);
        var first = true;
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field != field || leaf.Entry >= 0) continue;
            if (!first) output.Write(","u8);
            first = false;
            if (LeefText.Value(output, view.Utf8(leaf.Value), limit)) Shortened++;
            else _carried.Add(leaf.Value.Start);
        }
    }

    /// <summary>A numbered attribute for a value of any name; left out and counted when it does not fit.</summary>
    public void Line(ReadOnlySpan<byte> key, int number, AlertView view, in AlertLeaf leaf)
    {
        var before = output.WrittenCount;
        var begun = _begun;
        if (_begun) output.Write("\t"u8);
        _begun = true;
        output.Write(key);
        Digits(number);
        output.Write("="u8);
        if (leaf.Entry >= 0)
        {
            Digits(leaf.Entry);
            output.Write(" "u8);
            LeefText.Value(output, view.Utf8(view.Evidence[leaf.Entry].Type), 255);
            output.Write("."u8);
        }

        LeefText.Value(output, view.Utf8(leaf.Path), 1023);
        output.Write("="u8);
        LeefText.Value(output, view.Utf8(leaf.Value), int.MaxValue);
        if (output.WrittenCount - _begin <= maxBytes) return;
        output.ResetWrittenCount();
        output.Advance(before);
        _begun = begun;
        Shortened++;
    }

    private bool Pair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int limit)
    {
        Begin(key);
        return LeefText.Value(output, value, limit);
    }

    private void Begin(ReadOnlySpan<byte> key)
    {
        if (_begun) output.Write("\t"u8);
        _begun = true;
        output.Write(key);
        output.Write("="u8);
    }

    private readonly void Digits(int number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(11), out var written);
        output.Advance(written);
    }
}
