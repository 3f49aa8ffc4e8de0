using System.CommandLine;
using Bailiwick.Cli.Local;
using Bailiwick.Server;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick serve</c>: the hub alone, until Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("serve", "Run the hub");
        var flags = new ServerFlags(command, listens: true);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
        {
            var options = flags.Read(parsed, cli.Surroundings);
            await BailiwickServer.RunAsync(
                options,
                hub => terminal.Say($"Hub {BailiwickServer.Version} ({options.Profile.ToString().ToLowerInvariant()}) listens on {string.Join(" and ", hub.Addresses.Select(url => url.GetLeftPart(UriPartial.Authority)))}; data in {hub.Data}. Stop with Ctrl-C."),
                cancellationToken);
            return ExitCodes.Ok;
        });
    }
}
