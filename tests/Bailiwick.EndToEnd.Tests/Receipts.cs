using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>What one receiver has got, by the hub's key: enough to find a record that is missing, repeated or repeated with other bytes, and no more. Thread safe.</summary>
internal sealed class Receipts(Func<JsonElement, string> keyOf)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _byKey = new(StringComparer.Ordinal);

    /// <summary>Different records.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byKey.Count;
        }
    }

    /// <summary>Records that came again with the same bytes.</summary>
    public int Repeats { get; private set; }

    /// <summary>Records that came again with other bytes.</summary>
    public int Altered { get; private set; }

    public HashSet<string> Keys
    {
        get
        {
            lock (_gate) return [.. _byKey.Keys];
        }
    }

    public static string FieldKey(JsonElement envelope) =>
        envelope.GetProperty("fields").EnumerateObject().First(field => field.Name.Contains("key", StringComparison.Ordinal)).Value.GetString()!;

    public static string RecordKey(JsonElement record) => record.GetProperty("bailiwick").GetProperty("key").GetString()!;

    public void Note(string record) => Note(Encoding.UTF8.GetBytes(record));

    public void Note(ReadOnlyMemory<byte> record)
    {
        using var json = JsonDocument.Parse(record);
        var (key, digest) = (keyOf(json.RootElement), SHA256.HashData(record.Span));
        lock (_gate)
        {
            if (_byKey.TryAdd(key, digest)) return;
            if (_byKey[key].AsSpan().SequenceEqual(digest)) Repeats++;
            else Altered++;
        }
    }
}
