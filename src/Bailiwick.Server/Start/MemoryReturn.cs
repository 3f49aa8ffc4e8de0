using Bailiwick.Hub.Upstream;
using Microsoft.Extensions.Hosting;

namespace Bailiwick.Server.Start;

/// <summary>
/// Gives memory back to the system when a busy time is over. Collecting months of alerts fills buffers and spreads the heap, and a quiet hub allocates too
/// little to make the collector of memory come by.
/// </summary>
internal sealed class MemoryReturn(TimeProvider time) : BackgroundService
{
    /// <summary>How often it is looked whether the hub is busy.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Bytes allocated in one interval from which on the hub counts as busy: a thousand tenants walked every minute stay far below.</summary>
    public const long Busy = 200_000_000;

    private long _allocated;
    private bool _wasBusy;

    /// <summary>Whether a busy time has just ended.</summary>
    /// <param name="allocated">Bytes allocated since the process began.</param>
    public bool IsDue(long allocated)
    {
        var isBusy = allocated - _allocated >= Busy;
        var isDue = _wasBusy && !isBusy;
        (_allocated, _wasBusy) = (allocated, isBusy);
        return isDue;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (!IsDue(GC.GetTotalAllocatedBytes())) continue;
                UpstreamPage.EmptyPool();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
    }
}
