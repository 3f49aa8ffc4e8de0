using System.Buffers.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Ecs;

/// <content>Single values, each written only when it fits the field's type.</content>
public static partial class EcsDocument
{
    private static void Text(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Exists) json.WriteString(name, view.Room is null ? view.Utf8(value) : view.Room.Cut(view.Utf8(value)));
    }

    private static void Keyword(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Length is > 0 and <= MaxKeyword) json.WriteString(name, view.Utf8(value));
    }

    private static void Date(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Kind == AlertValueKind.Text && JsonText.IsDate(view.Utf8(value))) json.WriteString(name, view.Utf8(value));
    }

    private static void Whole(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Exists && Utf8Parser.TryParse(view.Utf8(value), out long number, out var used) && used == value.Length) json.WriteNumber(name, number);
    }

    private static void Address(Utf8JsonWriter json, JsonEncodedText name, AlertView view, AlertValue value)
    {
        if (value.Exists && JsonText.IsAddress(view.Utf8(value))) json.WriteString(name, view.Utf8(value));
    }
}

/// <summary>Texts already written to one array: small, linear, bounded; past the bound everything counts as written.</summary>
internal ref struct DistinctTexts
{
    private const int Most = 256;
    private byte[]? _bytes;
    private int[]? _ends;
    private int _count;

    public bool Add(ReadOnlySpan<byte> text)
    {
        _bytes ??= System.Buffers.ArrayPool<byte>.Shared.Rent(4096);
        _ends ??= System.Buffers.ArrayPool<int>.Shared.Rent(Most);
        var start = 0;
        for (var i = 0; i < _count; i++)
        {
            if (text.SequenceEqual(_bytes.AsSpan(start.._ends[i]))) return false;
            start = _ends[i];
        }

        if (_count == Most) return false;
        if (start + text.Length > _bytes.Length)
        {
            var larger = System.Buffers.ArrayPool<byte>.Shared.Rent((start + text.Length) * 2);
            _bytes.AsSpan(0, start).CopyTo(larger);
            System.Buffers.ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        text.CopyTo(_bytes.AsSpan(start));
        _ends[_count++] = start + text.Length;
        return true;
    }

    public void Dispose()
    {
        if (_bytes is not null) System.Buffers.ArrayPool<byte>.Shared.Return(_bytes);
        if (_ends is not null) System.Buffers.ArrayPool<int>.Shared.Return(_ends);
        _bytes = null;
        _ends = null;
    }
}
