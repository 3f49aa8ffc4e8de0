using Bailiwick.Hub.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server.Start;

/// <summary>Takes and keeps this hub's right to write. A hub that loses it stops: another one works.</summary>
internal sealed partial class HubLease(Database database, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<HubLease> logger) : BackgroundService
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);

    private readonly string _owner = $"{Environment.MachineName}-{Guid.NewGuid():N}";
    private volatile Lease? _lease;

    /// <summary>Whether this hub may write, as far as it knows.</summary>
    public bool IsHeld => _lease is not null;

    /// <summary>Takes the lease, waiting for another hub's to expire.</summary>
    public async Task<Lease> TakeAsync(bool takeOver, CancellationToken cancellationToken)
    {
        while (true)
        {
            _lease = await Lease.TryTakeAsync(database, "hub", _owner, Duration, takeOver, time, cancellationToken);
            if (_lease is not null) return _lease;
            Log.Waiting(logger);
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (_lease is not { } lease) continue;
                if (await TryRenewAsync(lease, stoppingToken)) continue;
                _lease = null;
                Log.Lost(logger);
                lifetime.StopApplication();
                return;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
    }

    private async Task<bool> TryRenewAsync(Lease lease, CancellationToken cancellationToken)
    {
        try
        {
            return await lease.RenewAsync(database, Duration, time, cancellationToken);
        }
        catch (System.Data.Common.DbException failure)
        {
            Log.NotRenewed(logger, failure);
            return true; // unknown; every write is conditional on the epoch, so going on is safe
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Another hub holds the lease on this database; waiting for it to end.")]
        public static partial void Waiting(ILogger logger);

        [LoggerMessage(2, LogLevel.Error, "This hub lost its lease to another one and stops.")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(3, LogLevel.Warning, "The lease could not be renewed now; will be retried.")]
        public static partial void NotRenewed(ILogger logger, Exception failure);
    }
}
