using System.Collections.Concurrent;
using System.Data.Common;
using Bailiwick.Api;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Alerts;

/// <summary>
/// The append-only record of every alert version, numbered densely per tenant. One call writes one page in one transaction: identities, log rows with
/// their numbers, the current state, what was set aside, and with the last page of a walk the checkpoint. Thread safe.
/// </summary>
public sealed class AlertLog(Database database, TimeProvider time)
{
    /// <summary>Asked at the end of each walk, so it must not cost more as the log grows.</summary>
    internal const string SelectCurrent = "SELECT alert_id FROM alerts WHERE tenant_key = @tenant AND source = @source AND updated_at >= @from AND updated_at < @to";

    private readonly ConcurrentDictionary<long, bool> _unannounced = new(); // tenants with a commit of unknown outcome

    /// <summary>Raised after a commit that added versions, with the tenant key and its new last log number; also after the first commit that follows
    /// one of unknown outcome, whose versions nobody was told of. Handlers must be quick.</summary>
    public event Action<long, long>? Appended;

    /// <summary>Stores a page.</summary>
    /// <param name="tenantKey">The tenant's small key.</param>
    /// <param name="tenant">The tenant's id; part of every version's identity.</param>
    /// <param name="source">The source's name, as in <see cref="AlertSources"/>.</param>
    /// <param name="alerts">The page's versions in the source's order; those already stored are recognised and skipped.</param>
    /// <param name="rejected">Records that cannot be stored; dead-lettered in the same transaction.</param>
    /// <param name="walk">With the last page of a clean walk: what it covered and where the collector stands now. Else null.</param>
    /// <param name="cancellationToken">Stops before the transaction; a commit is never interrupted.</param>
    public async Task<AppendResult> AppendAsync(
        long tenantKey,
        TenantId tenant,
        string source,
        IReadOnlyList<CollectedAlert> alerts,
        IReadOnlyList<RejectedRecord> rejected,
        CleanWalk? walk,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alerts);
        ArgumentNullException.ThrowIfNull(rejected);
        if (alerts.Count == 0 && rejected.Count == 0 && walk is null) return default;
        var now = time.GetUtcNow();
        var started = time.GetTimestamp();
        var isUnannounced = _unannounced.TryRemove(tenantKey, out _); // before the transaction: what fails from here on leaves its own mark
        int added;
        long head;
        DateTimeOffset? oldest;
        try
        {
            (added, head, oldest) = await database.WriteUnderLeaseAsync(
                async write =>
                {
                    var first = alerts.Count > 0 || isUnannounced ? await ReadHeadAsync(write, tenantKey) : 0;
                    var (last, oldestNews) = await AppendVersionsAsync(write, tenantKey, tenant, source, alerts, first, now);
                    if (last > first) await WriteHeadAsync(write, tenantKey, last);
                    foreach (var record in rejected) await DeadLetters.SetAsideAsync(write, tenantKey, source, record, now);
                    if (walk is not null)
                    {
                        await Checkpoints.WriteAsync(write, tenantKey, source, walk.Earned);
                        await CoverageLedger.NoteWalkAsync(write, tenantKey, source, walk, now);
                    }

                    return ((int)(last - first), last, oldestNews);
                },
                cancellationToken);
        }
        catch
        {
            _unannounced[tenantKey] = true; // it may have been committed
            throw;
        }

        AlertMetrics.Appended(source, added, alerts.Count - added, time.GetElapsedTime(started));
        if (isUnannounced || added > 0) Appended?.Invoke(tenantKey, head);
        return new AppendResult(added, oldest);
    }

    /// <summary>The last log number of every tenant that has any, by tenant key.</summary>
    public async Task<Dictionary<long, long>> ReadHeadsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT tenant_key, log_number FROM alert_log_heads";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new Dictionary<long, long>();
        while (await reader.ReadAsync(cancellationToken)) heads.Add(reader.GetInt64(0), reader.GetInt64(1));
        return heads;
    }

    /// <summary>Versions after a position, oldest first.</summary>
    /// <param name="tenantKey">The tenant's small key.</param>
    /// <param name="tenant">The tenant's id, for the records.</param>
    /// <param name="after">The last log number already read; 0 to begin.</param>
    /// <param name="maxAlerts">At most this many.</param>
    /// <param name="maxBytes">Stops after the version that reaches this many raw bytes; at least one version is read.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async Task<List<AlertVersion>> ReadAsync(
        long tenantKey, TenantId tenant, long after, int maxAlerts, int maxBytes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT log_number, source, alert_id, updated_at, digest, collected_at, raw FROM alert_log
            WHERE tenant_key = @tenant AND log_number > @after ORDER BY log_number LIMIT @count
            """;
        Add(command, "tenant", tenantKey);
        Add(command, "after", after);
        Add(command, "count", maxAlerts);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var versions = new List<AlertVersion>();
        var bytes = 0L;
        while (bytes < maxBytes && await reader.ReadAsync(cancellationToken))
        {
            var raw = reader.GetFieldValue<byte[]>(6);
            bytes += raw.Length;
            versions.Add(new AlertVersion
            {
                Tenant = tenant,
                LogNumber = reader.GetInt64(0),
                Source = AlertSources.Shared(reader.GetString(1)),
                AlertId = reader.GetString(2),
                UpdatedAt = new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero),
                Digest = reader.GetFieldValue<byte[]>(4),
                CollectedAt = new DateTimeOffset(reader.GetInt64(5), TimeSpan.Zero),
                Raw = raw,
            });
        }

        return versions;
    }

    /// <summary>Whether the log holds any version of an alert.</summary>
    public async Task<bool> HoldsAsync(long tenantKey, string source, string alertId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM alerts WHERE tenant_key = @tenant AND source = @source AND alert_id = @alert";
        Add(command, "tenant", tenantKey);
        Add(command, "source", source);
        Add(command, "alert", alertId);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>The ids of a source's alerts whose newest version was updated in a closed-open window.</summary>
    public async Task<List<string>> ListCurrentAsync(long tenantKey, string source, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = SelectCurrent;
        Add(command, "from", from.UtcTicks);
        Add(command, "to", to.UtcTicks);
        Add(command, "tenant", tenantKey);
        Add(command, "source", source);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) ids.Add(reader.GetString(0));
        return ids;
    }

    private static async Task<(long Last, DateTimeOffset? OldestNews)> AppendVersionsAsync(
        WriteTransaction write, long tenantKey, TenantId tenant, string source, IReadOnlyList<CollectedAlert> alerts, long first, DateTimeOffset now)
    {
        var last = first;
        DateTimeOffset? oldest = null;
        var hours = new List<HourNews>();
        var key = new byte[AlertKey.Size];
        for (var i = 0; i < alerts.Count; i++)
        {
            var alert = alerts[i];
            AlertKey.Compute(tenant, source, alert.AlertId, alert.UpdatedAt.UtcTicks, alert.Digest.Span, key);
            if (!await ClaimAsync(write, tenantKey, alert.UpdatedAt.UtcTicks, key)) continue;
            last++;
            var (previous, isNews) = await MakeCurrentAsync(write, tenantKey, source, alert, last);
            await InsertVersionAsync(write, tenantKey, source, alert, last, previous, now);
            if (isNews && (oldest is null || alert.UpdatedAt < oldest)) oldest = alert.UpdatedAt;
            Count(hours, CoverageLedger.HourOf(alert.UpdatedAt), last);
        }

        foreach (var hour in hours) await CoverageLedger.NoteVersionsAsync(write, tenantKey, source, hour, now);
        return (last, oldest);
    }

    /// <summary>Pages are mostly in time order, so the hour is nearly always the one counted last.</summary>
    private static void Count(List<HourNews> hours, long hour, long number)
    {
        var at = hours.Count - 1;
        while (at >= 0 && hours[at].Hour != hour) at--;
        if (at < 0) hours.Add(new HourNews(hour, 1, number));
        else hours[at] = hours[at] with { Versions = hours[at].Versions + 1, LastNumber = number };
    }

    /// <summary>False when this version was stored before.</summary>
    private static async Task<bool> ClaimAsync(WriteTransaction write, long tenantKey, long updatedTicks, byte[] key)
    {
        var command = write.Prepare(
            "INSERT INTO alert_identities (tenant_key, updated_at, alert_key) VALUES (@tenant, @updated, @key) ON CONFLICT DO NOTHING",
            "tenant",
            "updated",
            "key");
        command.Parameters[0].Value = tenantKey;
        command.Parameters[1].Value = updatedTicks;
        command.Parameters[2].Value = key;
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }

    private static Task<int> InsertVersionAsync(
        WriteTransaction write, long tenantKey, string source, in CollectedAlert alert, long number, long previous, DateTimeOffset now)
    {
        var command = write.Prepare(
            """
            INSERT INTO alert_log (tenant_key, log_number, source, alert_id, updated_at, digest, collected_at, raw, previous)
            VALUES (@tenant, @number, @source, @alert, @updated, @digest, @collected, @raw, @previous)
            """,
            "tenant",
            "number",
            "source",
            "alert",
            "updated",
            "digest",
            "collected",
            "raw",
            "previous");
        command.Parameters[0].Value = tenantKey;
        command.Parameters[1].Value = number;
        command.Parameters[2].Value = source;
        command.Parameters[3].Value = alert.AlertId;
        command.Parameters[4].Value = alert.UpdatedAt.UtcTicks;
        command.Parameters[5].Value = Bytes(alert.Digest);
        command.Parameters[6].Value = now.UtcTicks;
        command.Parameters[7].Value = alert.Raw.ToArray();
        command.Parameters[8].Value = previous;
        return command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>
    /// Makes a version the alert's current state, unless a newer one is; answers the version stored before it, 0 for the first, and whether its update
    /// time is later than what was known of the alert.
    /// </summary>
    private static async Task<(long Previous, bool IsNews)> MakeCurrentAsync(WriteTransaction write, long tenantKey, string source, CollectedAlert alert, long number)
    {
        var insert = write.Prepare(
            """
            INSERT INTO alerts (tenant_key, source, alert_id, log_number, stored_number, updated_at, created_at, severity, status)
            VALUES (@tenant, @source, @alert, @number, @number, @updated, @created, @severity, @status)
            ON CONFLICT (tenant_key, source, alert_id) DO NOTHING
            """,
            CurrentParameters);
        SetCurrent(insert, tenantKey, source, alert, number);
        if (await insert.ExecuteNonQueryAsync(CancellationToken.None) == 1) return (0, true);

        var find = write.Prepare("SELECT stored_number, updated_at FROM alerts WHERE tenant_key = @tenant AND source = @source AND alert_id = @alert", "tenant", "source", "alert");
        find.Parameters[0].Value = tenantKey;
        find.Parameters[1].Value = source;
        find.Parameters[2].Value = alert.AlertId;
        long previous;
        bool isNews;
        await using (var row = await find.ExecuteReaderAsync(CancellationToken.None))
        {
            await row.ReadAsync(CancellationToken.None);
            previous = row.GetInt64(0);
            isNews = alert.UpdatedAt.UtcTicks > row.GetInt64(1);
        }

        var update = write.Prepare(
            """
            UPDATE alerts SET
                stored_number = @number,
                log_number = CASE WHEN @updated >= updated_at THEN @number ELSE log_number END,
                created_at = CASE WHEN @updated >= updated_at THEN @created ELSE created_at END,
                severity = CASE WHEN @updated >= updated_at THEN @severity ELSE severity END,
                status = CASE WHEN @updated >= updated_at THEN @status ELSE status END,
                updated_at = CASE WHEN @updated >= updated_at THEN @updated ELSE updated_at END
            WHERE tenant_key = @tenant AND source = @source AND alert_id = @alert
            """,
            CurrentParameters);
        SetCurrent(update, tenantKey, source, alert, number);
        await update.ExecuteNonQueryAsync(CancellationToken.None);
        return (previous, isNews);
    }

    private static readonly string[] CurrentParameters = ["tenant", "source", "alert", "number", "updated", "created", "severity", "status"];

    private static void SetCurrent(DbCommand command, long tenantKey, string source, in CollectedAlert alert, long number)
    {
        command.Parameters[0].Value = tenantKey;
        command.Parameters[1].Value = source;
        command.Parameters[2].Value = alert.AlertId;
        command.Parameters[3].Value = number;
        command.Parameters[4].Value = alert.UpdatedAt.UtcTicks;
        command.Parameters[5].Value = alert.CreatedAt.UtcTicks;
        command.Parameters[6].Value = (long)alert.Severity;
        command.Parameters[7].Value = (long)alert.Status;
    }

    /// <summary>Reads the tenant's last number and, on the engine with many writers, locks its row for this transaction.</summary>
    private static async Task<long> ReadHeadAsync(WriteTransaction write, long tenantKey)
    {
        if (write.Dialect == SqlDialect.Postgres)
        {
            var create = write.Prepare("INSERT INTO alert_log_heads (tenant_key, log_number) VALUES (@tenant, 0) ON CONFLICT DO NOTHING", "tenant");
            create.Parameters[0].Value = tenantKey;
            await create.ExecuteNonQueryAsync(CancellationToken.None);
        }

        var command = write.Prepare(
            write.Dialect == SqlDialect.Postgres
                ? "SELECT log_number FROM alert_log_heads WHERE tenant_key = @tenant FOR UPDATE"
                : "SELECT log_number FROM alert_log_heads WHERE tenant_key = @tenant",
            "tenant");
        command.Parameters[0].Value = tenantKey;
        return await command.ExecuteScalarAsync(CancellationToken.None) is long number ? number : 0;
    }

    private static async Task WriteHeadAsync(WriteTransaction write, long tenantKey, long number)
    {
        var command = write.Prepare(
            "INSERT INTO alert_log_heads (tenant_key, log_number) VALUES (@tenant, @number) ON CONFLICT (tenant_key) DO UPDATE SET log_number = excluded.log_number",
            "tenant",
            "number");
        command.Parameters[0].Value = tenantKey;
        command.Parameters[1].Value = number;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
