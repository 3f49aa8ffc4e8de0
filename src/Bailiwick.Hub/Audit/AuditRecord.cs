using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Hub.Audit;

/// <summary>One record of the trail as it stands in the database.</summary>
/// <param name="Sequence">1, 2, 3 … without gaps.</param>
/// <param name="At">UTC ticks.</param>
/// <param name="Event">Stable event code.</param>
/// <param name="ActorKind">As in <see cref="Actor"/>.</param>
/// <param name="ActorId">As in <see cref="Actor"/>.</param>
/// <param name="TenantId">Whose data, or null.</param>
/// <param name="ObjectId">What was acted on, or null.</param>
/// <param name="Detail">Fixed words and ids, or null.</param>
/// <param name="Digest">Digest of the content that was set, or null.</param>
/// <param name="CorrelationId">Trace id of the request, or null.</param>
/// <param name="PreviousHash">The hash of the record before; 32 zero bytes for the first.</param>
/// <param name="Hash">SHA-256 over the previous hash and every field above.</param>
/// <param name="Mac">HMAC-SHA-256 over the hash with a key of the vault.</param>
public sealed record AuditRecord(
    long Sequence,
    long At,
    string Event,
    string ActorKind,
    string ActorId,
    string? TenantId,
    string? ObjectId,
    string? Detail,
    string? Digest,
    string? CorrelationId,
    byte[] PreviousHash,
    byte[] Hash,
    byte[] Mac)
{
    internal const string Select =
        """
        SELECT sequence AS Sequence, at AS At, event AS Event, actor_kind AS ActorKind, actor_id AS ActorId, tenant_id AS TenantId, object_id AS ObjectId,
               detail AS Detail, digest AS Digest, correlation_id AS CorrelationId, previous_hash AS PreviousHash, hash AS Hash, mac AS Mac
        FROM audit_records
        """;

    internal byte[] ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, PreviousHash);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, Sequence);
        Append(hash, number);
        BinaryPrimitives.WriteInt64BigEndian(number, At);
        Append(hash, number);
        foreach (var text in new[] { Event, ActorKind, ActorId, TenantId, ObjectId, Detail, Digest, CorrelationId })
        {
            if (text is null) AppendLength(hash, -1);
            else Append(hash, Encoding.UTF8.GetBytes(text));
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AppendLength(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendLength(IncrementalHash hash, int length)
    {
        Span<byte> prefix = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        hash.AppendData(prefix);
    }
}
