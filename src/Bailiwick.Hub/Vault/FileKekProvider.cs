using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Hub.Vault;

/// <summary>
/// Key-encryption keys in the files <c>kek</c> and, during a rotation, <c>kek.next</c> of a directory; mode 0600 in a directory of mode 0700.
/// A file that others may read is refused. One line: <c>bailiwick-kek-1</c> and 32 bytes in base64.
/// </summary>
/// <param name="directory">Usually <c>keys</c> in the data directory. Keep it out of the database's backup.</param>
public sealed class FileKekProvider(string directory) : IKekProvider
{
    private const string Marker = "bailiwick-kek-1 ";

    private readonly Lock _gate = new();
    private Dictionary<string, byte[]> _keys = [];

    private string Current => Path.Combine(directory, "kek");

    private string Next => Path.Combine(directory, "kek.next");

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var keys = new List<(string Id, byte[] Key)>();
        foreach (var path in new[] { Next, Current })
        {
            if (!File.Exists(path)) continue;
            var key = Read(path);
            keys.Add((IdOf(key), key));
        }

        lock (_gate) _keys = keys.ToDictionary(key => key.Id, key => key.Key);
        return Task.FromResult<IReadOnlyList<string>>([.. keys.Select(key => key.Id)]);
    }

    /// <inheritdoc/>
    public async Task<string> CreateAsync(CancellationToken cancellationToken)
    {
        var path = File.Exists(Current) ? Next : Current;
        var key = RandomNumberGenerator.GetBytes(Envelope.KeySize);
        try
        {
            PrivateFile.CreateDirectory(directory);
            PrivateFile.WriteNew(path, Encoding.ASCII.GetBytes(Marker + Convert.ToBase64String(key) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KekUnavailableException($"The key file '{path}' cannot be written: {e.Message}", e);
        }

        await FindAsync(cancellationToken);
        return IdOf(key);
    }

    /// <inheritdoc/>
    public Task<byte[]> WrapAsync(string kekId, ReadOnlyMemory<byte> dataKey, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken) =>
        Task.FromResult(Envelope.Seal(KeyOf(kekId), dataKey.Span, binding.Span));

    /// <inheritdoc/>
    public Task<byte[]> UnwrapAsync(string kekId, ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken) =>
        Task.FromResult(Envelope.Open(KeyOf(kekId), wrapped.Span, binding.Span));

    /// <inheritdoc/>
    public Task RetireAsync(string kekId, CancellationToken cancellationToken)
    {
        // The old key goes in the same rename that makes the next one current; a crash leaves both, and retiring is asked for again.
        if (File.Exists(Next) && IdOf(Read(Current)) == kekId) File.Move(Next, Current, overwrite: true);
        return FindAsync(cancellationToken);
    }

    private static string IdOf(byte[] key) => Convert.ToHexStringLower(HMACSHA256.HashData(key, "bailiwick kek id"u8))[..16];

    private static byte[] Read(string path)
    {
        try
        {
            if (PrivateFile.IsOpenToOthers(path))
                throw new KekUnavailableException($"The key file '{path}' may be read or written by others. Run: chmod 600 '{path}'");
            var text = File.ReadAllText(path).Trim();
            if (text.StartsWith(Marker, StringComparison.Ordinal))
            {
                var key = new byte[Envelope.KeySize];
                if (Convert.TryFromBase64String(text[Marker.Length..], key, out var length) && length == Envelope.KeySize) return key;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KekUnavailableException($"The key file '{path}' cannot be read: {e.Message}", e);
        }

        throw new KekUnavailableException($"The key file '{path}' is damaged: it is not one line '{Marker}<base64 of 32 bytes>'. Put the original back.");
    }

    private byte[] KeyOf(string kekId)
    {
        lock (_gate)
        {
            return _keys.TryGetValue(kekId, out var key) ? key : throw new CryptographicException($"The key-encryption key '{kekId}' is not at hand.");
        }
    }
}
