using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Vault;
using Bailiwick.Server.Start;

namespace Bailiwick.Server;

/// <summary>The vault is open.</summary>
internal sealed class VaultReadiness(VaultKeyring keyring) : IReadiness
{
    public string Name => "vault";

    public ValueTask<string?> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        keyring.State is VaultState.Sealed ? "The vault is sealed: put the key-encryption key back and start the hub again." : null);
}

/// <summary>This hub holds the right to write.</summary>
internal sealed class LeaseReadiness(HubLease lease) : IReadiness
{
    public string Name => "lease";

    public ValueTask<string?> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(lease.IsHeld ? null : "This hub does not hold the lease on its database: another hub works, or the vault is sealed.");
}
