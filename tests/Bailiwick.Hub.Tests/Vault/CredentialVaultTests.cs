using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Vault;

public sealed class CredentialVaultTests
{
    private const string Canary = "canary-7Qx-do-not-store-me-in-the-clear";

    private static readonly VaultOwner s_ann = VaultOwner.Of(new TenantId(Guid.Parse("11111111-1111-4111-8111-111111111111")));
    private static readonly VaultOwner s_ben = VaultOwner.Of(new TenantId(Guid.Parse("22222222-2222-4222-8222-222222222222")));

    [Fact]
    public async Task A_credential_comes_back_after_a_restart()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await StoreAsync(temp, s_ann, "refresh", Canary);

        using var keyring = new VaultKeyring(temp.Database, new FileKekProvider(temp.KeyDirectory), temp.Time);
        (await keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();

        (await OpenAsync(new CredentialVault(temp.Database, keyring, temp.Time), id, s_ann, "refresh")).ShouldBe(Canary);
    }

    [Fact]
    public async Task No_file_of_the_database_holds_the_secret()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await StoreAsync(temp, s_ann, "refresh", Canary);
        await temp.Database.WriteAsync(write => temp.Vault.ReplaceAsync(write, id, s_ann, "refresh", Secret.FromText(Canary)), CancellationToken.None);

        var bytes = temp.Temp.ReadFiles();

        Contains(bytes, Encoding.UTF8.GetBytes(id.ToString())).ShouldBeTrue("the search itself must work");
        Contains(bytes, Encoding.UTF8.GetBytes(Canary)).ShouldBeFalse();
        Contains(bytes, Encoding.Unicode.GetBytes(Canary)).ShouldBeFalse();
        Contains(bytes, Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..40])).ShouldBeFalse();
        var kek = Convert.FromBase64String((await File.ReadAllTextAsync(Path.Combine(temp.KeyDirectory, "kek"))).Split(' ')[1]);
        Contains(bytes, kek).ShouldBeFalse("the key-encryption key is never in the database");
    }

    [Theory]
    [InlineData("UPDATE vault_credentials SET sealed = (SELECT sealed FROM vault_credentials WHERE credential_id = @b), key_id = (SELECT key_id FROM vault_credentials WHERE credential_id = @b) WHERE credential_id = @a")]
    [InlineData("UPDATE vault_credentials SET sealed = (SELECT sealed FROM vault_credentials WHERE credential_id = @b) WHERE credential_id = @a")]
    [InlineData("UPDATE vault_credentials SET version = 7 WHERE credential_id = @a")]
    [InlineData("UPDATE vault_credentials SET sealed = zeroblob(length(sealed)) WHERE credential_id = @a")]
    [InlineData("UPDATE vault_data_keys SET owner = '22222222-2222-4222-8222-222222222222' WHERE owner <> 'hub'")]
    [InlineData("UPDATE vault_data_keys SET wrapped = (SELECT wrapped FROM vault_data_keys WHERE owner = 'hub') WHERE owner <> 'hub'")]
    public async Task A_row_that_was_moved_or_altered_does_not_open(string change)
    {
        await using var temp = await TempVault.CreateAsync();
        var a = await StoreAsync(temp, s_ann, "refresh", Canary);
        var b = await StoreAsync(temp, s_ann, "refresh", "another");
        (await OpenAsync(temp.Vault, a, s_ann, "refresh")).ShouldBe(Canary);

        (await ExecuteAsync(temp, change, new { a = a.ToString(), b = b.ToString() })).ShouldBeGreaterThan(0);

        await Should.ThrowAsync<VaultCorruptException>(() => OpenAsync(temp.Vault, a, s_ann, "refresh"));
    }

    [Fact]
    public async Task A_row_given_to_another_owner_or_purpose_does_not_open()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await StoreAsync(temp, s_ann, "refresh", Canary);

        await Should.ThrowAsync<CredentialMissingException>(() => OpenAsync(temp.Vault, id, s_ben, "refresh"));
        await Should.ThrowAsync<CredentialMissingException>(() => OpenAsync(temp.Vault, id, s_ann, "secret"));
        await ExecuteAsync(temp, "UPDATE vault_credentials SET owner = @owner", new { owner = s_ben.ToString() });
        await Should.ThrowAsync<VaultCorruptException>(() => OpenAsync(temp.Vault, id, s_ben, "refresh"));
    }

    [Fact]
    public async Task The_previous_version_stays_until_the_new_one_is_confirmed()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await StoreAsync(temp, s_ann, "refresh", "one");
        await temp.Database.WriteAsync(write => temp.Vault.ReplaceAsync(write, id, s_ann, "refresh", Secret.FromText("two")), CancellationToken.None);

        (await OpenAsync(temp.Vault, id, s_ann, "refresh")).ShouldBe("two");
        (await temp.Vault.OpenAllAsync(id, s_ann, "refresh", CancellationToken.None)).Select(secret => secret.RevealText()).ShouldBe(["two", "one"]);

        await temp.Database.WriteAsync(write => temp.Vault.ConfirmAsync(write, id), CancellationToken.None);

        (await temp.Vault.OpenAllAsync(id, s_ann, "refresh", CancellationToken.None)).Select(secret => secret.RevealText()).ShouldBe(["two"]);
        (await temp.Database.WriteAsync(write => temp.Vault.RevertAsync(write, id), CancellationToken.None)).ShouldBeFalse("the only version is never reverted");
    }

    [Fact]
    public async Task A_version_that_did_not_work_is_reverted()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await StoreAsync(temp, s_ann, "refresh", "one");
        await temp.Database.WriteAsync(write => temp.Vault.ReplaceAsync(write, id, s_ann, "refresh", Secret.FromText("two")), CancellationToken.None);

        (await temp.Database.WriteAsync(write => temp.Vault.RevertAsync(write, id), CancellationToken.None)).ShouldBeTrue();

        (await OpenAsync(temp.Vault, id, s_ann, "refresh")).ShouldBe("one");
    }

    [Fact]
    public async Task Offboarding_destroys_the_tenants_data_keys_and_nobody_elses()
    {
        await using var temp = await TempVault.CreateAsync();
        var ann = await StoreAsync(temp, s_ann, "refresh", Canary);
        var ben = await StoreAsync(temp, s_ben, "refresh", "bens");

        await temp.Database.WriteAsync(write => temp.Vault.DestroyOwnerAsync(write, s_ann.Tenant!.Value), CancellationToken.None);
        await temp.Vault.ScrubAsync(CancellationToken.None);

        await Should.ThrowAsync<CredentialMissingException>(() => OpenAsync(temp.Vault, ann, s_ann, "refresh"));
        (await OpenAsync(temp.Vault, ben, s_ben, "refresh")).ShouldBe("bens");
        await using var connection = await temp.Database.OpenAsync(CancellationToken.None);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_data_keys WHERE owner = @owner", new { owner = s_ann.ToString() })).ShouldBe(0);
        Contains(temp.Temp.ReadFiles(), Encoding.UTF8.GetBytes(ann.ToString())).ShouldBeFalse("deleted rows are overwritten on disk");
    }

    [Fact]
    public async Task A_failed_transaction_leaves_no_credential()
    {
        await using var temp = await TempVault.CreateAsync();
        CredentialId id = default;

        await Should.ThrowAsync<InvalidOperationException>(() => temp.Database.WriteAsync(
            async write =>
            {
                id = await temp.Vault.StoreAsync(write, s_ann, "refresh", Secret.FromText(Canary));
                throw new InvalidOperationException("the audit record could not be written");
            },
            CancellationToken.None));

        await Should.ThrowAsync<CredentialMissingException>(() => OpenAsync(temp.Vault, id, s_ann, "refresh"));
    }

    [Fact]
    public async Task Old_data_keys_are_replaced_and_destroyed()
    {
        var time = new ManualTime();
        await using var temp = await TempVault.CreateAsync(time);
        var id = await StoreAsync(temp, s_ann, "refresh", Canary);
        var before = await KeysAsync(temp);
        time.Advance(TimeSpan.FromDays(91));

        (await temp.Vault.RotateDataKeysAsync(NoRecord, CancellationToken.None)).ShouldBe(1);

        (await OpenAsync(temp.Vault, id, s_ann, "refresh")).ShouldBe(Canary);
        (await KeysAsync(temp)).ShouldNotContain(key => before.Contains(key));
        (await temp.Vault.RotateDataKeysAsync(NoRecord, CancellationToken.None)).ShouldBe(0);
    }

    internal static Task NoRecord(Hub.Storage.WriteTransaction write, string key) => Task.CompletedTask;

    internal static async Task<CredentialId> StoreAsync(TempVault temp, VaultOwner owner, string purpose, string text)
    {
        using var secret = Secret.FromText(text);
        return await temp.Database.WriteAsync(write => temp.Vault.StoreAsync(write, owner, purpose, secret), CancellationToken.None);
    }

    internal static async Task<string> OpenAsync(CredentialVault vault, CredentialId id, VaultOwner owner, string purpose)
    {
        using var secret = await vault.OpenAsync(id, owner, purpose, CancellationToken.None);
        return secret.RevealText();
    }

    private static async Task<List<string>> KeysAsync(TempVault temp)
    {
        await using var connection = await temp.Database.OpenAsync(CancellationToken.None);
        return [.. await connection.QueryAsync<string>("SELECT key_id FROM vault_data_keys WHERE owner <> 'hub'")];
    }

    private static Task<int> ExecuteAsync(TempVault temp, string sql, object parameters) =>
        temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(sql, parameters, write.Transaction), CancellationToken.None);

    private static bool Contains(byte[] where, byte[] what) => where.AsSpan().IndexOf(what) >= 0;
}
