using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;

namespace Bailiwick.Hub.Alerts;

/// <summary>
/// The identity of one alert version: SHA-256 over the length-prefixed tenant id, source, alert id and version
/// (last-update ticks and content digest). The same on every hub, for every sink, for ever.
/// </summary>
public static class AlertKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>The key as 64 lower-case hex digits.</summary>
    public static string Of(TenantId tenant, string source, string alertId, long updatedTicks, ReadOnlySpan<byte> digest)
    {
        Span<byte> key = stackalloc byte[Size];
        Compute(tenant, source, alertId, updatedTicks, digest, key);
        return Convert.ToHexStringLower(key);
    }

    /// <summary>Writes the 32 key bytes to <paramref name="key"/>.</summary>
    public static void Compute(TenantId tenant, string source, string alertId, long updatedTicks, ReadOnlySpan<byte> digest, Span<byte> key)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(alertId);
        var length = 4 + 16 + 4 + Encoding.UTF8.GetByteCount(source) + 4 + Encoding.UTF8.GetByteCount(alertId) + 4 + 8 + digest.Length;
        var buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var at = 0;
        BinaryPrimitives.WriteInt32BigEndian(buffer, 16);
        tenant.Value.TryWriteBytes(buffer[4..], bigEndian: true, out _);
        at += 20;
        foreach (var text in (ReadOnlySpan<string>)[source, alertId])
        {
            var written = Encoding.UTF8.GetBytes(text, buffer[(at + 4)..]);
            BinaryPrimitives.WriteInt32BigEndian(buffer[at..], written);
            at += 4 + written;
        }

        BinaryPrimitives.WriteInt32BigEndian(buffer[at..], 8 + digest.Length);
        BinaryPrimitives.WriteInt64BigEndian(buffer[(at + 4)..], updatedTicks);
        digest.CopyTo(buffer[(at + 12)..]);
        SHA256.HashData(buffer, key);
    }
}
