using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Audit;

/// <summary>A checkpoint of the trail kept outside the database: how many records there were and what the last one's hash was.</summary>
/// <param name="Origin">Which vault's trail; the same for its whole life.</param>
/// <param name="Size">Number of records, equal to the last sequence.</param>
/// <param name="Hash">Lower-case hex of the last record's hash, which covers all before.</param>
/// <param name="At">When it was written, UTC.</param>
/// <param name="Mac">Lower-case hex HMAC-SHA-256 over the fields before.</param>
public sealed record AuditAnchor(string Origin, long Size, string Hash, DateTimeOffset At, string Mac)
{
    internal const string OriginUse = "audit-origin";

    private const string KeyUse = "audit-anchor";

    internal static string OriginOf(VaultKeyring keyring) => Convert.ToHexStringLower(SHA256.HashData(keyring.Derive(OriginUse)))[..16];

    internal static AuditAnchor Create(VaultKeyring keyring, long size, byte[] hash, DateTimeOffset at)
    {
        var anchor = new AuditAnchor(OriginOf(keyring), size, Convert.ToHexStringLower(hash), at, "");
        return anchor with { Mac = anchor.ComputeMac(keyring) };
    }

    internal string ComputeMac(VaultKeyring keyring) => Convert.ToHexStringLower(HMACSHA256.HashData(
        keyring.Derive(KeyUse), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Hash}\n{At.UtcTicks}"))));
}

/// <summary>
/// Writes anchors to a file beside the database: after 1,000 records, after 60 s if there was any, and at stop. One JSON object a line, on disk
/// before it counts. Ship the file to a place this hub cannot rewrite.
/// </summary>
public sealed class AuditAnchorWriter(Database database, VaultKeyring keyring, string path, TimeProvider time) : IDisposable
{
    /// <summary>Name of the file in the data directory.</summary>
    public const string FileName = "audit-anchors.jsonl";

    private const int MaxRecords = 1000;

    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _one = new(1, 1);
    private long _size = -1;
    private DateTimeOffset _pendingSince = DateTimeOffset.MaxValue;

    /// <summary>Looks once and writes an anchor if one is due. Call every second or so, and with <paramref name="stopping"/> at the end.</summary>
    /// <returns>True when an anchor was written.</returns>
    public async Task<bool> RunOnceAsync(bool stopping, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_size < 0) _size = await LastSizeAsync(cancellationToken);
            await using var connection = await database.OpenAsync(cancellationToken);
            var head = await connection.QuerySingleAsync<Head>("SELECT sequence AS Sequence, hash AS Hash FROM audit_head WHERE id = 1");
            var now = time.GetUtcNow();
            if (head.Sequence <= _size) return false;
            if (_pendingSince == DateTimeOffset.MaxValue) _pendingSince = now;
            if (!stopping && head.Sequence - _size < MaxRecords && now - _pendingSince < s_maxAge) return false;
            await AppendAsync(AuditAnchor.Create(keyring, head.Sequence, head.Hash, now), cancellationToken);
            _size = head.Sequence;
            _pendingSince = DateTimeOffset.MaxValue;
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The anchors of a file, in order; a torn last line (a crash while writing) is left out, any other bad line is an error.</summary>
    /// <exception cref="InvalidDataException">A line in the middle is not an anchor.</exception>
    public static async Task<IReadOnlyList<AuditAnchor>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return [];
        var text = await File.ReadAllTextAsync(path, cancellationToken);
        var whole = text.LastIndexOf('\n') + 1;
        var anchors = new List<AuditAnchor>();
        foreach (var line in text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var anchor = JsonSerializer.Deserialize<AuditAnchor>(line, JsonSerializerOptions.Web);
                anchors.Add(anchor is { Origin: not null, Hash: not null, Mac: not null } ? anchor : throw new JsonException());
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"Line {anchors.Count + 1} of the anchors' file {Path.GetFileName(path)} is not an anchor: it was damaged or changed.", e);
            }
        }

        return anchors;
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<long> LastSizeAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(path, cancellationToken)) is [.., var last] ? last.Size : 0;

    private async Task AppendAsync(AuditAnchor anchor, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) PrivateFile.WriteNew(path, []);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var whole = await WholeLengthAsync(file, cancellationToken);
        file.SetLength(whole);
        file.Seek(whole, SeekOrigin.Begin);
        await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(anchor, JsonSerializerOptions.Web), cancellationToken);
        file.WriteByte((byte)'\n');
        file.Flush(flushToDisk: true);
    }

    /// <summary>Length up to the last line feed; what follows is a line that a crash tore.</summary>
    private static async Task<long> WholeLengthAsync(FileStream file, CancellationToken cancellationToken)
    {
        var tail = new byte[(int)Math.Min(file.Length, 4096)];
        file.Seek(-tail.Length, SeekOrigin.End);
        await file.ReadExactlyAsync(tail, cancellationToken);
        return file.Length - tail.Length + tail.AsSpan().LastIndexOf((byte)'\n') + 1;
    }

    private sealed record Head(long Sequence, byte[] Hash);
}
