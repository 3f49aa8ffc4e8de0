using System.Security.Cryptography;
using Bailiwick.Api;
using Bailiwick.Hub.Storage;
using Dapper;

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

    /// <summary>As stored: the tenant id, or <c>provider</c>.</summary>
    public override string ToString() => Tenant?.ToString() ?? "provider";
}

/// <summary>
/// Keeps credentials as envelope-encrypted rows: a random data key per owner and purpose, AES-256-GCM, the place of the record authenticated
/// with it. Callers write the audit record in the same transaction. Thread safe; every member throws <see cref="VaultSealedException"/> while sealed.
/// </summary>
public sealed class CredentialVault(Database database, VaultKeyring keyring, TimeProvider time)
{
    /// <summary>A data key encrypts new records for this long.</summary>
    public static readonly TimeSpan DataKeyLife = TimeSpan.FromDays(90);

    private const long MaxUses = 1L << 31;

    private const string Worn = "(created_at < @before OR uses >= @MaxUses) AND owner <> 'hub'"; // the root is for life

    private const string SelectCredential =
        """
        SELECT c.version AS Version, c.sealed AS Sealed, k.key_id AS KeyId, k.owner AS Owner, k.purpose AS Purpose, k.kek_id AS KekId, k.wrapped AS Wrapped
        FROM vault_credentials c JOIN vault_data_keys k ON k.key_id = c.key_id
        WHERE c.credential_id = @id AND c.owner = @owner AND c.purpose = @purpose
        ORDER BY c.version DESC
        """;

    /// <summary>Encrypts and stores a credential.</summary>
    public async Task<CredentialId> StoreAsync(WriteTransaction write, VaultOwner owner, string purpose, Secret secret)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(secret);
        var id = new CredentialId(Guid.CreateVersion7(time.GetUtcNow()));
        await WriteVersionAsync(write, id, 1, owner.ToString(), purpose, secret);
        VaultMetrics.Count("stored", succeeded: true);
        return id;
    }

    /// <summary>Stores a new version; the previous one is kept until <see cref="ConfirmAsync"/>.</summary>
    /// <exception cref="CredentialMissingException">There is nothing to replace.</exception>
    public async Task ReplaceAsync(WriteTransaction write, CredentialId id, VaultOwner owner, string purpose, Secret secret)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(secret);
        var newest = await write.Connection.ExecuteScalarAsync<long?>(
            "SELECT MAX(version) FROM vault_credentials WHERE credential_id = @id AND owner = @owner AND purpose = @purpose",
            new { id = id.ToString(), owner = owner.ToString(), purpose },
            write.Transaction) ?? throw new CredentialMissingException(id);
        await WriteVersionAsync(write, id, newest + 1, owner.ToString(), purpose, secret);
        VaultMetrics.Count("stored", succeeded: true);
    }

    /// <summary>The newest version has worked: older versions are destroyed.</summary>
    public Task ConfirmAsync(WriteTransaction write, CredentialId id)
    {
        ArgumentNullException.ThrowIfNull(write);
        keyring.Demand();
        return write.Connection.ExecuteAsync(
            """
            DELETE FROM vault_credentials WHERE credential_id = @id
            AND version < (SELECT MAX(version) FROM vault_credentials WHERE credential_id = @id)
            """,
            new { id = id.ToString() },
            write.Transaction);
    }

    /// <summary>The newest version did not work: it is destroyed if an older one is still there.</summary>
    /// <returns>True when an older version is the newest now.</returns>
    public async Task<bool> RevertAsync(WriteTransaction write, CredentialId id)
    {
        ArgumentNullException.ThrowIfNull(write);
        keyring.Demand();
        return await write.Connection.ExecuteAsync(
            """
            DELETE FROM vault_credentials WHERE credential_id = @id
            AND version = (SELECT MAX(version) FROM vault_credentials WHERE credential_id = @id)
            AND version > (SELECT MIN(version) FROM vault_credentials WHERE credential_id = @id)
            """,
            new { id = id.ToString() },
            write.Transaction) > 0;
    }

    /// <summary>Decrypts the newest version. The caller clears the secret.</summary>
    /// <exception cref="CredentialMissingException">Unknown, or another owner's or purpose's.</exception>
    /// <exception cref="VaultCorruptException">The row was altered or moved.</exception>
    public async Task<Secret> OpenAsync(CredentialId id, VaultOwner owner, string purpose, CancellationToken cancellationToken) =>
        (await OpenAllAsync(id, owner, purpose, newestOnly: true, cancellationToken))[0];

    /// <summary>Decrypts every version still kept, newest first: one, or two while a new one waits to be confirmed. The caller clears them.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public Task<IReadOnlyList<Secret>> OpenAllAsync(CredentialId id, VaultOwner owner, string purpose, CancellationToken cancellationToken) =>
        OpenAllAsync(id, owner, purpose, newestOnly: false, cancellationToken);

    /// <summary>Removes a credential for good.</summary>
    public Task DestroyAsync(WriteTransaction write, CredentialId id)
    {
        ArgumentNullException.ThrowIfNull(write);
        keyring.Demand();
        VaultMetrics.Count("destroyed", succeeded: true);
        return write.Connection.ExecuteAsync("DELETE FROM vault_credentials WHERE credential_id = @id", new { id = id.ToString() }, write.Transaction);
    }

    /// <summary>Removes every credential of one owner and purpose for good.</summary>
    public Task DestroyAsync(WriteTransaction write, VaultOwner owner, string purpose)
    {
        ArgumentNullException.ThrowIfNull(write);
        keyring.Demand();
        VaultMetrics.Count("destroyed", succeeded: true);
        return write.Connection.ExecuteAsync("DELETE FROM vault_credentials WHERE owner = @owner AND purpose = @purpose", new { owner = owner.ToString(), purpose }, write.Transaction);
    }

    /// <summary>Off-boarding: destroys a tenant's credentials and its data keys, so that no copy of a row can be read again.</summary>
    public async Task DestroyOwnerAsync(WriteTransaction write, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(write);
        keyring.Demand();
        var owner = new { owner = VaultOwner.Of(tenant).ToString() };
        await write.Connection.ExecuteAsync("DELETE FROM vault_credentials WHERE owner = @owner", owner, write.Transaction);
        await write.Connection.ExecuteAsync("DELETE FROM vault_data_keys WHERE owner = @owner", owner, write.Transaction);
    }

    /// <summary>After deletions: makes SQLite write its log back and cut it, so that overwritten rows are gone from disk. Does nothing on PostgreSQL.</summary>
    public async Task ScrubAsync(CancellationToken cancellationToken)
    {
        if (database.Dialect != SqlDialect.Sqlite) return;
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <inheritdoc cref="VaultKeyring.RotateKekAsync"/>
    public Task<int> RotateKekAsync(Func<WriteTransaction, string, Task> record, CancellationToken cancellationToken) => keyring.RotateKekAsync(record, cancellationToken);

    /// <summary>
    /// Moves every record off data keys older than <see cref="DataKeyLife"/> or used as often as they may be, each in its own transaction, and
    /// destroys such keys once nothing refers to them. Call again after a failure.
    /// </summary>
    /// <param name="record">Writes the audit record of one key's end, given the key's id, in the transaction that destroys it.</param>
    /// <param name="cancellationToken">Stops between two records.</param>
    /// <returns>How many records were encrypted anew.</returns>
    /// <exception cref="VaultCorruptException">A record does not decrypt and stays as it was; all others were moved.</exception>
    public async Task<int> RotateDataKeysAsync(Func<WriteTransaction, string, Task> record, CancellationToken cancellationToken)
    {
        keyring.Demand();
        var worn = new { before = (time.GetUtcNow() - DataKeyLife).UtcTicks, MaxUses };
        List<(string Id, long Version)> waiting;
        List<string> keys;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            keys = [.. await connection.QueryAsync<string>($"SELECT key_id FROM vault_data_keys WHERE {Worn} ORDER BY key_id", worn)];
            if (keys.Count == 0) return 0;
            waiting = [.. await connection.QueryAsync<(string, long)>(
                $"SELECT credential_id, version FROM vault_credentials WHERE key_id IN (SELECT key_id FROM vault_data_keys WHERE {Worn}) ORDER BY credential_id, version", worn)];
        }

        var count = 0;
        VaultCorruptException? damaged = null;
        foreach (var (id, version) in waiting)
        {
            try
            {
                if (await database.WriteAsync(write => ReencryptAsync(write, id, version, keys, cancellationToken), cancellationToken)) count++;
            }
            catch (VaultCorruptException corrupt)
            {
                damaged ??= corrupt;
            }
        }

        foreach (var key in keys)
        {
            await database.WriteAsync(
                async write =>
                {
                    var gone = await write.Connection.ExecuteAsync(
                        "DELETE FROM vault_data_keys WHERE key_id = @key AND NOT EXISTS (SELECT 1 FROM vault_credentials WHERE key_id = @key)", new { key }, write.Transaction);
                    if (gone > 0) await record(write, key);
                },
                cancellationToken);
        }

        return damaged is null ? count : throw damaged;
    }

    private async Task<IReadOnlyList<Secret>> OpenAllAsync(CredentialId id, VaultOwner owner, string purpose, bool newestOnly, CancellationToken cancellationToken)
    {
        keyring.Demand();
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<SealedRow>(SelectCredential, new { id = id.ToString(), owner = owner.ToString(), purpose })).ToList();
        if (rows.Count == 0) throw new CredentialMissingException(id);
        var secrets = new List<Secret>();
        foreach (var row in newestOnly ? rows[..1] : rows) secrets.Add(new Secret(await DecryptAsync(row, id.ToString(), owner.ToString(), purpose, cancellationToken)));
        return secrets;
    }

    private async Task<byte[]> DecryptAsync(SealedRow row, string id, string owner, string purpose, CancellationToken cancellationToken)
    {
        using var key = await keyring.UnwrapAsync(new DataKeyRow(row.KeyId, row.Owner, row.Purpose, row.KekId, row.Wrapped, 0, 0), cancellationToken);
        try
        {
            var opened = Envelope.Open(key.Key, row.Sealed, Envelope.PlaceOfCredential(owner, id, purpose, row.KeyId, row.Version));
            VaultMetrics.Count("opened", succeeded: true);
            return opened;
        }
        catch (CryptographicException)
        {
            VaultMetrics.Count("opened", succeeded: false);
            throw new VaultCorruptException($"Credential '{id}'");
        }
    }

    private async Task WriteVersionAsync(WriteTransaction write, CredentialId id, long version, string owner, string purpose, Secret secret)
    {
        using var key = await TakeDataKeyAsync(write, owner, purpose);
        var blob = Envelope.Seal(key.Key, secret.Reveal(), Envelope.PlaceOfCredential(owner, id.ToString(), purpose, key.Id, version));
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO vault_credentials (credential_id, version, owner, purpose, key_id, sealed, created_at)
            VALUES (@id, @version, @owner, @purpose, @keyId, @blob, @now)
            """,
            new { id = id.ToString(), version, owner, purpose, keyId = key.Id, blob, now = time.GetUtcNow().UtcTicks },
            write.Transaction);
    }

    private async Task<DataKey> TakeDataKeyAsync(WriteTransaction write, string owner, string purpose)
    {
        keyring.Demand();
        var row = await write.Connection.QueryFirstOrDefaultAsync<DataKeyRow>(
            DataKeyRow.Select + " WHERE owner = @owner AND purpose = @purpose AND created_at >= @since AND uses < @MaxUses ORDER BY created_at DESC, key_id DESC LIMIT 1",
            new { owner, purpose, since = (time.GetUtcNow() - DataKeyLife).UtcTicks, MaxUses },
            write.Transaction);
        var key = row is null ? await keyring.CreateDataKeyAsync(write, owner, purpose) : await keyring.UnwrapAsync(row, CancellationToken.None);
        await write.Connection.ExecuteAsync("UPDATE vault_data_keys SET uses = uses + 1 WHERE key_id = @Id", new { key.Id }, write.Transaction);
        return key;
    }

    private async Task<bool> ReencryptAsync(WriteTransaction write, string id, long version, List<string> worn, CancellationToken cancellationToken)
    {
        var old = await write.Connection.QueryFirstOrDefaultAsync<OldRow>(
            """
            SELECT c.credential_id AS CredentialId, c.owner AS CredentialOwner, c.purpose AS CredentialPurpose, c.version AS Version, c.sealed AS Sealed,
                   k.key_id AS KeyId, k.owner AS Owner, k.purpose AS Purpose, k.kek_id AS KekId, k.wrapped AS Wrapped
            FROM vault_credentials c JOIN vault_data_keys k ON k.key_id = c.key_id WHERE c.credential_id = @id AND c.version = @version
            """,
            new { id, version },
            write.Transaction);
        if (old is null || !worn.Contains(old.KeyId)) return false; // removed or replaced meanwhile
        var row = new SealedRow(old.Version, old.Sealed, old.KeyId, old.Owner, old.Purpose, old.KekId, old.Wrapped);
        using var secret = new Secret(await DecryptAsync(row, old.CredentialId, old.CredentialOwner, old.CredentialPurpose, cancellationToken));
        await write.Connection.ExecuteAsync(
            "DELETE FROM vault_credentials WHERE credential_id = @CredentialId AND version = @Version", new { old.CredentialId, old.Version }, write.Transaction);
        await WriteVersionAsync(write, new CredentialId(Guid.Parse(old.CredentialId)), old.Version, old.CredentialOwner, old.CredentialPurpose, secret);
        return true;
    }

    private sealed record SealedRow(long Version, byte[] Sealed, string KeyId, string Owner, string Purpose, string KekId, byte[] Wrapped);

    private sealed record OldRow(
        string CredentialId, string CredentialOwner, string CredentialPurpose, long Version, byte[] Sealed, string KeyId, string Owner, string Purpose, string KekId, byte[] Wrapped);
}
