using System.Security.Cryptography;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Vault;

public sealed class VaultKeyringTests
{
    [Fact]
    public async Task Nothing_works_before_the_vault_is_opened()
    {
        await using var temp = await TempDatabase.CreateAsync();
        using var keyring = new VaultKeyring(temp.Database, new FileKekProvider(Path.Combine(temp.Folder, "keys")), new ManualTime());
        var vault = new CredentialVault(temp.Database, keyring, new ManualTime());

        keyring.State.ShouldBeOfType<VaultState.Sealed>();
        Should.Throw<VaultSealedException>(() => keyring.Derive("x"));
        await Should.ThrowAsync<VaultSealedException>(() => vault.OpenAsync(new CredentialId(Guid.NewGuid()), VaultOwner.Provider, "x", CancellationToken.None));
        await Should.ThrowAsync<VaultSealedException>(() => temp.Database.WriteAsync(
            write => vault.StoreAsync(write, VaultOwner.Provider, "x", Secret.FromText("y")), CancellationToken.None));
    }

    [Fact]
    public async Task A_new_database_gets_a_key_only_when_asked()
    {
        await using var temp = await TempDatabase.CreateAsync();
        using var keyring = new VaultKeyring(temp.Database, new FileKekProvider(Path.Combine(temp.Folder, "keys")), new ManualTime());

        (await keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>().Reason.ShouldContain("vault init");
        (await keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(Path.Combine(temp.Folder, "keys", "kek")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_missing_key_seals_and_is_never_replaced_and_putting_it_back_unseals()
    {
        await using var temp = await TempVault.CreateAsync();
        var derived = temp.Keyring.Derive("x");
        var path = Path.Combine(temp.KeyDirectory, "kek");
        File.Move(path, path + ".away");

        (await temp.Keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>();
        File.Exists(path).ShouldBeFalse();
        Should.Throw<VaultSealedException>(() => temp.Keyring.Derive("x"));

        File.Move(path + ".away", path);
        (await temp.Keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        temp.Keyring.Derive("x").ShouldBe(derived);
    }

    [Fact]
    public async Task Another_vaults_key_seals()
    {
        await using var temp = await TempVault.CreateAsync();
        await using var other = await TempVault.CreateAsync();
        File.Copy(Path.Combine(other.KeyDirectory, "kek"), Path.Combine(temp.KeyDirectory, "kek"), overwrite: true);

        (await temp.Keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>().Reason.ShouldContain("right key file");
    }

    [Theory]
    [InlineData("not a key")]
    [InlineData("bailiwick-kek-1 AAAA")]
    [InlineData("")]
    public async Task A_damaged_key_file_seals(string content)
    {
        await using var temp = await TempVault.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(temp.KeyDirectory, "kek"), content);

        (await temp.Keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>().Reason.ShouldContain("damaged");
    }

    [SkippableFact]
    public async Task A_key_file_that_others_may_read_seals()
    {
        Skip.If(OperatingSystem.IsWindows(), "file modes are a matter of Unix");
        await using var temp = await TempVault.CreateAsync();
#pragma warning disable CA1416 // skipped on Windows above
        File.SetUnixFileMode(Path.Combine(temp.KeyDirectory, "kek"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
#pragma warning restore CA1416

        (await temp.Keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>().Reason.ShouldContain("chmod 600");
    }

    [Fact]
    public async Task Rotation_rewraps_everything_and_the_old_key_opens_nothing_any_more()
    {
        await using var temp = await TempVault.CreateAsync();
        var id = await CredentialVaultTests.StoreAsync(temp, VaultOwner.Provider, "app", "kept");
        var derived = temp.Keyring.Derive("audit");
        var old = await File.ReadAllBytesAsync(Path.Combine(temp.KeyDirectory, "kek"));

        (await temp.Vault.RotateKekAsync(CredentialVaultTests.NoRecord, CancellationToken.None)).ShouldBe(2);

        (await CredentialVaultTests.OpenAsync(temp.Vault, id, VaultOwner.Provider, "app")).ShouldBe("kept");
        (await temp.Keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        temp.Keyring.Derive("audit").ShouldBe(derived);
        File.Exists(Path.Combine(temp.KeyDirectory, "kek.next")).ShouldBeFalse();
        await File.WriteAllBytesAsync(Path.Combine(temp.KeyDirectory, "kek"), old);
        (await temp.Keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Sealed>();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_interrupted_rotation_goes_on_after_a_restart(int wrapsBeforeTheFault)
    {
        var fault = new FaultyKek();
        await using var temp = await TempVault.CreateAsync(wrap: inner => fault.Around(inner));
        var first = await CredentialVaultTests.StoreAsync(temp, VaultOwner.Provider, "one", "first");
        var second = await CredentialVaultTests.StoreAsync(temp, VaultOwner.Provider, "two", "second");
        fault.WrapsLeft = wrapsBeforeTheFault;
        await Should.ThrowAsync<IOException>(() => temp.Vault.RotateKekAsync(CredentialVaultTests.NoRecord, CancellationToken.None));

        using var keyring = new VaultKeyring(temp.Database, new FileKekProvider(temp.KeyDirectory), temp.Time);
        (await keyring.OpenAsync(createWhenNew: false, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        var vault = new CredentialVault(temp.Database, keyring, temp.Time);
        (await CredentialVaultTests.OpenAsync(vault, first, VaultOwner.Provider, "one")).ShouldBe("first");
        await vault.RotateKekAsync(CredentialVaultTests.NoRecord, CancellationToken.None);

        (await CredentialVaultTests.OpenAsync(vault, second, VaultOwner.Provider, "two")).ShouldBe("second");
        File.Exists(Path.Combine(temp.KeyDirectory, "kek.next")).ShouldBeFalse();
        await using var connection = await temp.Database.OpenAsync(CancellationToken.None);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(DISTINCT kek_id) FROM vault_data_keys")).ShouldBe(1);
        (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_keks")).ShouldBe(1);
    }

    [Fact]
    public async Task A_rotation_is_recorded_once_though_it_was_interrupted()
    {
        var fault = new FaultyKek();
        await using var temp = await TempVault.CreateAsync(wrap: inner => fault.Around(inner));
        await CredentialVaultTests.StoreAsync(temp, VaultOwner.Provider, "one", "first");
        var recorded = new List<string>();
        fault.WrapsLeft = 2;
        await Should.ThrowAsync<IOException>(() => temp.Vault.RotateKekAsync(RecordAsync, CancellationToken.None));
        recorded.ShouldBeEmpty();
        fault.WrapsLeft = int.MaxValue;
        fault.KeepsOld = true;
        await Should.ThrowAsync<IOException>(() => temp.Vault.RotateKekAsync(RecordAsync, CancellationToken.None));
        fault.KeepsOld = false;
        await temp.Vault.RotateKekAsync(RecordAsync, CancellationToken.None);
        recorded.ShouldBe([temp.Keyring.State.ShouldBeOfType<VaultState.Unsealed>().KekId]);

        Task RecordAsync(Hub.Storage.WriteTransaction write, string kekId)
        {
            recorded.Add(kekId);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_vault_that_is_being_made_is_sealed_until_it_is_there()
    {
        await using var temp = await TempDatabase.CreateAsync();
        var states = new List<VaultState>();
        var keks = new FaultyKek();
        using var keyring = new VaultKeyring(temp.Database, keks.Around(new FileKekProvider(Path.Combine(temp.Folder, "keys"))), new ManualTime());
        keks.Wrapping = () => states.Add(keyring.State);
        await keyring.OpenAsync(createWhenNew: true, CancellationToken.None);
        states.Count.ShouldBe(2);
        states.ShouldAllBe(state => state is VaultState.Sealed);
        keyring.State.ShouldBeOfType<VaultState.Unsealed>();
    }

    [Fact]
    public async Task A_vault_that_was_half_made_is_made_at_the_next_try()
    {
        await using var temp = await TempDatabase.CreateAsync();
        var keks = new FaultyKek { WrapsLeft = 1 };
        using var keyring = new VaultKeyring(temp.Database, keks.Around(new FileKekProvider(Path.Combine(temp.Folder, "keys"))), new ManualTime());
        await Should.ThrowAsync<IOException>(() => keyring.OpenAsync(createWhenNew: true, CancellationToken.None));
        keyring.State.ShouldBeOfType<VaultState.Sealed>();
        await using (var connection = await temp.Database.OpenAsync(CancellationToken.None)) (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM vault_keks")).ShouldBe(0);
        keks.WrapsLeft = int.MaxValue;
        (await keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
    }

    [Fact]
    public async Task A_seal_fits_only_its_table_and_content()
    {
        await using var temp = await TempVault.CreateAsync();
        var seal = temp.Seal.Compute("sinks", "a", 1L, null);

        temp.Seal.Fits(seal, "sinks", "a", 1L, null).ShouldBeTrue();
        temp.Seal.Fits(seal, "keys", "a", 1L, null).ShouldBeFalse();
        temp.Seal.Fits(seal, "sinks", "a", 2L, null).ShouldBeFalse();
        temp.Seal.Fits(seal, "sinks", "a", 1L, "").ShouldBeFalse();
        temp.Seal.Fits(seal, "sinks", "a1", null, null).ShouldBeFalse();
        temp.Seal.Fits(null, "sinks", "a", 1L, null).ShouldBeFalse();
    }

    private sealed class FaultyKek
    {
        public int WrapsLeft { get; set; } = int.MaxValue;

        public bool KeepsOld { get; set; }

        public Action Wrapping { get; set; } = static () => { };

        public IKekProvider Around(IKekProvider inner) => new Provider(this, inner);

        private sealed class Provider(FaultyKek owner, IKekProvider inner) : IKekProvider
        {
            public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken) => inner.FindAsync(cancellationToken);

            public Task<string> CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

            public Task<byte[]> WrapAsync(string kekId, ReadOnlyMemory<byte> dataKey, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken)
            {
                owner.Wrapping();
                return owner.WrapsLeft-- > 0 ? inner.WrapAsync(kekId, dataKey, binding, cancellationToken) : throw new IOException("power cut");
            }

            public Task<byte[]> UnwrapAsync(string kekId, ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> binding, CancellationToken cancellationToken) =>
                inner.UnwrapAsync(kekId, wrapped, binding, cancellationToken);

            public Task RetireAsync(string kekId, CancellationToken cancellationToken) =>
                owner.KeepsOld ? throw new IOException("power cut") : inner.RetireAsync(kekId, cancellationToken);
        }
    }
}
