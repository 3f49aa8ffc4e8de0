using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Bailiwick.Server.Configuration;
using Dapper;

namespace Bailiwick.Cli.Local;

/// <summary>Works on the vault of a stopped hub: its directory is held, so that no hub starts meanwhile.</summary>
internal static class VaultTool
{
    /// <summary>Makes the key-encryption key and the vault.</summary>
    public static async Task<VaultReport> InitAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options);
        await Migrator.MigrateAsync(local.Database, cancellationToken);
        return await ReportAsync(local.Database, options, createWhenNew: true, cancellationToken);
    }

    /// <summary>Looks whether the vault opens.</summary>
    public static async Task<VaultReport> StatusAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options, make: false);
        return (await local.SchemaAsync(cancellationToken)).Number == 0
            ? new VaultReport(Initialised: false, Opens: false, "file", null, 0, "There is no vault yet: bailiwick vault init makes one, and so does the first start of the hub.")
            : await ReportAsync(local.Database, options, createWhenNew: false, cancellationToken);
    }

    /// <summary>Makes a new key-encryption key and wraps every data key anew, with an audit record.</summary>
    public static async Task<VaultReport> RotateAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options, make: false);
        await Migrator.MigrateAsync(local.Database, cancellationToken);
        using var keyring = Keyring(local.Database, options);
        if (await keyring.OpenAsync(createWhenNew: false, cancellationToken) is VaultState.Unsealed)
        {
            var audit = new AuditLog(keyring, TimeProvider.System);
            await new CredentialVault(local.Database, keyring, TimeProvider.System).RotateKekAsync(
                (write, kekId) => audit.AppendAsync(write, new AuditEntry("vault.kek-rotated", new Actor("cli", "vault rotate"), ObjectId: kekId)), cancellationToken);
        }

        return await ReportAsync(local.Database, options, createWhenNew: false, cancellationToken);
    }

    private static VaultKeyring Keyring(Database database, ServerOptions options) =>
        new(database, new FileKekProvider(Path.Combine(options.Data, "keys")), TimeProvider.System);

    private static async Task<VaultReport> ReportAsync(Database database, ServerOptions options, bool createWhenNew, CancellationToken cancellationToken)
    {
        using var keyring = Keyring(database, options);
        var state = await keyring.OpenAsync(createWhenNew, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var made = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_keks") > 0;
        var credentials = await connection.ExecuteScalarAsync<long>("SELECT COUNT(DISTINCT credential_id) FROM vault_credentials");
        return state switch
        {
            VaultState.Unsealed open => new VaultReport(Initialised: true, Opens: true, "file", open.KekId, credentials, null),
            VaultState.Sealed closed => new VaultReport(Initialised: made, Opens: false, "file", null, credentials, closed.Reason),
            _ => throw new InvalidOperationException($"Unknown vault state {state.GetType().Name}."),
        };
    }
}

/// <summary>How a vault stands.</summary>
/// <param name="Initialised">Whether there is one.</param>
/// <param name="Opens">Whether the key-encryption key fits.</param>
/// <param name="KeyProvider">For example <c>file</c>.</param>
/// <param name="KeyId">The present key's id; null when there is none.</param>
/// <param name="Credentials">How many credentials it holds.</param>
/// <param name="Detail">One sentence when something is wrong.</param>
internal sealed record VaultReport(bool Initialised, bool Opens, string KeyProvider, string? KeyId, long Credentials, string? Detail);
