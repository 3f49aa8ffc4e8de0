using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Tests.Vault;
using Bailiwick.Hub.Vault;
using Bailiwick.Server.Start;
using Bailiwick.Testing;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class VaultUpkeepTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private VaultUpkeep _upkeep = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        _upkeep = new VaultUpkeep(_temp.Vault, _temp.Keyring, new AuditLog(_temp.Keyring, _time), _time, NullLogger<VaultUpkeep>.Instance);
    }

    public async Task DisposeAsync()
    {
        _upkeep.Dispose();
        await _temp.DisposeAsync();
    }

    [Fact]
    public async Task A_data_key_ends_after_90_days_with_a_record()
    {
        var id = await CredentialVaultTests.StoreAsync(_temp, VaultOwner.Provider, "app", "kept");
        var key = await OnlyKeyAsync();
        _time.Advance(CredentialVault.DataKeyLife);
        (await _upkeep.RunOnceAsync(CancellationToken.None)).ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _upkeep.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        (await CredentialVaultTests.OpenAsync(_temp.Vault, id, VaultOwner.Provider, "app")).ShouldBe("kept");
        (await OnlyKeyAsync()).ShouldNotBe(key);
        (await EventsAsync()).ShouldBe([("vault.data-key-destroyed", key)]);
    }

    [Fact]
    public async Task A_data_key_ends_when_it_was_used_as_often_as_it_may_be()
    {
        await CredentialVaultTests.StoreAsync(_temp, VaultOwner.Provider, "app", "kept");
        var key = await OnlyKeyAsync();
        await ExecuteAsync("UPDATE vault_data_keys SET uses = 2147483648 WHERE owner <> 'hub'");
        (await _upkeep.RunOnceAsync(CancellationToken.None)).ShouldBe(1);
        (await OnlyKeyAsync()).ShouldNotBe(key);
    }

    [Fact]
    public async Task One_damaged_credential_keeps_no_other_on_its_old_key()
    {
        var first = await CredentialVaultTests.StoreAsync(_temp, VaultOwner.Provider, "one", "first");
        _time.Advance(TimeSpan.FromMilliseconds(1)); // ids are in the order of time
        var second = await CredentialVaultTests.StoreAsync(_temp, VaultOwner.Provider, "two", "second");
        await ExecuteAsync($"UPDATE vault_credentials SET version = 7 WHERE credential_id = '{first}'");
        _time.Advance(TimeSpan.FromDays(91));
        await Should.ThrowAsync<VaultCorruptException>(() => _upkeep.RunOnceAsync(CancellationToken.None));
        (await CredentialVaultTests.OpenAsync(_temp.Vault, second, VaultOwner.Provider, "two")).ShouldBe("second");
        (await EventsAsync()).Count.ShouldBe(1, "the key of the damaged one is still referred to");
    }

    [Fact]
    public async Task What_was_deleted_is_cut_from_the_log_of_the_database()
    {
        await CredentialVaultTests.StoreAsync(_temp, VaultOwner.Provider, "app", "kept");
        new FileInfo(_temp.Database.Path + "-wal").Length.ShouldBeGreaterThan(0);
        await _upkeep.RunOnceAsync(CancellationToken.None);
        new FileInfo(_temp.Database.Path + "-wal").Length.ShouldBe(0);
    }

    private async Task<string> OnlyKeyAsync()
    {
        await using var connection = await _temp.Database.OpenAsync(CancellationToken.None);
        return await connection.QuerySingleAsync<string>("SELECT key_id FROM vault_data_keys WHERE owner <> 'hub'");
    }

    private async Task<List<(string Event, string? ObjectId)>> EventsAsync() =>
        [.. (await AuditLog.ListAsync(_temp.Database, 0, 100, null, CancellationToken.None)).Select(record => (record.Event, record.ObjectId))];

    private Task<int> ExecuteAsync(string sql) =>
        _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(sql, transaction: write.Transaction), CancellationToken.None);
}
