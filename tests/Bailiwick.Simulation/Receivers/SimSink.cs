using Bailiwick.Hub.Sinks;
using Bailiwick.Simulation.Process;

namespace Bailiwick.Simulation.Receivers;

/// <summary>The hub's side of a receiver, within one life of the process.</summary>
internal sealed class SimSink(SimReceiver receiver, IncarnationTime time, Incarnation incarnation, Random random, Trace trace) : ISink
{
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        incarnation.OnThread();
        if (incarnation.IsDead) return await Incarnation.Never<DeliveryResult>();
        await time.DelayAsync(random.LogNormal(TimeSpan.FromMilliseconds(100), 1));
        var result = receiver.Take(batch, time.Now);
        trace.Note("sent", batch.Versions[0].LogNumber, receiver.Kind.ToString(), result.GetType().Name, time.Now);
        if (incarnation.DiesAt(DeathPoint.AfterSend)) return await Incarnation.Never<DeliveryResult>();
        await time.DelayAsync(random.LogNormal(TimeSpan.FromMilliseconds(100), 1));
        if (incarnation.Armed == DeathPoint.AfterAcknowledgement && result is DeliveryResult.Delivered) incarnation.Armed = DeathPoint.BeforeCommit;
        return result;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
