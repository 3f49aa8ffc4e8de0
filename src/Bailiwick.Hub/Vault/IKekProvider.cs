namespace Bailiwick.Hub.Vault;

/// <summary>
/// Where key-encryption keys live: a file, an OS store, a cloud key vault, a token. Keys are named by stable ids and never leave through this
/// contract; the database never holds them. Implementations are thread safe.
/// </summary>
public interface IKekProvider
{
    /// <summary>The ids of the keys at hand, the one to wrap with first. Two during a rotation, otherwise one; empty when there is none yet.</summary>
    /// <exception cref="KekUnavailableException">The place cannot be read, or what is there must not be used.</exception>
    Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken);

    /// <summary>Makes a new random key that is first in <see cref="FindAsync"/> from now on, and returns its id.</summary>
    /// <exception cref="KekUnavailableException">The key could not be stored durably.</exception>
    Task<string> CreateAsync(CancellationToken cancellationToken);

    /// <summary>Encrypts a data key.</summary>
    /// <param name="kekId">One of <see cref="FindAsync"/>.</param>
    /// <param name="dataKey">32 bytes.</param>
    /// <param name="binding">Authenticated with the key: unwrapping with other bytes fails.</param>
    /// <param name="cancellationToken">Stops waiting for a remote provider.</param>
    Task<byte[]> WrapAsync(string kekId, ReadOnlyMemory<byte> dataKey, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken);

    /// <summary>Decrypts a data key. The caller clears it.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Other key, other binding or altered bytes.</exception>
    Task<byte[]> UnwrapAsync(string kekId, ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken);

    /// <summary>Nothing is wrapped with this key any more: destroys it. Does nothing when it is gone already.</summary>
    Task RetireAsync(string kekId, CancellationToken cancellationToken);
}

/// <summary>The key-encryption key cannot be used. The message says what and how to mend it.</summary>
public sealed class KekUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
