using Bailiwick.Hub.Storage;
using Bailiwick.ScaleOut;
using Bailiwick.Testing;
using Xunit;

namespace Bailiwick.Hub.Tests.Storage;

/// <summary>What every store must keep on both engines. A store's tests derive once per engine.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    protected Database Database { get; private set; } = null!;

    protected ManualTime Time { get; } = new();

    public async Task InitializeAsync()
    {
        Database = await CreateAsync();
        await Migrator.MigrateAsync(Database, CancellationToken.None);
    }

    public virtual async Task DisposeAsync()
    {
        if (Database is not null) await Database.DisposeAsync();
    }

    protected abstract Task<Database> CreateAsync();

    internal static async Task<Database> SqliteAsync()
    {
        await Task.CompletedTask;
        return new SqliteDatabase(Path.Combine(Directory.CreateTempSubdirectory("bailiwick-store-").FullName, "bailiwick.db"));
    }

    internal static async Task<Database> PostgresAsync() => new PostgresDatabase(await PostgresServer.CreateDatabaseAsync());
}
