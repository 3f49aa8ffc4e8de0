using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>How a leaf stood in the upstream JSON.</summary>
public enum AlertValueKind : byte
{
    /// <summary>There is no value.</summary>
    None,

    /// <summary>A string, unescaped; valid UTF-8, U+FFFD where the source was not.</summary>
    Text,

    /// <summary>A number, digit for digit as received.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,
}

/// <summary>Where a view keeps one value; only that view can read it.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AlertValue(int Start, int Length, AlertValueKind Kind)
{
    /// <summary>Whether there is a value; an empty text is one.</summary>
    public bool Exists => Kind != AlertValueKind.None;
}

/// <summary>One scalar of an alert that is not null.</summary>
/// <param name="Entry">The index of the evidence entry it belongs to, or -1 for the alert itself.</param>
/// <param name="Field">What it means.</param>
/// <param name="Path">The names on the way to it, joined by dots; list positions leave no trace.</param>
/// <param name="Value">The value.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AlertLeaf(int Entry, AlertField Field, AlertValue Path, AlertValue Value);

/// <summary>One evidence entry.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Type">The type's short name such as <c>deviceEvidence</c> or <c>Process</c>.</param>
/// <param name="FirstLeaf">Index of its first leaf.</param>
/// <param name="LeafCount">Number of its leaves.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AlertEvidence(EvidenceKind Kind, AlertValue Type, int FirstLeaf, int LeafCount);

/// <summary>
/// One tolerant pass over an upstream record of any vintage, see <see cref="AlertField"/> for the shapes: every scalar that is not null becomes a leaf, the
/// known ones get a meaning, unknown ones stay. A detection has no list of evidence: its device, file, user, address and URL fields are one entry of the
/// kind <see cref="EvidenceKind.Detection"/>, and its empty texts, which mean "absent" there, are left out of that entry. Makes no objects per alert: the view is rented from the thread and returned
/// by <see cref="Dispose"/>. Not thread safe, and valid only until it is returned.
/// </summary>
public sealed class AlertView : IDisposable
{
    private const int MaxDepth = 128;
    private const int KeptScratch = 1 << 20;

    /// <summary>The entry of a detection's own fields until its index is known.</summary>
    private const int OwnFields = int.MaxValue;

    [ThreadStatic]
    private static AlertView? s_spare;

    private readonly AlertValue[] _top = new AlertValue[(int)AlertField.Count];
    private readonly int[] _firstOf = new int[(int)EvidenceKind.Count];
    private AlertLeaf[] _leaves = new AlertLeaf[128];
    private AlertEvidence[] _evidence = new AlertEvidence[16];
    private byte[] _scratch = new byte[16 * 1024];
    private byte[] _raw = [];
    private int _rawStart;
    private int _rawLength;
    private int _leafCount;
    private int _evidenceCount;
    private int _used;
    private int _ownFields;

    private AlertView()
    {
    }

    /// <summary>Every leaf in the order received.</summary>
    public ReadOnlySpan<AlertLeaf> Leaves => _leaves.AsSpan(0, _leafCount);

    /// <summary>Every evidence entry in the order received.</summary>
    public ReadOnlySpan<AlertEvidence> Evidence => _evidence.AsSpan(0, _evidenceCount);

    /// <summary>The upstream JSON as valid UTF-8: the bytes received, unless they held invalid sequences (then U+FFFD stands there).</summary>
    public ReadOnlySpan<byte> Json => _raw.AsSpan(_rawStart, _rawLength);

    /// <summary>A value of the alert itself, the first if there are several.</summary>
    public AlertValue this[AlertField field] => _top[(int)field];

    /// <summary>A limit to what the document being written may hold; null for none.</summary>
    internal DocumentRoom? Room { get; set; }

    /// <summary>Whether the record is an alert exporter's detection.</summary>
    public bool IsDetection { get; private set; }

    /// <summary>The severity that either plane's word stands for.</summary>
    public AlertSeverity Severity
    {
        get
        {
            var text = Utf8(_top[(int)AlertField.Severity]);
            return text.Length switch
            {
                3 when System.Text.Ascii.EqualsIgnoreCase(text, "low"u8) => AlertSeverity.Low,
                4 when System.Text.Ascii.EqualsIgnoreCase(text, "high"u8) => AlertSeverity.High,
                6 when System.Text.Ascii.EqualsIgnoreCase(text, "medium"u8) => AlertSeverity.Medium,
                13 when System.Text.Ascii.EqualsIgnoreCase(text, "informational"u8) => AlertSeverity.Informational,
                _ => AlertSeverity.Unknown,
            };
        }
    }

    /// <summary>Reads an alert.</summary>
    /// <param name="raw">One JSON object, UTF-8.</param>
    /// <exception cref="UnreadableAlertException">The bytes are not one JSON object.</exception>
    public static AlertView Rent(ReadOnlyMemory<byte> raw)
    {
        var view = s_spare ?? new AlertView();
        s_spare = null;
        try
        {
            view.Read(raw);
            return view;
        }
        catch (JsonException)
        {
            view.Dispose();
            throw new UnreadableAlertException();
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a value, unescaped; empty when there is none.</summary>
    public ReadOnlySpan<byte> Utf8(AlertValue value) => value.Start >= 0 ? _raw.AsSpan(value.Start, value.Length) : _scratch.AsSpan(~value.Start, value.Length);

    /// <summary>The value as text, or null when there is none.</summary>
    public string? Text(AlertValue value) => value.Exists ? System.Text.Encoding.UTF8.GetString(Utf8(value)) : null;

    /// <summary>The first entry about <paramref name="kind"/>, or -1.</summary>
    public int FirstOf(EvidenceKind kind) => _firstOf[(int)kind];

    /// <summary>The first value of that meaning in an entry; none when <paramref name="entry"/> is -1.</summary>
    public AlertValue Find(int entry, AlertField field)
    {
        if (entry < 0) return default;
        var evidence = _evidence[entry];
        foreach (ref readonly var leaf in _leaves.AsSpan(evidence.FirstLeaf, evidence.LeafCount))
        {
            if (leaf.Field == field) return leaf.Value;
        }

        return default;
    }

    /// <summary>Gives the view back to the thread.</summary>
    public void Dispose()
    {
        _raw = [];
        if (_scratch.Length > KeptScratch) _scratch = new byte[16 * 1024];
        if (_leaves.Length > 16 * 1024) _leaves = new AlertLeaf[128];
        s_spare = this;
    }

    private void Read(ReadOnlyMemory<byte> raw)
    {
        _leafCount = _evidenceCount = _used = _ownFields = 0;
        IsDetection = false;
        Room = null;
        _top.AsSpan().Clear();
        _firstOf.AsSpan().Fill(-1);
        TakeBytes(raw);
        var reader = new Utf8JsonReader(Json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new UnreadableAlertException();
        Walk(ref reader, default, AlertField.Unknown, -1);
        if (reader.Read()) throw new UnreadableAlertException();
        if (_ownFields > 0) AddDetection();
    }

    private void TakeBytes(ReadOnlyMemory<byte> raw)
    {
        if (!System.Text.Unicode.Utf8.IsValid(raw.Span))
        {
            _raw = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(raw.Span));
            _rawStart = 0;
            _rawLength = _raw.Length;
        }
        else if (MemoryMarshal.TryGetArray(raw, out var segment))
        {
            _raw = segment.Array!;
            _rawStart = segment.Offset;
            _rawLength = segment.Count;
        }
        else
        {
            _raw = raw.ToArray();
            _rawStart = 0;
            _rawLength = _raw.Length;
        }
    }

    private void ReadEvidence(ref Utf8JsonReader reader, AlertValue listName)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            ReadEntry(ref reader, listName);
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) ReadEntry(ref reader, listName);
    }

    private void ReadEntry(ref Utf8JsonReader reader, AlertValue listName)
    {
        if (reader.TokenType == JsonTokenType.Null) return;
        var first = _leafCount;
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        Walk(ref reader, isObject ? default : listName, AlertField.Unknown, _evidenceCount);
        if (_leafCount == first) return;
        if (_evidenceCount == _evidence.Length) Array.Resize(ref _evidence, _evidenceCount * 2);
        var type = LastName(listName);
        foreach (ref readonly var leaf in _leaves.AsSpan(first, _leafCount - first))
        {
            if (leaf.Field != AlertField.EvidenceType || leaf.Value.Kind != AlertValueKind.Text) continue;
            type = ShortType(leaf.Value);
            break;
        }

        var kind = KindOf(Utf8(type));
        if (_firstOf[(int)kind] < 0) _firstOf[(int)kind] = _evidenceCount;
        _evidence[_evidenceCount++] = new AlertEvidence(kind, type, first, _leafCount - first);
    }

    /// <summary>Every scalar below becomes a leaf.</summary>
    /// <param name="reader">Stands on the value.</param>
    /// <param name="path">The names on the way.</param>
    /// <param name="field">What the path means for the record itself; an entry's names are looked up when a value is there.</param>
    /// <param name="entry">The entry, or -1.</param>
    private void Walk(ref Utf8JsonReader reader, AlertValue path, AlertField field, int entry)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = Take(ref reader, AlertValueKind.Text);
                    if (path.Length > 0) name = Join(path, name);
                    reader.Read();
                    var meaning = entry < 0 ? AlertFieldNames.Top.Find(Utf8(name)) : AlertField.Unknown;
                    if (meaning == AlertField.EvidenceList) ReadEvidence(ref reader, name);
                    else if (reader.TokenType != JsonTokenType.Null) Walk(ref reader, name, meaning, entry);
                }

                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) Walk(ref reader, path, field, entry);
                break;
            case JsonTokenType.String:
                Add(entry, field, path, Take(ref reader, AlertValueKind.Text));
                break;
            case JsonTokenType.Number:
                Add(entry, field, path, Take(ref reader, AlertValueKind.Number));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                Add(entry, field, path, Take(ref reader, AlertValueKind.Boolean));
                break;
        }
    }

    private void Add(int entry, AlertField field, AlertValue path, AlertValue value)
    {
        if (_leafCount == _leaves.Length) Array.Resize(ref _leaves, _leafCount * 2);
        if (entry >= 0) field = AlertFieldNames.Evidence.Find(Utf8(path));
        if (field == AlertField.Unknown)
        {
            if (entry < 0 && AlertFieldNames.Detection.Find(Utf8(path)) is not AlertField.Unknown and var own)
            {
                IsDetection = true;
                if (value.Length == 0) return;
                (field, entry) = (own, OwnFields);
                _ownFields++;
            }
            else
            {
                field = AlertFieldNames.Last.Find(Utf8(LastName(path)));
            }
        }

        _leaves[_leafCount++] = new AlertLeaf(entry, field, path, value);
        if (entry < 0 && field != AlertField.Unknown && !_top[(int)field].Exists) _top[(int)field] = value;
    }

    /// <summary>The entry's leaves are among all leaves; <see cref="Find"/> picks them by their meaning.</summary>
    private void AddDetection()
    {
        foreach (ref var leaf in _leaves.AsSpan(0, _leafCount))
        {
            if (leaf.Entry == OwnFields) leaf = leaf with { Entry = _evidenceCount };
        }

        if (_evidenceCount == _evidence.Length) Array.Resize(ref _evidence, _evidenceCount * 2);
        "Detection"u8.CopyTo(Grow(9));
        _used += 9;
        _evidence[_evidenceCount] = new AlertEvidence(EvidenceKind.Detection, new AlertValue(~(_used - 9), 9, AlertValueKind.Text), 0, _leafCount);
        Own(EvidenceKind.Device, AlertField.DeviceDnsName, AlertField.HostName, AlertField.DeviceId);
        Own(EvidenceKind.File, AlertField.FileName, AlertField.FilePath, AlertField.Sha1, AlertField.Sha256, AlertField.Md5);
        Own(EvidenceKind.Process, AlertField.CommandLine);
        Own(EvidenceKind.User, AlertField.AccountName);
        Own(EvidenceKind.Ip, AlertField.IpAddress);
        Own(EvidenceKind.Url, AlertField.Url);
        _firstOf[(int)EvidenceKind.Detection] = _evidenceCount++;
    }

    private void Own(EvidenceKind kind, params ReadOnlySpan<AlertField> fields)
    {
        foreach (var field in fields)
        {
            if (_firstOf[(int)kind] < 0 && Find(_evidenceCount, field).Exists) _firstOf[(int)kind] = _evidenceCount;
        }
    }

    private AlertValue Take(ref Utf8JsonReader reader, AlertValueKind kind)
    {
        var token = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            var quote = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0;
            return new AlertValue(_rawStart + (int)reader.TokenStartIndex + quote, token.Length, kind);
        }

        var length = JsonText.Unescape(token, Grow(token.Length));
        _used += length;
        return new AlertValue(~(_used - length), length, kind);
    }

    private AlertValue Join(AlertValue path, AlertValue name)
    {
        var length = path.Length + 1 + name.Length;
        var target = Grow(length)[..length];
        Utf8(path).CopyTo(target);
        target[path.Length] = (byte)'.';
        Utf8(name).CopyTo(target[(path.Length + 1)..]);
        _used += length;
        return new AlertValue(~(_used - length), length, AlertValueKind.Text);
    }

    /// <summary>The free part of the scratch memory, at least that long.</summary>
    private Span<byte> Grow(int more)
    {
        if (_used + more > _scratch.Length) Array.Resize(ref _scratch, Math.Max(_scratch.Length * 2, _used + more));
        return _scratch.AsSpan(_used);
    }

    private AlertValue ShortType(AlertValue type) => Utf8(type) is [(byte)'#', ..] ? LastName(type) : type;

    /// <summary>What stands behind the last dot.</summary>
    private AlertValue LastName(AlertValue name)
    {
        var dot = Utf8(name).LastIndexOf((byte)'.') + 1;
        return new AlertValue(name.Start >= 0 ? name.Start + dot : ~(~name.Start + dot), name.Length - dot, AlertValueKind.Text);
    }

    private static EvidenceKind KindOf(ReadOnlySpan<byte> type)
    {
        if (type.EndsWith("Evidence"u8)) type = type[..^8];
        return type.Length switch
        {
            2 when System.Text.Ascii.EqualsIgnoreCase(type, "ip"u8) => EvidenceKind.Ip,
            3 when System.Text.Ascii.EqualsIgnoreCase(type, "url"u8) => EvidenceKind.Url,
            4 when System.Text.Ascii.EqualsIgnoreCase(type, "user"u8) => EvidenceKind.User,
            4 when System.Text.Ascii.EqualsIgnoreCase(type, "file"u8) => EvidenceKind.File,
            6 when System.Text.Ascii.EqualsIgnoreCase(type, "device"u8) => EvidenceKind.Device,
            7 when type.SequenceEqual("devices"u8) => EvidenceKind.Device,
            7 when System.Text.Ascii.EqualsIgnoreCase(type, "process"u8) => EvidenceKind.Process,
            7 when System.Text.Ascii.EqualsIgnoreCase(type, "mailbox"u8) => EvidenceKind.Mailbox,
            8 when System.Text.Ascii.EqualsIgnoreCase(type, "registry"u8) => EvidenceKind.Registry,
            11 when type.SequenceEqual("registryKey"u8) => EvidenceKind.Registry,
            13 when type.SequenceEqual("registryValue"u8) => EvidenceKind.Registry,
            11 when type.SequenceEqual("relatedUser"u8) => EvidenceKind.User,
            9 when type.SequenceEqual("alertUser"u8) => EvidenceKind.User,
            10 when type.SequenceEqual("alertFiles"u8) => EvidenceKind.File,
            15 when type.SequenceEqual("analyzedMessage"u8) => EvidenceKind.Message,
            11 when System.Text.Ascii.EqualsIgnoreCase(type, "mailmessage"u8) => EvidenceKind.Message,
            17 when type.SequenceEqual("networkConnection"u8) => EvidenceKind.Connection,
            _ => EvidenceKind.Other,
        };
    }
}

/// <summary>The stored bytes of an alert are not one JSON object. The message never shows content.</summary>
public sealed class UnreadableAlertException() : Exception("The upstream alert is not one readable JSON object.");
