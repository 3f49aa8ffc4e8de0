using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bailiwick.Hub.Audit;

/// <summary>Registers this folder's services.</summary>
public static class AuditServices
{
    /// <summary>Adds the trail and the worker that anchors it in the data directory. Needs the vault.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services, string dataDirectory) => services
        .AddSingleton<AuditLog>()
        .AddSingleton(provider => new AuditAnchorWriter(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<VaultKeyring>(),
            Path.Combine(dataDirectory, AuditAnchorWriter.FileName),
            provider.GetRequiredService<TimeProvider>()))
        .AddHostedService<AuditAnchorWorker>();
}

/// <summary>Anchors the trail while the hub runs, and once more when it stops.</summary>
internal sealed partial class AuditAnchorWorker(
    AuditAnchorWriter anchors, VaultKeyring keyring, TimeProvider time, Microsoft.Extensions.Logging.ILogger<AuditAnchorWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(stopping: true, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await WaitAsync(timer, stoppingToken)) await TryAsync(stopping: false, stoppingToken);
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task TryAsync(bool stopping, CancellationToken cancellationToken)
    {
        if (keyring.State is VaultState.Sealed) return;
        try
        {
            await anchors.RunOnceAsync(stopping, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or System.Data.Common.DbException)
        {
            Log.AnchorFailed(logger, e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping: the last anchor is written by StopAsync.
        }
    }
}
