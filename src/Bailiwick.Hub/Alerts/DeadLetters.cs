using System.Security.Cryptography;
using System.Text;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Alerts;

/// <summary>A version that a sink refuses for good.</summary>
/// <param name="Version">The version; it stays in the log, only the place is recorded.</param>
/// <param name="Reason">The closed word of the failure.</param>
/// <param name="Detail">One sentence for people.</param>
public sealed record SetAside(AlertVersion Version, string Reason, string Detail);

/// <summary>One record that was set aside.</summary>
public sealed record DeadLetter
{
    /// <summary>Its id, a version 7 GUID.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant it belongs to (small key).</summary>
    public required long TenantKey { get; init; }

    /// <summary><c>sink:NAME</c>, <c>feed:NAME</c> or <c>collector:SOURCE</c>.</summary>
    public required string Reader { get; init; }

    /// <summary>The place in the tenant's log; null for a record that never got into it.</summary>
    public long? LogNumber { get; init; }

    /// <summary>The source's name.</summary>
    public required string Source { get; init; }

    /// <summary>The alert id, or empty.</summary>
    public required string AlertId { get; init; }

    /// <summary>The closed word of the failure.</summary>
    public required string Reason { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Detail { get; init; }

    /// <summary>UTC ticks.</summary>
    public required long SetAsideAt { get; init; }

    /// <summary><c>waiting</c>, <c>replay</c> (asked for), <c>delivered</c> or <c>discarded</c>.</summary>
    public required string State { get; init; }
}

/// <summary>Which letters a question or an act means: those to which every part given applies.</summary>
/// <param name="TenantKeys">Only these tenants'; null for all.</param>
/// <param name="Reader">Only this reader's; null for all.</param>
/// <param name="Reason">Only those with this reason, in any case; null for all.</param>
/// <param name="From">Only those set aside at this time or later; null for all.</param>
/// <param name="To">Only those set aside before this time; null for all.</param>
/// <param name="OnlySinks">True: only letters of sinks, whose versions are in the log.</param>
public sealed record DeadLetterFilter(
    IReadOnlyCollection<long>? TenantKeys = null, string? Reader = null, string? Reason = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool OnlySinks = false);

/// <summary>The records set aside, durable and listable until somebody replays or discards them.</summary>
public sealed class DeadLetters(Database database)
{
    /// <summary>Raw bytes kept of a record that never got into the log.</summary>
    public const int MaxRawBytes = 1024 * 1024;

    private const string Columns =
        "dead_letter_id AS Id, tenant_key AS TenantKey, reader AS Reader, log_number AS LogNumber, source AS Source, alert_id AS AlertId, " +
        "reason AS Reason, detail AS Detail, set_aside_at AS SetAsideAt, state AS State";

    /// <summary>Raised after a replay was asked for, with the reader's name.</summary>
    public event Action<string>? ReplayAsked;

    /// <summary>Lists, newest first.</summary>
    /// <param name="tenantKeys">Only these tenants; null for all.</param>
    /// <param name="reader">Only this reader; null for all.</param>
    /// <param name="state">Only this state; null for all.</param>
    /// <param name="before">Only ids before this one (ids grow with time); null to begin.</param>
    /// <param name="count">At most this many.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public Task<IReadOnlyList<DeadLetter>> ListAsync(
        IReadOnlyCollection<long>? tenantKeys, string? reader, string? state, string? before, int count, CancellationToken cancellationToken) =>
        ListAsync(new DeadLetterFilter(tenantKeys, reader), state, before, count, cancellationToken);

    /// <summary>Lists those of a selection, newest first.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="state">Only this state; null for all.</param>
    /// <param name="before">Only ids before this one; null to begin.</param>
    /// <param name="count">At most this many.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter selection, string? state, string? before, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(selection);
        var values = new DynamicParameters(new { before, count });
        var where = Where(selection, state, values) + (before is null ? "" : " AND dead_letter_id < @before");
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<DeadLetter>($"SELECT {Columns} FROM dead_letters {where} ORDER BY dead_letter_id DESC LIMIT @count", values)).AsList();
    }

    /// <summary>One dead letter, or null.</summary>
    public async Task<DeadLetter?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<DeadLetter>($"SELECT {Columns} FROM dead_letters WHERE dead_letter_id = @id", new { id });
    }

    /// <summary>How many are waiting, by reader.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountWaitingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Reader, long Count)>("SELECT reader, COUNT(*) FROM dead_letters WHERE state = 'waiting' GROUP BY reader");
        return rows.ToDictionary(row => row.Reader, row => row.Count);
    }

    /// <summary>The bytes of a record that never got into the log, or null.</summary>
    public async Task<byte[]?> ReadRawAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<byte[]?>("SELECT raw FROM dead_letters WHERE dead_letter_id = @id", new { id });
    }

    /// <summary>
    /// Changes the state of one letter, only from an expected one. The caller writes the audit record in the same transaction.
    /// </summary>
    public static async Task<bool> ChangeStateAsync(WriteTransaction write, string id, string from, string to)
    {
        ArgumentNullException.ThrowIfNull(write);
        return await write.Connection.ExecuteAsync(
            "UPDATE dead_letters SET state = @to WHERE dead_letter_id = @id AND state = @from", new { id, from, to }, write.Transaction) == 1;
    }

    /// <summary>Changes the state of every waiting letter of a selection. The caller writes the audit records in the same transaction.</summary>
    /// <param name="write">The transaction.</param>
    /// <param name="selection">Which.</param>
    /// <param name="to">The new state.</param>
    /// <returns>How many were changed, by tenant key and reader.</returns>
    public static async Task<IReadOnlyList<(long TenantKey, string Reader, long Count)>> ChangeWaitingAsync(WriteTransaction write, DeadLetterFilter selection, string to)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(selection);
        var values = new DynamicParameters(new { to });
        var where = Where(selection, "waiting", values);
        var groups = (await write.Connection.QueryAsync<(long TenantKey, string Reader, long Count)>(
            $"SELECT tenant_key, reader, COUNT(*) FROM dead_letters {where} GROUP BY tenant_key, reader ORDER BY tenant_key, reader", values, write.Transaction)).AsList();
        if (groups.Count > 0) await write.Connection.ExecuteAsync($"UPDATE dead_letters SET state = @to {where}", values, write.Transaction);
        return groups;
    }

    /// <summary>Wakes the reader that has something to replay.</summary>
    public void AnnounceReplay(string reader) => ReplayAsked?.Invoke(reader);

    internal static Task SetAsideAsync(WriteTransaction write, long tenantKey, string reader, SetAside setAside, DateTimeOffset now) =>
        InsertAsync(
            write,
            tenantKey,
            reader,
            setAside.Version.LogNumber,
            setAside.Version.Source,
            setAside.Version.AlertId,
            setAside.Reason,
            setAside.Detail,
            null,
            setAside.Version.Key,
            now);

    internal static Task SetAsideAsync(WriteTransaction write, long tenantKey, string source, RejectedRecord record, DateTimeOffset now) =>
        InsertAsync(
            write,
            tenantKey,
            $"collector:{source}",
            null,
            source,
            record.AlertId,
            record.Reason,
            record.Detail,
            record.Raw.Length > MaxRawBytes ? record.Raw[..MaxRawBytes].ToArray() : record.Raw.ToArray(),
            ContentKey(source, record),
            now);

    private static string Where(DeadLetterFilter selection, string? state, DynamicParameters values)
    {
        var where = "WHERE 1 = 1";
        if (state is not null) Add("state = @state", "state", state);
        if (selection.TenantKeys is not null) where += $" AND tenant_key IN ({SqlList.Of(selection.TenantKeys)})";
        if (selection.Reader is not null) Add("reader = @reader", "reader", selection.Reader);
        if (selection.Reason is not null) Add("LOWER(reason) = @reason", "reason", selection.Reason.ToLowerInvariant());
        if (selection.From is { } from) Add("set_aside_at >= @from", "from", from.UtcTicks);
        if (selection.To is { } until) Add("set_aside_at < @until", "until", until.UtcTicks);
        if (selection.OnlySinks) where += " AND reader LIKE 'sink:%'";
        return where;

        void Add(string condition, string name, object value)
        {
            where += $" AND {condition}";
            values.Add(name, value);
        }
    }

    private static string ContentKey(string source, RejectedRecord record)
    {
        if (record.Place is not null) return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source} {record.Place}")));
        return Convert.ToHexStringLower(record.Digest.IsEmpty ? SHA256.HashData(record.Raw.Span) : record.Digest.Span);
    }

    private static Task InsertAsync(
        WriteTransaction write,
        long tenantKey,
        string reader,
        long? logNumber,
        string source,
        string alertId,
        string reason,
        string detail,
        byte[]? raw,
        string contentKey,
        DateTimeOffset now) =>
        write.Connection.ExecuteAsync(
            """
            INSERT INTO dead_letters (dead_letter_id, tenant_key, reader, log_number, source, alert_id, reason, detail, raw, set_aside_at, state, content_key)
            VALUES (@id, @tenantKey, @reader, @logNumber, @source, @alertId, @reason, @detail, @raw, @at, 'waiting', @contentKey)
            ON CONFLICT (reader, tenant_key, content_key) DO NOTHING
            """,
            new
            {
                id = Guid.CreateVersion7(now).ToString("D"),
                tenantKey,
                reader,
                logNumber,
                source,
                alertId,
                reason,
                detail,
                raw,
                at = now.UtcTicks,
                contentKey,
            },
            write.Transaction);
}
