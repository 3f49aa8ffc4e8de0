using System.Data.Common;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Server;

/// <summary>The database answers.</summary>
internal sealed class DatabaseReadiness(Database database) : IReadiness
{
    public string Name => "database";

    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1";
            await command.ExecuteScalarAsync(cancellationToken);
            return null;
        }
        catch (Exception e) when (e is DbException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return "The database does not answer; the hub waits and goes on by itself when it does.";
        }
    }
}
