using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats.Cef;

/// <summary>Writes extension pairs and remembers which values stand there whole.</summary>
internal ref struct CefPen(ArrayBufferWriter<byte> output)
{
    private Starts _carried;
    private int _count;
    private bool _begun;

    public int Shortened { get; private set; }

    public void LeftOut() => Shortened++;

    public readonly bool Carries(AlertValue value)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_carried[i] == value.Start) return true;
        }

        return false;
    }

    public void Number(ReadOnlySpan<byte> key, long number)
    {
        Begin(key);
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    public void Date(ReadOnlySpan<byte> key, AlertView view, AlertValue value)
    {
        if (JsonText.TryDate(view.Utf8(value), out var moment)) Number(key, moment.ToUnixTimeMilliseconds());
    }

    public void Value(ReadOnlySpan<byte> key, AlertView view, AlertValue value, int limit)
    {
        if (value.Length > 0 && Bytes(key, view.Utf8(value), limit)) Remember(value);
    }

    public void Text(ReadOnlySpan<byte> key, string value, int limit) => Bytes(key, Encoding.UTF8.GetBytes(value), limit);

    public void Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, string value, int limit) => Custom(key, label, Encoding.UTF8.GetBytes(value), limit);

    public void Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, AlertView view, AlertValue value, int limit)
    {
        if (value.Length > 0 && Custom(key, label, view.Utf8(value), limit)) Remember(value);
    }

    public bool Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> value, int limit)
    {
        if (value.IsEmpty) return false;
        Label(key, label);
        return Bytes(key, value, limit);
    }

    public void CustomNumber(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, long number)
    {
        Label(key, label);
        Number(key, number);
    }

    public void Flag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, AlertView view, AlertValue value)
    {
        if (value.Kind != AlertValueKind.Boolean) return;
        CustomNumber(key, label, view.Utf8(value)[0] == 't' ? 1 : 0);
        Remember(value);
    }

    private bool Bytes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int limit)
    {
        Begin(key);
        if (!CefText.Extension(output, value, limit)) return true;
        Shortened++;
        return false;
    }

    private void Label(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label)
    {
        if (_begun) output.Write(" "u8);
        _begun = true;
        output.Write(key);
        output.Write("Label="u8);
        output.Write(label);
    }

    private void Begin(ReadOnlySpan<byte> key)
    {
        if (_begun) output.Write(" "u8);
        _begun = true;
        output.Write(key);
        output.Write("="u8);
    }

    public void Remember(AlertValue value)
    {
        if (_count < Starts.Most) _carried[_count++] = value.Start;
    }

    [System.Runtime.CompilerServices.InlineArray(Most)]
    private struct Starts
    {
        public const int Most = 64;
        private int _first;
    }
}
