using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Bailiwick.Hub.Upstream;

/// <summary>
/// The content of one JSON object, independent of how it was written down: members in a fixed order, strings unescaped, the top-level
/// <c>evidence</c> list in a fixed order, transport annotations left out. Two spellings of one state have one digest; a changed value has another.
/// Numbers keep their spelling. Not thread safe; reuse one object for many alerts.
/// </summary>
/// <remarks>
/// Every part is length-prefixed, so no two contents share a form. Members are ordered by a 64-bit mix of their name, equal mixes by name:
/// any fixed order serves, and this one is cheap. Digests are stored: the form must never change.
/// </remarks>
internal sealed class CanonicalForm
{
    private byte[] _buffer = new byte[32 * 1024];
    private byte[] _scratch = new byte[32 * 1024];
    private Member[] _members = new Member[256];
    private int _length;
    private int _count;

    /// <summary>Reads the object at which <paramref name="reader"/> stands to its end and writes its SHA-256 to <paramref name="digest"/>.</summary>
    /// <param name="reader">Stands on <see cref="JsonTokenType.StartObject"/>; left on its end.</param>
    /// <param name="fields">Told every member of the object itself, before its value is read.</param>
    /// <param name="digest">32 bytes.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Digest(ref Utf8JsonReader reader, CollectedFields fields, Span<byte> digest)
    {
        _length = 0;
        _count = 0;
        WriteObject(ref reader, fields);
        SHA256.HashData(_buffer.AsSpan(0, _length), digest);
    }

    private void WriteValue(ref Utf8JsonReader reader, bool sortElements)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, null);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, sortElements);
                break;
            case JsonTokenType.String:
                WriteText((byte)'s', ref reader);
                break;
            case JsonTokenType.Number:
                WriteBytes((byte)'n', reader.ValueSpan);
                break;
            case JsonTokenType.True:
                WriteMark((byte)'t');
                break;
            case JsonTokenType.False:
                WriteMark((byte)'f');
                break;
            default:
                WriteMark((byte)'0');
                break;
        }
    }

    private void WriteObject(ref Utf8JsonReader reader, CollectedFields? fields)
    {
        WriteMark((byte)'{');
        var firstMember = _count;
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            if (IsTransport(reader.ValueSpan))
            {
                Next(ref reader);
                reader.Skip();
                continue;
            }

            var start = _length;
            WriteText((byte)'k', ref reader);
            var nameEnd = _length;
            var isEvidence = fields is not null && reader.ValueSpan.SequenceEqual("evidence"u8);
            var field = fields?.Find(reader.ValueSpan) ?? CollectedField.None;
            Next(ref reader);
            if (field != CollectedField.None) fields!.Take(field, ref reader);
            WriteValue(ref reader, isEvidence);
            Add(start, nameEnd, Mix(_buffer.AsSpan(start, nameEnd - start)));
        }

        Order(firstMember, compareWhole: false);
        WriteMark((byte)'}');
    }

    private void WriteArray(ref Utf8JsonReader reader, bool sortElements)
    {
        WriteMark((byte)'[');
        var firstElement = _count;
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            var start = _length;
            WriteValue(ref reader, sortElements: false);
            if (sortElements) Add(start, _length, Mix(_buffer.AsSpan(start, _length - start)));
        }

        if (sortElements) Order(firstElement, compareWhole: true);
        WriteMark((byte)']');
    }

    /// <summary>OData annotations describe the transport, except the type, which is content. Source: OData JSON 4.01 §4.6, read 2026.</summary>
    private static bool IsTransport(ReadOnlySpan<byte> name)
    {
        var at = name.IndexOf("@odata."u8);
        return at >= 0 && !name[at..].SequenceEqual("@odata.type"u8);
    }

    private void Order(int first, bool compareWhole)
    {
        var members = _members.AsSpan(first, _count - first);
        _count = first;
        if (!Sort(members, compareWhole)) return;
        var from = int.MaxValue;
        var length = 0;
        foreach (var member in members)
        {
            from = Math.Min(from, member.Start);
            length += member.End - member.Start;
        }

        if (_scratch.Length < length) _scratch = new byte[Math.Max(length, _scratch.Length * 2)];
        var at = 0;
        foreach (var member in members)
        {
            _buffer.AsSpan(member.Start, member.End - member.Start).CopyTo(_scratch.AsSpan(at));
            at += member.End - member.Start;
        }

        _scratch.AsSpan(0, length).CopyTo(_buffer.AsSpan(from));
    }

    /// <summary>Insertion sort: these lists are short. True when the order changed.</summary>
    private bool Sort(Span<Member> members, bool compareWhole)
    {
        var moved = false;
        for (var i = 1; i < members.Length; i++)
        {
            var member = members[i];
            var at = i - 1;
            while (at >= 0 && Compare(members[at], member, compareWhole) > 0)
            {
                members[at + 1] = members[at];
                at--;
            }

            moved |= at + 1 != i;
            members[at + 1] = member;
        }

        return moved;
    }

    private int Compare(in Member left, in Member right, bool compareWhole)
    {
        if (left.Mix != right.Mix) return left.Mix < right.Mix ? -1 : 1;
        var leftEnd = compareWhole ? left.End : left.NameEnd;
        var rightEnd = compareWhole ? right.End : right.NameEnd;
        return _buffer.AsSpan(left.Start, leftEnd - left.Start).SequenceCompareTo(_buffer.AsSpan(right.Start, rightEnd - right.Start));
    }

    private static ulong Mix(ReadOnlySpan<byte> bytes)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        var mix = (ulong)bytes.Length * Prime;
        while (bytes.Length >= 8)
        {
            mix = ulong.RotateLeft((mix ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Prime, 29);
            bytes = bytes[8..];
        }

        foreach (var b in bytes) mix = (mix ^ b) * Prime;
        return mix ^ (mix >> 32);
    }

    private void Add(int start, int nameEnd, ulong mix)
    {
        if (_count == _members.Length) Array.Resize(ref _members, _count * 2);
        _members[_count++] = new Member(start, nameEnd, _length, mix);
    }

    private void WriteText(byte mark, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            WriteBytes(mark, reader.ValueSpan);
            return;
        }

        Grow(5 + reader.ValueSpan.Length);
        int written;
        try
        {
            written = reader.CopyString(_buffer.AsSpan(_length + 5));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape has no UTF-8 form: its spelling is then its content.
            WriteBytes((byte)'x', reader.ValueSpan);
            return;
        }

        _buffer[_length] = mark;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length + 1), written);
        _length += 5 + written;
    }

    private void WriteBytes(byte mark, ReadOnlySpan<byte> bytes)
    {
        Grow(5 + bytes.Length);
        _buffer[_length] = mark;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(_length + 1), bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length + 5));
        _length += 5 + bytes.Length;
    }

    private void WriteMark(byte mark)
    {
        Grow(1);
        _buffer[_length++] = mark;
    }

    private void Grow(int by)
    {
        if (_buffer.Length - _length < by) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + by));
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) throw new JsonException("The JSON text ends inside a record.");
        return reader.TokenType;
    }

    private readonly record struct Member(int Start, int NameEnd, int End, ulong Mix);
}
