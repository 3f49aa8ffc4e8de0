using Bailiwick.Hub.Storage;
using Bailiwick.ScaleOut;
using Bailiwick.Testing;
using Xunit;

namespace Bailiwick.Hub.Tests.Storage;

/// <summary>A fresh migrated database for each test. Tests of a store derive once per engine, so that each test must hold on both.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private TempDirectory? _folder;

    protected Database Database { get; private set; } = null!;

    protected ManualTime Time { get; } = new();

    public async Task InitializeAsync()
    {
        Database = await CreateAsync();
        await Migrator.MigrateAsync(Database, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        if (Database is not null) await Database.DisposeAsync();
        _folder?.Dispose();
    }

    protected abstract Task<Database> CreateAsync();

    protected Task<Database> SqliteAsync()
    {
        _folder = new TempDirectory();
        return Task.FromResult<Database>(new SqliteDatabase(Path.Combine(_folder.Path, "bailiwick.db")));
    }

    protected static async Task<Database> PostgresAsync() => new PostgresDatabase(await PostgresServer.CreateDatabaseAsync());
}
