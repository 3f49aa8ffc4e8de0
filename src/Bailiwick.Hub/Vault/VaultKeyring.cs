using System.Security.Cryptography;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Vault;

/// <summary>
/// The vault's keys: opens (unseals) them with the key-encryption key, wraps and unwraps data keys, derives the fixed keys for seals, key
/// hashes and audit from one root that never changes. Starts sealed. Thread safe.
/// </summary>
public sealed class VaultKeyring(Database database, IKekProvider keks, TimeProvider time) : IDisposable
{
    private const string RootOwner = "hub";
    private const string RootPurpose = "root";

    private static readonly byte[] s_checkPlace = Envelope.Encode("key-check");
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Opened? _opened;
    private string _reason = "it has not been opened yet.";

    /// <summary>The state at this moment.</summary>
    public VaultState State => _opened is { } opened ? new VaultState.Unsealed(opened.KekId) : new VaultState.Sealed(_reason);

    /// <summary>
    /// Opens the vault. On a database that never had one, and only if <paramref name="createWhenNew"/>, makes the key-encryption key and the
    /// root first. A key that is missing or is not this vault's never gets replaced: the vault stays sealed. May be called again to unseal.
    /// </summary>
    public async Task<VaultState> OpenAsync(bool createWhenNew, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var opened = await TryOpenAsync(createWhenNew, cancellationToken);
            _opened?.Dispose();
            _opened = opened;
        }
        catch (Exception e) when (e is KekUnavailableException or CryptographicException)
        {
            _reason = e.Message;
            _opened?.Dispose();
            _opened = null;
        }
        finally
        {
            _opening.Release();
        }

        return State;
    }

    /// <summary>A 32-byte key for one use, the same for the life of the vault. The caller may keep it; it dies with the process.</summary>
    /// <exception cref="VaultSealedException">The vault is sealed.</exception>
    public byte[] Derive(string use)
    {
        var opened = Demand();
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, opened.Root, Envelope.KeySize, info: Envelope.Encode("derive", use));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _opened?.Dispose();
        _opened = null;
        _opening.Dispose();
    }

    /// <summary>
    /// Replaces the key-encryption key: makes the next one (or goes on with the one an interrupted rotation left), re-wraps every data key, each in
    /// its own transaction, and destroys the old key once nothing needs it. Call again after a failure.
    /// </summary>
    /// <param name="record">Writes the audit record, given the new key's id, in the transaction that ends the old key's life; not called when an interrupted rotation got that far.</param>
    /// <param name="cancellationToken">Stops between two data keys.</param>
    /// <returns>How many data keys this call re-wrapped.</returns>
    internal async Task<int> RotateKekAsync(Func<WriteTransaction, string, Task> record, CancellationToken cancellationToken)
    {
        Demand();
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var found = await keks.FindAsync(cancellationToken);
            var next = found.Count > 1 ? found[0] : await keks.CreateAsync(cancellationToken);
            await database.WriteAsync(write => RegisterKekAsync(write, next, cancellationToken), cancellationToken);
            _opened = Demand() with { KekId = next };
            var count = 0;
            while (await database.WriteAsync(write => RewrapOneAsync(write, next, cancellationToken), cancellationToken)) count++;
            await RetireOthersAsync(next, record, cancellationToken);
            return count;
        }
        finally
        {
            _opening.Release();
        }
    }

    internal Task<DataKey> CreateDataKeyAsync(WriteTransaction write, string owner, string purpose) => CreateDataKeyAsync(write, Demand().KekId, owner, purpose);

    private async Task<DataKey> CreateDataKeyAsync(WriteTransaction write, string kekId, string owner, string purpose)
    {
        var key = RandomNumberGenerator.GetBytes(Envelope.KeySize);
        var id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D");
        var wrapped = await keks.WrapAsync(kekId, key, Envelope.PlaceOfDataKey(kekId, id, owner, purpose), CancellationToken.None);
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO vault_data_keys (key_id, owner, purpose, kek_id, wrapped, uses, created_at)
            VALUES (@id, @owner, @purpose, @kekId, @wrapped, 0, @now)
            """,
            new { id, owner, purpose, kekId, wrapped, now = time.GetUtcNow().UtcTicks },
            write.Transaction);
        return new DataKey(id, key);
    }

    internal async Task<DataKey> UnwrapAsync(DataKeyRow row, CancellationToken cancellationToken)
    {
        Demand();
        try
        {
            return new DataKey(row.KeyId, await keks.UnwrapAsync(row.KekId, row.Wrapped, Envelope.PlaceOfDataKey(row.KekId, row.KeyId, row.Owner, row.Purpose), cancellationToken));
        }
        catch (CryptographicException)
        {
            throw new VaultCorruptException($"Data key '{row.KeyId}'");
        }
    }

    internal Opened Demand() => _opened ?? throw new VaultSealedException(_reason);

    private async Task<Opened> TryOpenAsync(bool createWhenNew, CancellationToken cancellationToken)
    {
        var found = await keks.FindAsync(cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var known = (await connection.QueryAsync<KekRow>("SELECT kek_id AS KekId, check_value AS CheckValue FROM vault_keks")).ToDictionary(row => row.KekId, row => row.CheckValue);
        if (known.Count == 0) return await InitialiseAsync(found, createWhenNew, cancellationToken);
        if (found.Count == 0) throw new KekUnavailableException("the key-encryption key is missing. Put the key file back and unseal.");
        var usable = new List<string>();
        foreach (var kekId in found.Where(known.ContainsKey))
        {
            await keks.UnwrapAsync(kekId, known[kekId], s_checkPlace, cancellationToken);
            usable.Add(kekId);
        }

        var needed = (await connection.QueryAsync<string>("SELECT DISTINCT kek_id FROM vault_data_keys")).ToList();
        if (needed.Find(kekId => !usable.Contains(kekId)) is { } missing)
            throw new KekUnavailableException($"the key-encryption key '{missing}' is needed, but the key at hand is '{string.Join("', '", found)}'. Put the right key file back and unseal.");
        return new Opened(usable[0], await OpenRootAsync(connection, cancellationToken));
    }

    private async Task<byte[]> OpenRootAsync(System.Data.Common.DbConnection connection, CancellationToken cancellationToken)
    {
        var row = await connection.QuerySingleOrDefaultAsync<DataKeyRow>(
            DataKeyRow.Select + " WHERE owner = @RootOwner AND purpose = @RootPurpose", new { RootOwner, RootPurpose })
            ?? throw new KekUnavailableException("the vault's root key is missing from the database. Restore a backup.");
        return await keks.UnwrapAsync(row.KekId, row.Wrapped, Envelope.PlaceOfDataKey(row.KekId, row.KeyId, row.Owner, row.Purpose), cancellationToken);
    }

    private async Task<Opened> InitialiseAsync(IReadOnlyList<string> found, bool createWhenNew, CancellationToken cancellationToken)
    {
        if (found.Count == 0 && !createWhenNew) throw new KekUnavailableException("there is no key-encryption key yet. Run: bailiwick vault init");
        var kekId = found.Count > 0 ? found[0] : await keks.CreateAsync(cancellationToken);
        return await database.WriteAsync(
            async write =>
            {
                await RegisterKekAsync(write, kekId, cancellationToken);
                var root = await CreateDataKeyAsync(write, kekId, RootOwner, RootPurpose);
                return new Opened(kekId, root.Key);
            },
            cancellationToken);
    }

    private async Task RegisterKekAsync(WriteTransaction write, string kekId, CancellationToken cancellationToken)
    {
        var checkValue = await keks.WrapAsync(kekId, new byte[Envelope.KeySize], s_checkPlace, cancellationToken);
        await write.Connection.ExecuteAsync(
            "INSERT INTO vault_keks (kek_id, check_value, created_at) VALUES (@kekId, @checkValue, @now) ON CONFLICT (kek_id) DO NOTHING",
            new { kekId, checkValue, now = time.GetUtcNow().UtcTicks },
            write.Transaction);
    }

    private async Task<bool> RewrapOneAsync(WriteTransaction write, string next, CancellationToken cancellationToken)
    {
        var row = await write.Connection.QueryFirstOrDefaultAsync<DataKeyRow>(
            DataKeyRow.Select + " WHERE kek_id <> @next ORDER BY key_id LIMIT 1", new { next }, write.Transaction);
        if (row is null) return false;
        using var key = await UnwrapAsync(row, cancellationToken);
        var wrapped = await keks.WrapAsync(next, key.Key, Envelope.PlaceOfDataKey(next, row.KeyId, row.Owner, row.Purpose), cancellationToken);
        await write.Connection.ExecuteAsync(
            "UPDATE vault_data_keys SET kek_id = @next, wrapped = @wrapped WHERE key_id = @KeyId AND kek_id = @KekId",
            new { next, wrapped, row.KeyId, row.KekId },
            write.Transaction);
        return true;
    }

    private async Task RetireOthersAsync(string next, Func<WriteTransaction, string, Task> record, CancellationToken cancellationToken)
    {
        // The database first: nothing is wrapped with the old key any more, and one left at hand is found and destroyed by the next call.
        await database.WriteAsync(
            async write =>
            {
                if (await write.Connection.ExecuteAsync("DELETE FROM vault_keks WHERE kek_id <> @next", new { next }, write.Transaction) > 0) await record(write, next);
            },
            cancellationToken);
        foreach (var old in (await keks.FindAsync(cancellationToken)).Where(kekId => kekId != next).ToList()) await keks.RetireAsync(old, cancellationToken);
    }

    internal sealed record Opened(string KekId, byte[] Root) : IDisposable
    {
        public void Dispose() => CryptographicOperations.ZeroMemory(Root);
    }

    private sealed record KekRow(string KekId, byte[] CheckValue);
}

/// <summary>A data key in the clear, for the moment of its use.</summary>
internal readonly record struct DataKey(string Id, byte[] Key) : IDisposable
{
    public void Dispose() => CryptographicOperations.ZeroMemory(Key);
}

/// <summary>A data key as stored.</summary>
internal sealed record DataKeyRow(string KeyId, string Owner, string Purpose, string KekId, byte[] Wrapped, long Uses, long CreatedAt)
{
    public const string Select =
        "SELECT key_id AS KeyId, owner AS Owner, purpose AS Purpose, kek_id AS KekId, wrapped AS Wrapped, uses AS Uses, created_at AS CreatedAt FROM vault_data_keys";
}
