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
    public static string Of(AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        Span<byte> key = stackalloc byte[Size];
        Compute(version.Tenant, version.Source, Encoding.UTF8.GetBytes(version.AlertId), version.UpdatedAt.UtcTicks, version.Digest.Span, key);
        return Convert.ToHexStringLower(key);
    }

    /// <summary>Writes the 32 key bytes to <paramref name="key"/>.</summary>
    public static void Compute(TenantId tenant, string source, ReadOnlySpan<byte> alertId, long updatedTicks, ReadOnlySpan<byte> digest, Span<byte> key)
    {
        ArgumentNullException.ThrowIfNull(source);
        var length = 4 + 16 + 4 + Encoding.UTF8.GetByteCount(source) + 4 + alertId.Length + 4 + 8 + digest.Length;
        var buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var at = 0;
        BinaryPrimitives.WriteInt32BigEndian(buffer, 16);
        tenant.Value.TryWriteBytes(buffer[4..], bigEndian: true, out _);
        at += 20;
        var sourceLength = Encoding.UTF8.GetBytes(source, buffer[(at + 4)..]);
        BinaryPrimitives.WriteInt32BigEndian(buffer[at..], sourceLength);
        at += 4 + sourceLength;
        BinaryPrimitives.WriteInt32BigEndian(buffer[at..], alertId.Length);
        alertId.CopyTo(buffer[(at + 4)..]);
        at += 4 + alertId.Length;
        BinaryPrimitives.WriteInt32BigEndian(buffer[at..], 8 + digest.Length);
        BinaryPrimitives.WriteInt64BigEndian(buffer[(at + 4)..], updatedTicks);
        digest.CopyTo(buffer[(at + 12)..]);
        SHA256.HashData(buffer, key);
    }
}
