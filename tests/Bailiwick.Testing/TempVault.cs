using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Testing;

/// <summary>An open vault with a file key over a temporary database.</summary>
public sealed class TempVault : IAsyncDisposable
{
    private TempVault(TempDatabase temp, TimeProvider time, VaultKeyring keyring)
    {
        Temp = temp;
        Time = time;
        Keyring = keyring;
        Vault = new CredentialVault(temp.Database, keyring, time);
        Seal = new RowSeal(keyring);
    }

    public TempDatabase Temp { get; }

    public SqliteDatabase Database => Temp.Database;

    public TimeProvider Time { get; }

    public VaultKeyring Keyring { get; }

    public CredentialVault Vault { get; }

    public RowSeal Seal { get; }

    public string KeyDirectory => Path.Combine(Temp.Folder, "keys");

    public static async Task<TempVault> CreateAsync(TimeProvider? time = null, Func<IKekProvider, IKekProvider>? wrap = null)
    {
        var temp = await TempDatabase.CreateAsync();
        var clock = time ?? new ManualTime();
        IKekProvider keks = new FileKekProvider(Path.Combine(temp.Folder, "keys"));
        var keyring = new VaultKeyring(temp.Database, wrap is null ? keks : wrap(keks), clock);
        if (await keyring.OpenAsync(createWhenNew: true, CancellationToken.None) is VaultState.Sealed closed) throw new InvalidOperationException(closed.Reason);
        return new TempVault(temp, clock, keyring);
    }

    public async ValueTask DisposeAsync()
    {
        Keyring.Dispose();
        await Temp.DisposeAsync();
    }
}
