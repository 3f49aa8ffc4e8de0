using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink remove</c>.</summary>
internal static class SinkRemoveCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        return cli.Asks(new Command("remove", "Remove a sink with its positions and its secret") { name }, async (hub, parsed, terminal, cancellationToken) =>
        {
            await hub.RemoveSinkAsync(parsed.GetRequiredValue(name), cancellationToken);
            terminal.Say($"Removed {parsed.GetValue(name)}.");
            return ExitCodes.Ok;
        });
    }
}
