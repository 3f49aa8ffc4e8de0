namespace Bailiwick.Hub.Vault;

/// <summary>Whether credentials can be used. There is nothing in between.</summary>
public abstract record VaultState
{
    private VaultState()
    {
    }

    /// <summary>No working key-encryption key: only health is served, until the key is back and the hub is started again.</summary>
    /// <param name="Reason">One sentence for people: what is missing and how to mend it. No secret.</param>
    public sealed record Sealed(string Reason) : VaultState;

    /// <summary>Open.</summary>
    /// <param name="KekId">The key-encryption key that new data keys are wrapped with.</param>
    public sealed record Unsealed(string KekId) : VaultState;
}

/// <summary>The vault is sealed; nothing was read or written.</summary>
public sealed class VaultSealedException(string reason) : Exception($"The vault is sealed: {reason}");

/// <summary>
/// A stored secret or key did not decrypt under the place it stands in: it was altered, moved from another record, or belongs to another key.
/// </summary>
public sealed class VaultCorruptException(string what) : Exception($"{what} does not decrypt in its place. It was altered or moved; restore it or enter the credential again.");

/// <summary>No such credential for this owner and purpose.</summary>
public sealed class CredentialMissingException(CredentialId id) : Exception($"There is no credential '{id}' for this owner and purpose.");
