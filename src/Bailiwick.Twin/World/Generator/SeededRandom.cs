using System.Buffers.Binary;
using System.Text;

namespace Bailiwick.Twin.World.Generator;

/// <summary>SplitMix64: the same numbers from the same seed on every machine and runtime. Not for secrets.</summary>
internal struct SeededRandom(ulong state)
{
    private ulong _state = state;

    /// <summary>A stream of its own for a seed and the things it is drawn for.</summary>
    public static SeededRandom For(long seed, Guid owner, long index, string purpose = "")
    {
        Span<byte> bytes = stackalloc byte[16];
        owner.TryWriteBytes(bytes);
        var state = Mix((ulong)seed ^ 0x9E3779B97F4A7C15) ^ Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        state = Mix(state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
        state = Mix(state ^ (ulong)index);
        foreach (var letter in purpose) state = Mix(state ^ letter);
        return new SeededRandom(state);
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>From 0 to one below the bound.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>From 0 up to, not including, 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>Lower-case hex digits.</summary>
    public string Hex(int digits)
    {
        var text = new StringBuilder(digits + 16);
        while (text.Length < digits) text.Append(Next().ToString("x16"));
        return text.ToString(0, digits);
    }

    public Guid Guid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next());
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Next());
        return new Guid(bytes, bigEndian: true) is var guid && guid != System.Guid.Empty ? guid : new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    }

    /// <summary>A log-normal draw around a median, for times that are mostly short and sometimes very long.</summary>
    public double LogNormal(double median, double sigma)
    {
        var (a, b) = (1 - Unit(), Unit());
        return median * Math.Exp(sigma * Math.Sqrt(-2 * Math.Log(a)) * Math.Cos(2 * Math.PI * b));
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
