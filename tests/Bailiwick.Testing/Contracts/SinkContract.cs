using Bailiwick.Hub.Sinks;
using Shouldly;
using Xunit;

namespace Bailiwick.Testing.Contracts;

/// <summary>What every sink promises Delivery. A sink's tests derive from this and add what its protocol has besides.</summary>
public abstract class SinkContract
{
    /// <summary>A text that stands in the alerts' titles and in the secret, and must never stand in a failure.</summary>
    protected const string Canary = "canary-7f3e";

    /// <summary>A sink with a working receiver.</summary>
    protected abstract Task<ISink> StartAsync();

    /// <summary>A sink whose receiver is not there.</summary>
    protected abstract Task<ISink> StartWithoutReceiverAsync();

    /// <summary>A batch of simple alerts with these log numbers; the titles hold <see cref="Canary"/>.</summary>
    protected abstract AlertBatch Batch(params long[] logNumbers);

    /// <summary>A batch of one version that is no JSON object.</summary>
    protected abstract AlertBatch UnreadableBatch();

    /// <summary>The log numbers that reached the receiver, in order of arrival, once as many as expected are there.</summary>
    protected abstract Task<IReadOnlyList<long>> ReceivedAsync(int expected);

    /// <summary>Everything that reached the receiver as text, record by record.</summary>
    protected abstract Task<IReadOnlyList<string>> RecordsAsync(int expected);

    /// <summary>How often a batch stands with the receiver after it was sent twice: 2, or 1 for a sink that recognises it.</summary>
    protected virtual int CopiesAfterSendingTwice => 2;

    /// <summary>False for a receiver that knows a version by its key: a replay of what it has changes nothing there.</summary>
    protected virtual bool KeepsReplaysOfWhatItHas => true;

    [SkippableFact]
    public async Task Every_version_arrives_once_and_in_order()
    {
        await using var sink = await StartAsync();
        (await sink.SendAsync(Batch(1, 2, 3), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        (await sink.SendAsync(Batch(4), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        (await ReceivedAsync(4)).ShouldBe([1, 2, 3, 4]);
    }

    [SkippableFact]
    public async Task A_batch_sent_again_has_the_same_bytes()
    {
        await using var sink = await StartAsync();
        await sink.SendAsync(Batch(1, 2), CancellationToken.None);
        (await sink.SendAsync(Batch(1, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        var records = await RecordsAsync(2 * CopiesAfterSendingTwice);
        records.Count.ShouldBe(2 * CopiesAfterSendingTwice);
        records.Distinct().Count().ShouldBe(2);
    }

    [SkippableFact]
    public async Task A_receiver_that_is_not_there_is_tried_later()
    {
        await using var sink = await StartWithoutReceiverAsync();
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBeOneOf(DeliveryFailure.Unreachable, DeliveryFailure.Misconfigured);
        (later.Detail ?? "").ShouldNotContain(Canary);
    }

    [SkippableFact]
    public async Task A_version_that_cannot_be_written_is_refused_and_nothing_of_the_batch_is_sent()
    {
        await using var sink = await StartAsync();
        var refused = (await sink.SendAsync(UnreadableBatch(), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>();
        refused.Reason.ShouldBe(DeliveryFailure.Unencodable);
        refused.Detail.ShouldNotContain(Canary);
        await sink.SendAsync(Batch(7), CancellationToken.None);
        (await ReceivedAsync(1)).ShouldBe([7]);
    }

    [SkippableFact]
    public async Task A_caller_that_stops_gets_an_OperationCanceledException()
    {
        await using var sink = await StartAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sink.SendAsync(Batch(1), new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public async Task Replays_carry_their_mark_and_the_same_key()
    {
        await using var sink = await StartAsync();
        await sink.SendAsync(Batch(1), CancellationToken.None);
        (await sink.SendAsync(Replay(1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        if (!KeepsReplaysOfWhatItHas)
        {
            (await sink.SendAsync(Replay(2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
            var kept = await RecordsAsync(2);
            kept.Count.ShouldBe(2);
            kept[1].ShouldContain(Replay(2).Versions[0].Key);
            kept.Select(record => record.Contains("\"replayed\":true", StringComparison.Ordinal)).ShouldBe([false, true]);
            return;
        }

        var again = Replay(1);
        var records = await RecordsAsync(2);
        records.Count.ShouldBe(2);
        records.ShouldAllBe(record => record.Contains(again.Versions[0].Key, StringComparison.Ordinal));
        records[0].ShouldNotBe(records[1]);
    }

    private AlertBatch Replay(long logNumber)
    {
        var batch = Batch(logNumber);
        return batch with { Versions = [.. batch.Versions.Select(version => version with { Replayed = true })] };
    }
}
