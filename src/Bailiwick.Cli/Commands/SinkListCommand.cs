using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink list</c>.</summary>
internal static class SinkListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List sinks"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await BailiwickClient.EachAsync(hub.ListSinksAsync, cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Sink>(all), () => terminal.Table(
            "No sinks yet: bailiwick sink add NAME --kind KIND",
            ["SINK", "KIND", "CLASS", "STATE", "SETTINGS"],
            all.Select(sink => (string?[])[sink.Name, sink.Kind, sink.Class, sink.Parked ? "parked" : "on", sink.Settings.GetRawText()])));
        return ExitCodes.Ok;
    });
}
