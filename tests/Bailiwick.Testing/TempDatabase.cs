using Bailiwick.Hub.Storage;

namespace Bailiwick.Testing;

/// <summary>A migrated SQLite database in a folder of its own under the system's temporary directory; both go with <see cref="DisposeAsync"/>.</summary>
public sealed class TempDatabase : IAsyncDisposable
{
    private TempDatabase(string folder)
    {
        Folder = folder;
        Database = new SqliteDatabase(Path.Combine(folder, "bailiwick.db"));
    }

    /// <summary>The data directory (mode 0700): key files, anchors and the database live in it.</summary>
    public string Folder { get; }

    public SqliteDatabase Database { get; }

    public static async Task<TempDatabase> CreateAsync()
    {
        var temp = new TempDatabase(Directory.CreateTempSubdirectory("bailiwick-test-").FullName);
        await Migrator.MigrateAsync(temp.Database, CancellationToken.None);
        return temp;
    }

    /// <summary>Every byte of the database as it lies on disk: main file, write-ahead log and shared memory.</summary>
    public byte[] ReadFiles() =>
        [.. Directory.EnumerateFiles(Folder, "bailiwick.db*").Order(StringComparer.Ordinal).SelectMany(ReadShared)];

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
