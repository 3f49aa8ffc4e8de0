using Bailiwick.Api;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Vault;

/// <summary>The id of one stored credential; says nothing about its content.</summary>
public readonly record struct CredentialId(Guid Value)
{
    /// <summary>The lower-case 36-character form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>Whose data key encrypts a credential: one tenant's, or the provider's own.</summary>
public readonly record struct VaultOwner(TenantId? Tenant)
{
    /// <summary>The provider itself (sink tokens, the provider application's secret).</summary>
    public static VaultOwner Provider => default;

    /// <summary>One customer tenant.</summary>
    public static VaultOwner Of(TenantId tenant) => new(tenant);
}

/// <summary>Keeps credentials as envelope-encrypted rows. Callers write the audit record in the same transaction.</summary>
public sealed class CredentialVault
{
    /// <summary>Encrypts and stores a credential.</summary>
    public Task<CredentialId> StoreAsync(WriteTransaction write, VaultOwner owner, string purpose, Secret secret) => throw new NotSupportedException();

    /// <summary>Stores a new version; the previous one is kept until <see cref="ConfirmAsync"/>.</summary>
    public Task ReplaceAsync(WriteTransaction write, CredentialId id, VaultOwner owner, string purpose, Secret secret) => throw new NotSupportedException();

    /// <summary>The newest version has worked: older versions are destroyed.</summary>
    public Task ConfirmAsync(WriteTransaction write, CredentialId id) => throw new NotSupportedException();

    /// <summary>Decrypts the newest version. The caller clears the secret.</summary>
    public Task<Secret> OpenAsync(CredentialId id, VaultOwner owner, string purpose, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Removes a credential for good.</summary>
    public Task DestroyAsync(WriteTransaction write, CredentialId id) => throw new NotSupportedException();
}
