using Bailiwick.Hub.Storage;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Server;

/// <summary>Parts of the hub for commands that work on a stopped one.</summary>
public static class ServerComposition
{
    /// <summary>The database that the configuration names; nothing is opened yet. The caller disposes it.</summary>
    /// <exception cref="ConfigurationException">The connection string or the file that holds it cannot be used.</exception>
    public static Database OpenDatabase(ServerOptions options) => Composition.OpenDatabase(options);
}
