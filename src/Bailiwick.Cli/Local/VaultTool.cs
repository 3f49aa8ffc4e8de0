using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Bailiwick.Server.Configuration;
using Dapper;

namespace Bailiwick.Cli.Local;

/// <summary>Works on the vault of a stopped hub: its directory is held, so that no hub starts meanwhile.</summary>
internal sealed class VaultTool : IVaultTool
{
    public async Task<VaultReport> InitAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options);
        await Migrator.MigrateAsync(local.Database, cancellationToken);
        return await ReportAsync(local.Database, options, createWhenNew: true, cancellationToken);
    }

    public async Task<VaultReport> StatusAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options, make: false);
        return (await local.SchemaAsync(cancellationToken)).Number == 0
            ? new VaultReport(Initialised: false, Opens: false, "file", null, 0, "There is no vault yet: bailiwick vault init makes one, and so does the first start of the hub.")
            : await ReportAsync(local.Database, options, createWhenNew: false, cancellationToken);
    }

    public async Task<VaultReport> RotateAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options, make: false);
        await Migrator.MigrateAsync(local.Database, cancellationToken);
        using var keyring = Keyring(local.Database, options);
        if (await keyring.OpenAsync(createWhenNew: false, cancellationToken) is VaultState.Unsealed) await new CredentialVault(local.Database, keyring, TimeProvider.System).RotateKekAsync(cancellationToken);
        return await ReportAsync(local.Database, options, createWhenNew: false, cancellationToken);
    }

    private static VaultKeyring Keyring(Database database, ServerOptions options) =>
        new(database, new FileKekProvider(Path.Combine(options.Data, "keys")), TimeProvider.System);

    private static async Task<VaultReport> ReportAsync(Database database, ServerOptions options, bool createWhenNew, CancellationToken cancellationToken)
    {
        using var keyring = Keyring(database, options);
        var state = await keyring.OpenAsync(createWhenNew, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var credentials = await connection.ExecuteScalarAsync<long>("SELECT COUNT(DISTINCT credential_id) FROM vault_credentials");
        return state switch
        {
            VaultState.Unsealed open => new VaultReport(Initialised: true, Opens: true, "file", open.KekId, credentials, null),
            VaultState.Sealed closed => new VaultReport(Initialised: credentials > 0, Opens: false, "file", null, credentials, closed.Reason),
            _ => throw new InvalidOperationException($"Unknown vault state {state.GetType().Name}."),
        };
    }
}
