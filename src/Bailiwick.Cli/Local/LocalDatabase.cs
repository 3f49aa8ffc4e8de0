using System.Data.Common;
using System.Net.Sockets;
using Bailiwick.Hub.Storage;
using Bailiwick.Server;
using Bailiwick.Server.Configuration;
using Dapper;

namespace Bailiwick.Cli.Local;

/// <summary>The database of a stopped hub, with its directory held so that no hub starts meanwhile.</summary>
internal sealed class LocalDatabase : IAsyncDisposable
{
    private readonly DataDirectory _directory;

    private LocalDatabase(Database database, DataDirectory directory)
    {
        Database = database;
        _directory = directory;
    }

    public Database Database { get; }

    /// <summary>Takes the directory. Unless <paramref name="make"/>, it must exist.</summary>
    public static LocalDatabase Open(ServerOptions options, bool make = true)
    {
        if (!make && !Directory.Exists(options.Data)) throw new DataDirectoryException($"The data directory {options.Data} does not exist: name the hub's with --data.");
        var directory = DataDirectory.Take(options.Data);
        return new LocalDatabase(ServerComposition.OpenDatabase(options), directory);
    }

    /// <summary>The newest migration on record; 0 and null when there is none.</summary>
    public async Task<(long Number, string? Name)> SchemaAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await Database.OpenAsync(cancellationToken);
            var row = await connection.QuerySingleOrDefaultAsync<(long, string)?>("SELECT number, name FROM schema_migrations ORDER BY number DESC LIMIT 1");
            return row is { } newest ? (newest.Item1, newest.Item2) : (0, null);
        }
        catch (DbException e) when (e.InnerException is not SocketException && e.Message.Contains("schema_migrations", StringComparison.Ordinal))
        {
            return (0, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _directory.Dispose();
    }
}
