using System.Data.Common;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server.Start;

/// <summary>
/// Keeps the vault's promises over time: once an hour, the first time at start, moves credentials off data keys that are too old or used too often,
/// destroys those keys with an audit record each, and has what was deleted cut from the database's log. A sealed vault is left alone.
/// </summary>
internal sealed partial class VaultUpkeep(CredentialVault vault, VaultKeyring keyring, AuditLog audit, TimeProvider time, ILogger<VaultUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly Actor Job = Actor.Job("vault-upkeep");

    /// <summary>Does what is due.</summary>
    /// <returns>How many credentials were encrypted anew.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (keyring.State is VaultState.Sealed) return 0;
        try
        {
            return await vault.RotateDataKeysAsync((write, key) => audit.AppendAsync(write, new AuditEntry("vault.data-key-destroyed", Job, ObjectId: key)), cancellationToken);
        }
        finally
        {
            await vault.ScrubAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await TryAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // stopping
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await RunOnceAsync(cancellationToken) is > 0 and var count) Log.Moved(logger, count);
        }
        catch (Exception failure) when (failure is VaultCorruptException or VaultSealedException or DbException)
        {
            Log.Failed(logger, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Count} credentials were encrypted with a new data key.")]
        public static partial void Moved(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Error, "The vault's upkeep did not end well; it is tried again in an hour.")]
        public static partial void Failed(ILogger logger, Exception failure);
    }
}
