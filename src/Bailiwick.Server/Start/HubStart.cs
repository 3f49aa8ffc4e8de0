using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server.Start;

/// <summary>
/// What happens between the migrations and the first work: the vault is opened, the lease taken, the first owner key written, and a crash of the last run noticed.
/// </summary>
internal sealed partial class HubStart(
    Database database,
    VaultKeyring keyring,
    ApiKeyStore keys,
    HubLease lease,
    CollectorWorker collectors,
    ReconciliationWorker reconciling,
    DeliveryWorker delivery,
    ILogger<HubStart> logger)
{
    /// <summary>Prepares everything. A sealed vault is no failure: the hub then serves health and nothing else until it is unsealed.</summary>
    /// <returns>The mark of this run, to be cleared when it ends in order; null when sealed, so that a mark left by a crash stays for the first run that works.</returns>
    public async Task<RunMark?> RunAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        if (await keyring.OpenAsync(createWhenNew: true, cancellationToken) is VaultState.Sealed)
        {
            Log.Sealed(logger);
            collectors.Held = reconciling.Held = delivery.Held = true;
            return null;
        }

        // SQLite: the lock on the data directory proves that no other hub lives, so a lease left by a killed one is taken over at once.
        database.Lease = await lease.TakeAsync(takeOver: database.Dialect == SqlDialect.Sqlite, cancellationToken);
        var mark = new RunMark(dataDirectory);
        delivery.AfterCrash = mark.IsSet;
        mark.Set();
        if (await keys.EnsureOwnerKeyAsync(dataDirectory, cancellationToken) is { } path) Log.OwnerKeyWritten(logger, path);
        return mark;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The vault is sealed: the hub serves health only. Put the key file back and start again.")]
        public static partial void Sealed(ILogger logger);

        [LoggerMessage(2, LogLevel.Information, "The first owner's key was written to {Path}, readable by its owner only.")]
        public static partial void OwnerKeyWritten(ILogger logger, string path);
    }
}

/// <summary>A file that stands in the data directory while a hub runs, and is left behind only by one that did not end in order.</summary>
internal sealed class RunMark(string dataDirectory)
{
    private readonly string _path = Path.Combine(dataDirectory, "hub.running");

    /// <summary>Before <see cref="Set"/>: whether the last run that worked did not end in order.</summary>
    public bool IsSet => File.Exists(_path);

    public void Set() => File.WriteAllBytes(_path, []);

    public void Clear() => File.Delete(_path);
}
