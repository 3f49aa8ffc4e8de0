using System.Security.Cryptography;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Audit;

/// <summary>What a check of the trail found.</summary>
public abstract record AuditVerdict
{
    private AuditVerdict()
    {
    }

    /// <summary>Every number, hash, MAC and anchor fits.</summary>
    /// <param name="Records">How many records there are.</param>
    /// <param name="Anchors">How many anchors were compared.</param>
    public sealed record Intact(long Records, int Anchors) : AuditVerdict;

    /// <summary>The first position that does not fit; everything before it does.</summary>
    /// <param name="Position">A sequence.</param>
    /// <param name="Fault">One sentence: what does not fit there.</param>
    public sealed record Broken(long Position, string Fault) : AuditVerdict;

    /// <summary>The anchors' file is damaged; the trail was not looked at.</summary>
    /// <param name="Fault">One sentence: which line.</param>
    public sealed record AnchorsDamaged(string Fault) : AuditVerdict;
}

/// <summary>Checks the trail without a running hub: numbering, hash chain, MACs, and every anchor by number and hash.</summary>
public static class AuditVerifier
{
    private const int Page = 1000;

    /// <summary>Reads the whole trail once.</summary>
    /// <param name="database">Where it stands.</param>
    /// <param name="keyring">The open vault: the MAC keys are derived from it.</param>
    /// <param name="anchorsPath">The anchors' file, from this hub or from the place it was shipped to. A missing file counts as no anchors.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<AuditVerdict> VerifyAsync(Database database, VaultKeyring keyring, string anchorsPath, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(keyring);
        IReadOnlyList<AuditAnchor> anchors;
        try
        {
            anchors = await AuditAnchorWriter.ReadAsync(anchorsPath, cancellationToken);
        }
        catch (InvalidDataException damaged)
        {
            return new AuditVerdict.AnchorsDamaged(damaged.Message);
        }

        if (CheckAnchors(anchors, keyring) is { } bad) return bad;
        var bySize = anchors.ToLookup(anchor => anchor.Size);
        var key = keyring.Derive(AuditLog.KeyUse);
        var head = await ReadHeadAsync(database, cancellationToken); // before the records: a running hub may append while they are read
        var previous = new byte[SHA256.HashSizeInBytes];
        var sequence = 0L;
        while (true)
        {
            var page = await AuditLog.ListAsync(database, sequence, Page, null, cancellationToken);
            if (page.Count == 0) break;
            foreach (var record in page)
            {
                if (Check(record, sequence + 1, previous, key, bySize[sequence + 1]) is { } fault) return new AuditVerdict.Broken(sequence + 1, fault);
                if (record.Sequence == head.Sequence && !head.Hash.AsSpan().SequenceEqual(record.Hash))
                    return new AuditVerdict.Broken(record.Sequence, "The head of the trail has another hash here.");
                sequence = record.Sequence;
                previous = record.Hash;
            }
        }

        if (anchors is [.., var last] && last.Size > sequence)
            return new AuditVerdict.Broken(sequence + 1, $"The trail ends at {sequence}, but an anchor of {last.At:O} counted {last.Size} records.");
        return sequence >= head.Sequence
            ? new AuditVerdict.Intact(sequence, anchors.Count)
            : new AuditVerdict.Broken(sequence + 1, $"The trail ends at {sequence}, but its head says {head.Sequence}.");
    }

    private static async Task<Head> ReadHeadAsync(Database database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<Head>("SELECT sequence AS Sequence, hash AS Hash FROM audit_head WHERE id = 1");
    }

    private static string? Check(AuditRecord record, long expected, byte[] previous, byte[] key, IEnumerable<AuditAnchor> anchors)
    {
        if (record.Sequence != expected) return $"Record {expected} is missing; the next one is {record.Sequence}.";
        if (!record.PreviousHash.AsSpan().SequenceEqual(previous)) return "The hash of the record before does not fit.";
        if (!record.ComputeHash().AsSpan().SequenceEqual(record.Hash)) return "The content does not fit its hash.";
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, record.Hash), record.Mac)) return "The MAC does not fit: the record was not written by this hub.";
        var hash = Convert.ToHexStringLower(record.Hash);
        return anchors.FirstOrDefault(anchor => anchor.Hash != hash) is { } other
            ? $"An anchor of {other.At:O} has another hash here: the trail was rewritten or is a fork."
            : null;
    }

    private static AuditVerdict.Broken? CheckAnchors(IReadOnlyList<AuditAnchor> anchors, VaultKeyring keyring)
    {
        var origin = AuditAnchor.OriginOf(keyring);
        var size = 0L;
        foreach (var anchor in anchors)
        {
            if (anchor.Origin != origin) return new AuditVerdict.Broken(anchor.Size, $"An anchor belongs to another hub's trail ('{anchor.Origin}').");
            if (!CryptographicOperations.FixedTimeEquals(System.Text.Encoding.ASCII.GetBytes(anchor.ComputeMac(keyring)), System.Text.Encoding.ASCII.GetBytes(anchor.Mac)))
                return new AuditVerdict.Broken(anchor.Size, "The MAC of the anchor does not fit.");
            if (anchor.Size < size) return new AuditVerdict.Broken(anchor.Size, $"The anchor comes after one that counted {size} records: the trail is a fork of an older state.");
            size = anchor.Size;
        }

        return null;
    }

    private sealed record Head(long Sequence, byte[] Hash);
}
