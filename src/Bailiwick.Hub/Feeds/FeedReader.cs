using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Feeds;

/// <summary>What came of confirming a batch.</summary>
public abstract record FeedConfirmation
{
    private FeedConfirmation()
    {
    }

    /// <summary>The positions moved.</summary>
    /// <param name="Records">How many records the batch had.</param>
    public sealed record Confirmed(long Records) : FeedConfirmation;

    /// <summary>This batch was confirmed before; nothing moved.</summary>
    public sealed record Already : FeedConfirmation;

    /// <summary>The receipt is not the one handed out last here: another feed's, an older one's, or one whose batch was given up. Nothing moved.</summary>
    public sealed record Unknown : FeedConfirmation;
}

/// <summary>A batch as it is answered.</summary>
/// <param name="Body">JSON, see docs/feeds.md.</param>
/// <param name="Receipt">What confirms it; null when it is empty.</param>
/// <param name="Records">0 or more.</param>
public sealed record FeedBatch(ReadOnlyMemory<byte> Body, string? Receipt, long Records);

/// <summary>
/// Hands out batches of a feed and confirms them. What is outstanding is a row, so the same question gives the same bytes after any crash, on any hub of
/// the same database, until it is confirmed. Thread safe.
/// </summary>
public sealed class FeedReader(Database database, TenantStore tenants, AlertLog log, Positions positions, TimeProvider time)
{
    /// <summary>The most records in a batch.</summary>
    public const int MaxRecords = 1000;

    /// <summary>Records in a batch when the caller names no number.</summary>
    public const int DefaultRecords = 100;

    /// <summary>A batch ends after the record that reaches this many upstream bytes. 4 MiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>How long a batch stays its consumer's alone. Afterwards it may be taken apart: by a smaller <c>max</c>, or by another audience.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);

    /// <summary>The outstanding batch, or a new one.</summary>
    /// <param name="feed">An intact feed.</param>
    /// <param name="audience">What the caller may have of it.</param>
    /// <param name="max">Records at most, 1 to <see cref="MaxRecords"/>.</param>
    /// <param name="cancellationToken">Stops before anything is handed out.</param>
    public async Task<FeedBatch> NextAsync(FeedDefinition feed, FeedAudience audience, int max, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(audience);
        var allowed = (audience.Customers is { } customers ? await tenants.ListAsync(customers, cancellationToken) : await tenants.ListAllAsync(cancellationToken))
            .ToDictionary(tenant => tenant.TenantKey);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var handedOut = await FeedBatches.ListAsync(database, feed, cancellationToken);
            var mine = handedOut.Find(batch => batch.Audience == audience.Key);
            if (mine is { Confirmed: false } && !(IsOver(mine) && max < mine.Records) && await WriteAsync(feed, mine, allowed, cancellationToken) is { } same) return same;
            var held = handedOut.Where(batch => batch.Audience != audience.Key && !batch.Confirmed && !IsOver(batch)).SelectMany(batch => batch.Segments).Select(segment => segment.TenantKey);
            if (await FormAsync(feed, audience, mine, allowed, [.. held], max, cancellationToken) is { } formed) return formed;
        }
    }

    /// <summary>Moves the positions behind a batch, all or none; what could not be written in it is set aside in the same transaction.</summary>
    public async Task<FeedConfirmation> ConfirmAsync(FeedDefinition feed, FeedAudience audience, string receipt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        ArgumentNullException.ThrowIfNull(audience);
        var batch = (await FeedBatches.ListAsync(database, feed, cancellationToken)).Find(batch => batch.Audience == audience.Key && batch.Receipt == receipt);
        if (batch is null) return new FeedConfirmation.Unknown();
        if (batch.Confirmed) return new FeedConfirmation.Already();
        var aside = await SetAsideAsync(batch, cancellationToken);
        try
        {
            return await database.WriteUnderLeaseAsync<FeedConfirmation>(
                async write =>
                {
                    var now = (await FeedBatches.LockAsync(write, feed))?.Find(one => one.Audience == audience.Key && one.Receipt == receipt);
                    if (now is null) return new FeedConfirmation.Unknown();
                    if (now.Confirmed) return new FeedConfirmation.Already();
                    foreach (var segment in batch.Segments)
                        await positions.MoveAsync(write, feed.Reader, segment.TenantKey, segment.From, segment.To, aside[segment.TenantKey]);
                    await FeedBatches.PutAsync(write, feed, now with { Confirmed = true, Segments = [] });
                    return new FeedConfirmation.Confirmed(batch.Records);
                },
                cancellationToken);
        }
        catch (PositionMovedException)
        {
            return new FeedConfirmation.Unknown(); // another audience took a tenant of this batch over and confirmed it first
        }
    }

    private bool IsOver(HandedOut batch) => batch.FormedAt + Lease <= time.GetUtcNow();

    /// <summary>The batch as it was handed out; null when it no longer can be, because a tenant is gone from the caller's sight.</summary>
    private async Task<FeedBatch?> WriteAsync(FeedDefinition feed, HandedOut batch, Dictionary<long, TenantRecord> allowed, CancellationToken cancellationToken)
    {
        var body = new FeedBody(feed, batch.Receipt);
        foreach (var segment in batch.Segments)
        {
            if (!allowed.TryGetValue(segment.TenantKey, out var tenant)) return null;
            var versions = await log.ReadAsync(segment.TenantKey, tenant.Id, segment.From, (int)(segment.To - segment.From), int.MaxValue, cancellationToken);
            if (versions.Count != segment.To - segment.From) return null;
            if (versions.Exists(version => !segment.Bad.Contains(version.LogNumber) && !body.TryAdd(version, tenant, segment.CustomerName))) return null;
        }

        return new FeedBatch(body.End(), batch.Receipt, batch.Records);
    }

    /// <summary>Puts a new batch together; null when somebody else was faster, or when only records were met that cannot be written: look again.</summary>
    private async Task<FeedBatch?> FormAsync(
        FeedDefinition feed, FeedAudience audience, HandedOut? before, Dictionary<long, TenantRecord> allowed, HashSet<long> held, int max, CancellationToken cancellationToken)
    {
        var at = await positions.ReadAsync(feed.Reader, cancellationToken);
        var waiting = (await log.ReadHeadsAsync(cancellationToken)).Where(head => allowed.ContainsKey(head.Key) && !held.Contains(head.Key))
            .ToDictionary(head => head.Key, head => head.Value - at.GetValueOrDefault(head.Key));
        var receipt = FeedReceipt.After(before?.Receipt, time.GetUtcNow());
        var body = new FeedBody(feed, receipt);
        var segments = new List<FeedSegment>();
        var bytes = 0;
        var lookAgain = false;
        foreach (var (tenantKey, count) in FeedTurns.Share(waiting, before?.Turn ?? 0, max))
        {
            var tenant = allowed[tenantKey];
            var from = at.GetValueOrDefault(tenantKey);
            var versions = await log.ReadAsync(tenantKey, tenant.Id, from, count, MaxBytes - bytes, cancellationToken);
            if (versions.Count == 0) continue;
            bytes += versions.Sum(version => version.Raw.Length);
            var bad = versions.Where(version => !body.TryAdd(version, tenant, tenant.CustomerName)).ToList();
            if (bad.Count == versions.Count) lookAgain |= await PassAsync(feed, tenantKey, from, bad);
            else segments.Add(new FeedSegment(tenantKey, from, versions[^1].LogNumber, tenant.CustomerName, [.. bad.Select(version => version.LogNumber)]));
            if (bytes >= MaxBytes) break;
        }

        if (segments.Count == 0) return lookAgain ? null : new FeedBatch(new FeedBody(feed, null).End(), null, 0);
        var batch = new HandedOut(audience.Key, receipt, segments, body.Records, segments[^1].TenantKey, time.GetUtcNow(), Confirmed: false);
        return await TryHandOutAsync(feed, batch, before, cancellationToken) ? new FeedBatch(body.End(), receipt, body.Records) : null;
    }

    /// <summary>Moves past records of which none can be written: an empty batch would be confirmed by nobody.</summary>
    private async Task<bool> PassAsync(FeedDefinition feed, long tenantKey, long from, IReadOnlyList<AlertVersion> bad)
    {
        try
        {
            await database.WriteUnderLeaseAsync(
                async write =>
                {
                    if (await FeedBatches.LockAsync(write, feed) is null) throw new FeedGoneException(feed.Name);
                    await positions.MoveAsync(write, feed.Reader, tenantKey, from, bad[^1].LogNumber, [.. bad.Select(ToSetAside)]);
                },
                CancellationToken.None);
        }
        catch (PositionMovedException)
        {
            // Somebody else passed them.
        }

        return true;
    }

    private Task<bool> TryHandOutAsync(FeedDefinition feed, HandedOut batch, HandedOut? before, CancellationToken cancellationToken) => database.WriteUnderLeaseAsync(
        async write =>
        {
            var now = await FeedBatches.LockAsync(write, feed) ?? throw new FeedGoneException(feed.Name);
            var mine = now.Find(one => one.Audience == batch.Audience);
            if (mine?.Receipt != before?.Receipt || mine?.Confirmed != before?.Confirmed) return false;
            var taken = batch.Segments.Select(segment => segment.TenantKey).ToHashSet();
            foreach (var other in now.Where(one => one.Audience != batch.Audience && !one.Confirmed && one.Segments.Any(segment => taken.Contains(segment.TenantKey))))
            {
                if (!IsOver(other)) return false;
                await FeedBatches.RemoveAsync(write, feed, other.Audience); // its time is over: whoever holds that receipt is told so
            }

            if (!await FeedBatches.StandsAsync(write, feed.Reader, batch.Segments)) return false;
            await FeedBatches.PutAsync(write, feed, batch);
            return true;
        },
        cancellationToken);

    private async Task<Dictionary<long, List<SetAside>>> SetAsideAsync(HandedOut batch, CancellationToken cancellationToken)
    {
        var owners = await tenants.FindByKeysAsync([.. batch.Segments.Where(segment => segment.Bad.Count > 0).Select(segment => segment.TenantKey)], cancellationToken);
        var aside = batch.Segments.ToDictionary(segment => segment.TenantKey, _ => new List<SetAside>());
        foreach (var segment in batch.Segments)
        {
            foreach (var number in segment.Bad)
            {
                var versions = await log.ReadAsync(segment.TenantKey, owners[segment.TenantKey].Id, number - 1, 1, 1, cancellationToken);
                aside[segment.TenantKey].Add(ToSetAside(versions[0]));
            }
        }

        return aside;
    }

    private static SetAside ToSetAside(AlertVersion version)
    {
        var refused = SinkFailures.Unencodable(version);
        return new SetAside(version, refused.Reason.ToString(), refused.Detail);
    }
}

/// <summary>The feed was removed while it was read.</summary>
public sealed class FeedGoneException(string name) : Exception($"The feed '{name}' was removed.");
