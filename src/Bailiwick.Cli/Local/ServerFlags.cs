using System.CommandLine;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Cli.Local;

/// <summary>The flags that configure a hub in this process; they win over the environment and the file.</summary>
internal sealed class ServerFlags
{
    private readonly Option<string?> _config = new("--config") { Description = "Configuration file (JSON)", HelpName = "PATH" };
    private readonly Option<string?> _data = new("--data") { Description = "Data directory (.data/hub)", HelpName = "DIR" };
    private readonly Option<string[]> _urls = new("--urls") { Description = "Addresses to listen on (http://127.0.0.1:8480)", HelpName = "URL", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _profile = new("--profile") { Description = "production (default), test or demo", HelpName = "NAME" };
    private readonly Option<string?> _databaseFile = new("--database-file") { Description = "File with a PostgreSQL connection string", HelpName = "PATH" };
    private readonly Option<string?> _clock = new("--clock") { Description = "The twin's control address to take the time from; test and demo only", HelpName = "URL" };
    private readonly Option<string[]> _set = new("--set") { Description = "Any other setting, such as Clouds:twin:Login=https://localhost:8490", HelpName = "NAME=VALUE" };

    /// <summary>Adds the flags to a command. Those that matter only to a listening hub are left out unless <paramref name="listens"/>.</summary>
    public ServerFlags(Command command, bool listens)
    {
        command.Add(_config);
        command.Add(_data);
        command.Add(_profile);
        command.Add(_databaseFile);
        command.Add(_set);
        if (!listens) return;
        command.Add(_urls);
        command.Add(_clock);
    }

    /// <summary>The checked options.</summary>
    /// <exception cref="ConfigurationException">All faults at once.</exception>
    public ServerOptions Read(ParseResult parsed, Surroundings surroundings)
    {
        var flags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in parsed.GetValue(_set) ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new UsageException($"--set {pair} has no value: write NAME=VALUE.");
            flags[pair[..at]] = pair[(at + 1)..];
        }

        Add("Data", parsed.GetValue(_data));
        Add("Profile", parsed.GetValue(_profile));
        Add("DatabaseFile", parsed.GetValue(_databaseFile));
        if (parsed.GetResult(_urls) is not null) Add("Urls", string.Join(';', parsed.GetValue(_urls) ?? []));
        if (parsed.GetResult(_clock) is not null) Add("Clock", parsed.GetValue(_clock));
        return ServerConfiguration.Load(parsed.GetValue(_config), surroundings.Environment, flags);

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 }) flags[name] = value;
        }
    }
}
