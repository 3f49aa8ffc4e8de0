using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Twin;

/// <summary>
/// The twin's repeatable source of invented data: the same seed and the same names give the same ids and choices, in whatever order they are asked for.
/// Never used for secrets, codes or keys. Thread safe.
/// </summary>
/// <param name="seed">Any number; part of everything derived.</param>
public sealed class TwinRandom(int seed)
{
    /// <summary>The seed given at start.</summary>
    public int Seed => seed;

    /// <summary>A generator of its own for one purpose; calls with equal names start equal sequences.</summary>
    public Random For(string name) => new(BitConverter.ToInt32(Digest(name), 0));

    /// <summary>A stable id for a named thing.</summary>
    public Guid Id(params ReadOnlySpan<string> names)
    {
        var bytes = Digest(string.Join('\n', names)).AsSpan(0, 16).ToArray();
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes);
    }

    private byte[] Digest(string name) => SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{name}"));
}
