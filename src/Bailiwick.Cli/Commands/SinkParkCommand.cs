using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink park</c> and <c>unpark</c>.</summary>
internal static class SinkParkCommand
{
    public static Command Create(BailiwickCli cli, bool parked)
    {
        var name = new Argument<string>("NAME");
        var command = new Command(parked ? "park" : "unpark", parked ? "Put a sink aside: it keeps its positions and gets nothing" : "Take a sink back") { name };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var sink = await hub.ParkSinkAsync(parsed.GetRequiredValue(name), parked, cancellationToken);
            terminal.Answer(sink, () => terminal.Say(sink.Parked ? $"{sink.Name} is parked." : $"{sink.Name} is on."));
            return ExitCodes.Ok;
        });
    }
}
