using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Bailiwick.Api;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Audit;

/// <summary>Who acted: an operator's key or sign-in, or a job of the hub.</summary>
/// <param name="Kind">The closed set: <c>key</c>, <c>person</c>, <c>job</c>, <c>cli</c>.</param>
/// <param name="Id">Stable identifier within the kind; never a name typed by people.</param>
public sealed record Actor(string Kind, string Id)
{
    /// <summary>A job of the hub itself.</summary>
    public static Actor Job(string name) => new("job", name);
}

/// <summary>One act to be recorded.</summary>
/// <param name="Event">Stable event code such as <c>sink.added</c>; success and failure have different codes.</param>
/// <param name="Actor">Who.</param>
/// <param name="Tenant">Whose data, or null when it is the hub's own.</param>
/// <param name="ObjectId">The id of what was acted on.</param>
/// <param name="Detail">Fixed words and ids only; never a secret, never text from outside.</param>
public sealed record AuditEntry(string Event, Actor Actor, TenantId? Tenant = null, string? ObjectId = null, string? Detail = null)
{
    /// <summary>Digest of the content that was set (lower-case hex SHA-256), or null.</summary>
    public string? Digest { get; init; }
}

/// <summary>
/// The append-only record of who did what, written in the transaction of the act itself. Each record carries the hash of the one before and a
/// keyed MAC. Thread safe.
/// </summary>
public sealed partial class AuditLog(VaultKeyring keyring, TimeProvider time)
{
    internal const string KeyUse = "audit-mac";

    private BrokenSeals? _brokenSeals;

    private static readonly Meter s_meter = new(Meters.Audit);
    private static readonly Counter<long> s_records = Instruments.AuditRecords.Counter(s_meter);

    private const int MaxText = 1024;

    /// <summary>No record, no action: an append that waits longer fails, and the act with it.</summary>
    private const int SecondsToWait = 5;

    /// <summary>What was found changed outside the hub, for all stores together.</summary>
    internal BrokenSeals BrokenSeals => LazyInitializer.EnsureInitialized(ref _brokenSeals, () => new BrokenSeals(this, time));

    /// <summary>Appends one record to the chain. If this throws, the act must not happen.</summary>
    /// <exception cref="VaultSealedException">The vault is sealed.</exception>
    public async Task AppendAsync(WriteTransaction write, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(entry);
        if (!EventCode().IsMatch(entry.Event)) throw new ArgumentException($"'{entry.Event}' is not an event code such as 'sink.added'.");
        if (entry.Actor.Kind is not ("key" or "person" or "job" or "cli")) throw new ArgumentException($"'{entry.Actor.Kind}' is not a kind of actor.");
        var key = keyring.Derive(KeyUse);

        // The update locks the head row until the commit: the next append waits, so numbers stay dense and the chain single on both engines.
        var head = await write.Connection.QuerySingleAsync<Head>(
            "UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence AS Sequence, hash AS Hash", null, write.Transaction, SecondsToWait);
        var record = new AuditRecord(
            head.Sequence,
            time.GetUtcNow().UtcTicks,
            entry.Event,
            entry.Actor.Kind,
            Neutralise(entry.Actor.Id)!,
            entry.Tenant?.ToString(),
            Neutralise(entry.ObjectId),
            Neutralise(entry.Detail),
            Neutralise(entry.Digest),
            Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null,
            head.Hash,
            [],
            []);
        var hash = record.ComputeHash();
        record = record with { Hash = hash, Mac = HMACSHA256.HashData(key, hash) };
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO audit_records (sequence, at, event, actor_kind, actor_id, tenant_id, object_id, detail, digest, correlation_id, previous_hash, hash, mac)
            VALUES (@Sequence, @At, @Event, @ActorKind, @ActorId, @TenantId, @ObjectId, @Detail, @Digest, @CorrelationId, @PreviousHash, @Hash, @Mac)
            """,
            record,
            write.Transaction,
            SecondsToWait);
        await write.Connection.ExecuteAsync("UPDATE audit_head SET hash = @hash WHERE id = 1", new { hash }, write.Transaction, SecondsToWait);
        s_records.Add(1);
    }

    /// <summary>A page of the trail, oldest first.</summary>
    /// <param name="database">Where it stands.</param>
    /// <param name="after">Records with a greater sequence; 0 from the beginning.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="tenant">Only this tenant's records; null for all, which is for the provider only.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<IReadOnlyList<AuditRecord>> ListAsync(Database database, long after, int max, TenantId? tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenAsync(cancellationToken);
        var filter = tenant is null ? "" : " AND tenant_id = @tenant";
        return (await connection.QueryAsync<AuditRecord>(
            $"{AuditRecord.Select} WHERE sequence > @after{filter} ORDER BY sequence LIMIT @max",
            new { after, max = Math.Clamp(max, 1, 1000), tenant = tenant?.ToString() })).AsList();
    }

    /// <summary>A page of the trail, newest first.</summary>
    /// <param name="database">Where it stands.</param>
    /// <param name="before">Records with a smaller sequence; null from the newest.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="tenants">Only these tenants' records; null for all, which is for the provider only. An empty list gives nothing.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<IReadOnlyList<AuditRecord>> ListNewestAsync(
        Database database, long? before, int max, IReadOnlyCollection<TenantId>? tenants, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenAsync(cancellationToken);
        var filter = tenants is null ? "" : $" AND tenant_id IN ({SqlList.Of(tenants.Select(tenant => tenant.Value))})";
        return (await connection.QueryAsync<AuditRecord>(
            $"{AuditRecord.Select} WHERE sequence < @before{filter} ORDER BY sequence DESC LIMIT @max",
            new { before = before ?? long.MaxValue, max = Math.Clamp(max, 1, 1000) })).AsList();
    }

    private static string? Neutralise(string? text)
    {
        if (text is null) return null;
        var clean = new StringBuilder(Math.Min(text.Length, MaxText));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxText) break;
            clean.Append(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }

    [GeneratedRegex(@"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex EventCode();

    private sealed record Head(long Sequence, byte[] Hash);
}
