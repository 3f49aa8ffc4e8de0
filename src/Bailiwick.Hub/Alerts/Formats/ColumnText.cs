using System.Buffers;
using System.Buffers.Text;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>
/// Builds arrays of JSON strings. The hot path of every JSON format: plain ASCII, which nearly all values are, is copied; the rest is escaped exactly as
/// <see cref="JsonOutput"/> does. Kept per thread, not thread safe.
/// </summary>
internal sealed class ColumnText
{
    private const int Kept = 1 << 20;
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(value => (byte)value).Where(value => value is not ((byte)'"' or (byte)'\\'))]);

    private byte[] _bytes = new byte[16 * 1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > Kept) _bytes = new byte[16 * 1024];
    }

    public void Add(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Free(json.Length));
        _length += json.Length;
    }

    /// <summary>Adds a string to the open array.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public void String(ReadOnlySpan<byte> text)
    {
        var free = Free(text.Length + 3);
        Comma(ref free);
        free[0] = (byte)'"';
        _length++;
        if (text.IndexOfAnyExcept(Plain) < 0)
        {
            text.CopyTo(free[1..]);
            free[text.Length + 1] = (byte)'"';
            _length += text.Length + 1;
            return;
        }

        Escape(text);
        Free(1)[0] = (byte)'"';
        _length++;
    }

    /// <summary>Adds a number to the open array.</summary>
    public void Number(int number)
    {
        var free = Free(12);
        Comma(ref free);
        Utf8Formatter.TryFormat(number, free, out var written);
        _length += written;
    }

    private void Comma(ref Span<byte> free)
    {
        if (_bytes[_length - 1] == (byte)'[') return;
        free[0] = (byte)',';
        free = free[1..];
        _length++;
    }

    private void Escape(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            JsonOutput.Encoder.EncodeUtf8(text, Free(text.Length + 64), out var taken, out var written);
            _length += written;
            text = text[taken..];
        }
    }

    private Span<byte> Free(int least)
    {
        if (_bytes.Length - _length < least) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + least));
        return _bytes.AsSpan(_length);
    }
}
