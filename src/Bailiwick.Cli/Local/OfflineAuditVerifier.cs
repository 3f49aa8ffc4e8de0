using Bailiwick.Api.V1;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Vault;
using Bailiwick.Server.Configuration;
using AuditVerifier = Bailiwick.Hub.Audit.AuditVerifier;

namespace Bailiwick.Cli.Local;

/// <summary>Checks the audit chain of a stopped hub: numbers, hashes, MACs and every anchor.</summary>
internal static class OfflineAuditVerifier
{
    public static async Task<AuditVerification> VerifyAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        await using var local = LocalDatabase.Open(options, make: false);
        using var keyring = new VaultKeyring(local.Database, new FileKekProvider(Path.Combine(options.Data, "keys")), TimeProvider.System);
        if (await keyring.OpenAsync(createWhenNew: false, cancellationToken) is VaultState.Sealed closed)
        {
            throw new DataDirectoryException($"The audit chain cannot be checked without the vault's key: {closed.Reason}");
        }

        return await AuditVerifier.VerifyAsync(local.Database, keyring, Path.Combine(options.Data, AuditAnchorWriter.FileName), cancellationToken) switch
        {
            AuditVerdict.Intact intact => new AuditVerification(Intact: true, intact.Records, intact.Anchors, null, null),
            AuditVerdict.Broken broken => new AuditVerification(Intact: false, broken.Position - 1, 0, broken.Position, broken.Fault),
            AuditVerdict.AnchorsDamaged damaged => new AuditVerification(Intact: false, 0, 0, null, damaged.Fault),
            var other => throw new InvalidOperationException($"Unknown verdict {other.GetType().Name}."),
        };
    }
}
