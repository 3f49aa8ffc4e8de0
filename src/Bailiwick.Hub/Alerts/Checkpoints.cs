using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Alerts;

/// <summary>The durable places of the collectors. Written by <see cref="AlertLog"/> only, with the last page of a walk.</summary>
public sealed class Checkpoints(Database database)
{
    private const string Select =
        """
        SELECT tenant_key AS TenantKey, source AS Source, cursor_at AS CursorAt, walked_at AS WalkedAt, hour_swept_at AS HourSweptAt,
               day_swept_at AS DaySweptAt, backfilled_to AS BackfilledTo, late_by AS LateBy
        FROM checkpoints
        """;

    /// <summary>The checkpoint of one (tenant, source), or null before its first clean walk.</summary>
    public async Task<Checkpoint?> FindAsync(long tenantKey, string source, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE tenant_key = @tenantKey AND source = @source", new { tenantKey, source });
        return row?.ToCheckpoint();
    }

    /// <summary>All checkpoints, by (tenant key, source).</summary>
    public async Task<Dictionary<(long TenantKey, string Source), Checkpoint>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(Select);
        return rows.ToDictionary(row => (row.TenantKey, row.Source), row => row.ToCheckpoint());
    }

    internal static Task WriteAsync(WriteTransaction write, long tenantKey, string source, Checkpoint checkpoint) =>
        write.Connection.ExecuteAsync(
            """
            INSERT INTO checkpoints (tenant_key, source, cursor_at, walked_at, hour_swept_at, day_swept_at, backfilled_to, late_by)
            VALUES (@tenantKey, @source, @cursor, @walked, @hour, @day, @back, @late)
            ON CONFLICT (tenant_key, source) DO UPDATE SET
                cursor_at = excluded.cursor_at, walked_at = excluded.walked_at, hour_swept_at = excluded.hour_swept_at,
                day_swept_at = excluded.day_swept_at, backfilled_to = excluded.backfilled_to, late_by = excluded.late_by
            """,
            new
            {
                tenantKey,
                source,
                cursor = checkpoint.Cursor.UtcTicks,
                walked = checkpoint.WalkedAt.UtcTicks,
                hour = checkpoint.HourSweptAt.UtcTicks,
                day = checkpoint.DaySweptAt.UtcTicks,
                back = checkpoint.BackfilledTo.UtcTicks,
                late = checkpoint.LateBy.Ticks,
            },
            write.Transaction);

    private sealed class Row
    {
        public long TenantKey { get; init; }

        public string Source { get; init; } = "";

        public long CursorAt { get; init; }

        public long WalkedAt { get; init; }

        public long HourSweptAt { get; init; }

        public long DaySweptAt { get; init; }

        public long BackfilledTo { get; init; }

        public long LateBy { get; init; }

        public Checkpoint ToCheckpoint() => new()
        {
            Cursor = At(CursorAt),
            WalkedAt = At(WalkedAt),
            HourSweptAt = At(HourSweptAt),
            DaySweptAt = At(DaySweptAt),
            BackfilledTo = At(BackfilledTo),
            LateBy = TimeSpan.FromTicks(LateBy),
        };

        private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
    }
}
