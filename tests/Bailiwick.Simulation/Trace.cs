using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Simulation;

/// <summary>Everything that happened, as one number: two runs of one seed must agree on it.</summary>
internal sealed class Trace : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _number = new byte[16];
    private readonly TextWriter? _out;

    /// <param name="to">Also written here, for the eyes of whoever replays a seed.</param>
    public Trace(TextWriter? to = null) => _out = to;

    public void Note(string what, long tenant, string name, object? detail, long at)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_number, at);
        BinaryPrimitives.WriteInt64LittleEndian(_number.AsSpan(8), tenant);
        _hash.AppendData(_number);
        _hash.AppendData(Encoding.UTF8.GetBytes(what));
        _hash.AppendData(Encoding.UTF8.GetBytes(name));
        var text = detail?.ToString();
        if (text is not null) _hash.AppendData(Encoding.UTF8.GetBytes(text));
        _out?.WriteLine($"{new DateTime(at):yyyy-MM-dd HH:mm:ss.fff} {what} {tenant} {name} {text}");
    }

    public string Digest() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Dispose() => _hash.Dispose();
}
