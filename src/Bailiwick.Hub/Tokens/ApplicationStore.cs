using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Tokens;

/// <summary>The id of a provider application in this hub.</summary>
public readonly record struct ApplicationId(Guid Value)
{
    /// <summary>The lower-case 36-character form.</summary>
    public override string ToString() => Value.ToString("D");
}

/// <summary>An app registration of the provider; what it proves itself with is in the vault.</summary>
/// <param name="Id">Given by the hub.</param>
/// <param name="Name">Unique; how the command line names it.</param>
/// <param name="ClientId">The application (client) id at Entra.</param>
/// <param name="CredentialKind"><c>secret</c> or <c>certificate</c>.</param>
/// <param name="CredentialExpiresAt">When the credential stops working, UTC; null when nobody said.</param>
public sealed record ProviderApplication(ApplicationId Id, string Name, Guid ClientId, string CredentialKind, DateTimeOffset? CredentialExpiresAt)
{
    /// <summary>When it was added, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    internal CredentialId Credential { get; init; }
}

/// <summary>What became of removing an application.</summary>
public abstract record ApplicationRemoval
{
    private ApplicationRemoval()
    {
    }

    /// <summary>It is gone, its credential destroyed.</summary>
    public sealed record Removed : ApplicationRemoval;

    /// <summary>There is none of that name.</summary>
    public sealed record Unknown : ApplicationRemoval;

    /// <summary>Tenants are connected through it; nothing changed.</summary>
    /// <param name="Connections">How many.</param>
    public sealed record InUse(long Connections) : ApplicationRemoval;
}

/// <summary>What an application proves itself with: a client secret or a certificate with its key.</summary>
public sealed class ApplicationCredential : IDisposable
{
    private ApplicationCredential(string kind, Secret content, DateTimeOffset? expiresAt)
    {
        Kind = kind;
        Content = content;
        ExpiresAt = expiresAt;
    }

    /// <summary><c>secret</c> or <c>certificate</c>.</summary>
    public string Kind { get; }

    /// <summary>UTC, or null when unknown.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    internal Secret Content { get; }

    /// <summary>A client secret's value (not its id). Takes over <paramref name="secret"/>.</summary>
    public static ApplicationCredential FromSecret(Secret secret, DateTimeOffset? expiresAt) => new("secret", secret, expiresAt);

    /// <summary>A certificate with its key from a PKCS #12 file.</summary>
    /// <exception cref="ArgumentException">Not such a file, wrong password, or no key in it.</exception>
    public static ApplicationCredential FromPfx(Secret pfx, Secret? password)
    {
        ArgumentNullException.ThrowIfNull(pfx);
        try
        {
            using var certificate = X509CertificateLoader.LoadPkcs12(pfx.Reveal(), password?.RevealText(), X509KeyStorageFlags.Exportable);
            return FromCertificate(certificate);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException("The file is no PKCS #12 file, or the password is wrong.", e);
        }
    }

    /// <summary>A certificate and its unencrypted key from PEM text.</summary>
    /// <exception cref="ArgumentException">The certificate or the key is missing or damaged.</exception>
    public static ApplicationCredential FromPem(Secret pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        try
        {
            var text = pem.RevealText();
            using var certificate = X509Certificate2.CreateFromPem(text, text);
            return FromCertificate(certificate);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException("The PEM text needs one certificate and its unencrypted private key.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Content.Dispose();

    private static ApplicationCredential FromCertificate(X509Certificate2 certificate)
    {
        if (!certificate.HasPrivateKey) throw new ArgumentException("The certificate comes without its private key.");
        return new ApplicationCredential("certificate", new Secret(certificate.Export(X509ContentType.Pkcs12)), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }
}

/// <summary>The provider's applications. Every change writes an audit record in its own transaction; rows are sealed. Thread safe.</summary>
public sealed class ApplicationStore(Database database, CredentialVault vault, AuditLog audit, RowSeal seal, TimeProvider time)
{
    internal const string Purpose = "application";

    private const string Select =
        """
        SELECT application_id AS ApplicationId, name AS Name, client_id AS ClientId, credential_kind AS CredentialKind, credential_id AS CredentialId,
               credential_expires_at AS CredentialExpiresAt, created_at AS CreatedAt, seal AS Seal
        FROM applications
        """;

    /// <summary>Adds an application. The credential's bytes are cleared by the caller's dispose.</summary>
    /// <returns>The application, or null when the name is taken; then nothing changed.</returns>
    public Task<ProviderApplication?> AddAsync(Actor actor, string name, Guid clientId, ApplicationCredential credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(credential);
        if (string.IsNullOrWhiteSpace(name) || name.Length > 100 || name.Any(char.IsControl)) throw new ArgumentException("An application needs a name of 1 to 100 characters.");
        if (clientId == Guid.Empty) throw new ArgumentException("An application needs its client id, the GUID that Entra shows.");
        return database.WriteAsync(
            async write =>
            {
                if (await write.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM applications WHERE name = @name", new { name }, write.Transaction) > 0) return null;
                var id = await vault.StoreAsync(write, VaultOwner.Provider, Purpose, credential.Content);
                var now = time.GetUtcNow();
                var row = Sealed(new Row(
                    Guid.CreateVersion7(now).ToString("D"), name, clientId.ToString("D"), credential.Kind, id.ToString(), credential.ExpiresAt?.UtcTicks, now.UtcTicks, []));
                await write.Connection.ExecuteAsync(
                    """
                    INSERT INTO applications (application_id, name, client_id, credential_kind, credential_id, credential_expires_at, created_at, seal)
                    VALUES (@ApplicationId, @Name, @ClientId, @CredentialKind, @CredentialId, @CredentialExpiresAt, @CreatedAt, @Seal)
                    """,
                    row,
                    write.Transaction);
                await audit.AppendAsync(write, new AuditEntry("application.added", actor, ObjectId: row.ApplicationId, Detail: $"client={row.ClientId} credential={row.CredentialKind}"));
                return row.ToApplication();
            },
            cancellationToken);
    }

    /// <summary>Replaces the credential; the old one is destroyed.</summary>
    /// <returns>False when there is no such application.</returns>
    /// <exception cref="SealBrokenException">The row was changed outside the hub; it does not get a new seal.</exception>
    public async Task<bool> ReplaceCredentialAsync(Actor actor, ApplicationId application, ApplicationCredential credential, CancellationToken cancellationToken) =>
        await GetAsync(application, cancellationToken) is not null && await database.WriteAsync(
        async write =>
        {
            var old = await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE application_id = @id", new { id = application.ToString() }, write.Transaction);
            if (old is null || !IsSealed(old)) return false; // changed since GetAsync looked
            await vault.DestroyAsync(write, old.ToApplication().Credential);
            var id = await vault.StoreAsync(write, VaultOwner.Provider, Purpose, credential.Content);
            var row = Sealed(old with { CredentialKind = credential.Kind, CredentialId = id.ToString(), CredentialExpiresAt = credential.ExpiresAt?.UtcTicks });
            await write.Connection.ExecuteAsync(
                """
                UPDATE applications SET credential_kind = @CredentialKind, credential_id = @CredentialId, credential_expires_at = @CredentialExpiresAt, seal = @Seal
                WHERE application_id = @ApplicationId
                """,
                row,
                write.Transaction);
            await audit.AppendAsync(write, new AuditEntry("application.credential-replaced", actor, ObjectId: row.ApplicationId, Detail: $"credential={row.CredentialKind}"));
            return true;
        },
        cancellationToken);

    /// <summary>Removes an application that no connection uses and destroys its credential.</summary>
    public Task<ApplicationRemoval> RemoveAsync(Actor actor, string name, CancellationToken cancellationToken) => database.WriteAsync<ApplicationRemoval>(
        async write =>
        {
            var row = await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE name = @name", new { name }, write.Transaction);
            if (row is null) return new ApplicationRemoval.Unknown();
            var used = await write.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM connections WHERE application_id = @ApplicationId", row, write.Transaction);
            if (used > 0) return new ApplicationRemoval.InUse(used);
            await write.Connection.ExecuteAsync("DELETE FROM applications WHERE application_id = @ApplicationId", row, write.Transaction);
            if (IsSealed(row)) await vault.DestroyAsync(write, row.ToApplication().Credential); // else the row may name another application's
            await audit.AppendAsync(write, new AuditEntry("application.removed", actor, ObjectId: row.ApplicationId));
            return new ApplicationRemoval.Removed();
        },
        cancellationToken);

    /// <summary>The application, or null.</summary>
    /// <exception cref="SealBrokenException">The row was changed outside the hub.</exception>
    public Task<ProviderApplication?> GetAsync(ApplicationId id, CancellationToken cancellationToken) => FindAsync("application_id = @value", id.ToString(), cancellationToken);

    /// <summary>The application of that name, or null.</summary>
    /// <exception cref="SealBrokenException">The row was changed outside the hub.</exception>
    public Task<ProviderApplication?> FindByNameAsync(string name, CancellationToken cancellationToken) => FindAsync("name = @value", name, cancellationToken);

    /// <summary>All applications by name, for people to see; one that was changed outside the hub is recorded and refused by <see cref="GetAsync"/>.</summary>
    public async Task<IReadOnlyList<ProviderApplication>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(Select + " ORDER BY name")).ToList();
        foreach (var broken in rows.Where(row => !IsSealed(row))) await audit.BrokenSeals.NoteAsync(database, "application", broken.ApplicationId, null, cancellationToken);
        return [.. rows.Select(row => row.ToApplication())];
    }

    private async Task<ProviderApplication?> FindAsync(string filter, string value, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>($"{Select} WHERE {filter}", new { value });
        if (row is null) return null;
        return IsSealed(row) ? row.ToApplication() : throw await audit.BrokenSeals.RefuseAsync(database, "application", row.ApplicationId, null, cancellationToken);
    }

    private Row Sealed(Row row) => row with { Seal = seal.Compute("applications", row.ApplicationId, row.Name, row.ClientId, row.CredentialKind, row.CredentialId, row.CredentialExpiresAt) };

    private bool IsSealed(Row row) => CryptographicOperations.FixedTimeEquals(Sealed(row).Seal, row.Seal);

    private sealed record Row(
        string ApplicationId, string Name, string ClientId, string CredentialKind, string CredentialId, long? CredentialExpiresAt, long CreatedAt, byte[] Seal)
    {
        public ProviderApplication ToApplication() => new(
            new ApplicationId(Guid.Parse(ApplicationId)), Name, Guid.Parse(ClientId), CredentialKind, CredentialExpiresAt is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null)
        {
            CreatedAt = new DateTimeOffset(CreatedAt, TimeSpan.Zero),
            Credential = new CredentialId(Guid.Parse(CredentialId)),
        };
    }
}
