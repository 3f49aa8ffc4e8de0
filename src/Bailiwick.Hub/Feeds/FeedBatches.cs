using System.Text.Json;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Feeds;

/// <summary>What a batch holds of one tenant's log.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="From">The position before; the first record is the next one.</param>
/// <param name="To">The last log number; where the position goes when the batch is confirmed.</param>
/// <param name="CustomerName">As it was when the batch was formed, so that the batch stays the same to the byte.</param>
/// <param name="Bad">Log numbers in between that cannot be written in the feed's format; set aside when the batch is confirmed.</param>
internal sealed record FeedSegment(long TenantKey, long From, long To, string CustomerName, IReadOnlyList<long> Bad);

/// <summary>The batch handed out last to one audience.</summary>
/// <param name="Audience">Whose.</param>
/// <param name="Receipt">Names it.</param>
/// <param name="Segments">What it holds, in order.</param>
/// <param name="Records">How many records it gave.</param>
/// <param name="Turn">The tenant key served last.</param>
/// <param name="FormedAt">UTC.</param>
/// <param name="Confirmed">Whether it was confirmed.</param>
internal sealed record HandedOut(string Audience, string Receipt, IReadOnlyList<FeedSegment> Segments, long Records, long Turn, DateTimeOffset FormedAt, bool Confirmed);

/// <summary>The rows of batches handed out. Every change happens while the feed's own row is locked, so two hubs cannot hand out the same twice.</summary>
internal static class FeedBatches
{
    private const string Select =
        "SELECT audience AS Audience, receipt AS Receipt, segments AS Segments, records AS Records, turn AS Turn, formed_at AS FormedAt, confirmed AS Confirmed FROM feed_batches WHERE feed_id = @feed";

    public static async Task<List<HandedOut>> ListAsync(Database database, FeedDefinition feed, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return [.. (await connection.QueryAsync<Row>(Select, new { feed = feed.Id.ToString("D") })).Select(row => row.ToHandedOut())];
    }

    /// <summary>Locks the feed for this transaction and reads what is handed out; null when the feed was removed meanwhile.</summary>
    public static async Task<List<HandedOut>?> LockAsync(WriteTransaction write, FeedDefinition feed)
    {
        var id = new { feed = feed.Id.ToString("D") };
        if (await write.Connection.ExecuteAsync("UPDATE feeds SET feed_id = feed_id WHERE feed_id = @feed", id, write.Transaction) == 0) return null;
        return [.. (await write.Connection.QueryAsync<Row>(Select, id, write.Transaction)).Select(row => row.ToHandedOut())];
    }

    public static Task PutAsync(WriteTransaction write, FeedDefinition feed, HandedOut batch) => write.Connection.ExecuteAsync(
        """
        INSERT INTO feed_batches (feed_id, audience, receipt, segments, records, turn, formed_at, confirmed)
        VALUES (@Feed, @Audience, @Receipt, @Segments, @Records, @Turn, @FormedAt, @Confirmed)
        ON CONFLICT (feed_id, audience) DO UPDATE SET receipt = excluded.receipt, segments = excluded.segments, records = excluded.records, turn = excluded.turn,
            formed_at = excluded.formed_at, confirmed = excluded.confirmed
        """,
        new
        {
            Feed = feed.Id.ToString("D"),
            batch.Audience,
            batch.Receipt,
            Segments = JsonSerializer.Serialize(batch.Segments),
            batch.Records,
            batch.Turn,
            FormedAt = batch.FormedAt.UtcTicks,
            Confirmed = batch.Confirmed ? 1L : 0L,
        },
        write.Transaction);

    public static Task RemoveAsync(WriteTransaction write, FeedDefinition feed, string audience) => write.Connection.ExecuteAsync(
        "DELETE FROM feed_batches WHERE feed_id = @feed AND audience = @audience", new { feed = feed.Id.ToString("D"), audience }, write.Transaction);

    /// <summary>Whether a reader still stands where a batch begins, in every tenant of it.</summary>
    public static async Task<bool> StandsAsync(WriteTransaction write, string reader, IReadOnlyList<FeedSegment> segments)
    {
        var rows = await write.Connection.QueryAsync<(long TenantKey, long LogNumber)>(
            $"SELECT tenant_key, log_number FROM positions WHERE reader = @reader AND tenant_key IN ({SqlList.Of(segments.Select(segment => segment.TenantKey))})",
            new { reader },
            write.Transaction);
        var at = rows.ToDictionary(row => row.TenantKey, row => row.LogNumber);
        return segments.All(segment => at.GetValueOrDefault(segment.TenantKey) == segment.From);
    }

    private sealed class Row
    {
        public string Audience { get; set; } = "";

        public string Receipt { get; set; } = "";

        public string Segments { get; set; } = "";

        public long Records { get; set; }

        public long Turn { get; set; }

        public long FormedAt { get; set; }

        public long Confirmed { get; set; }

        public HandedOut ToHandedOut() => new(
            Audience, Receipt, JsonSerializer.Deserialize<List<FeedSegment>>(Segments)!, Records, Turn, new DateTimeOffset(FormedAt, TimeSpan.Zero), Confirmed != 0);
    }
}
