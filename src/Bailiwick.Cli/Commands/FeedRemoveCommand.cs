using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick feed remove</c>.</summary>
internal static class FeedRemoveCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        return cli.Asks(new Command("remove", "Remove a feed with its positions") { name }, async (hub, parsed, terminal, cancellationToken) =>
        {
            await hub.RemoveFeedAsync(parsed.GetRequiredValue(name), cancellationToken);
            terminal.Say($"Removed {parsed.GetValue(name)}.");
            return ExitCodes.Ok;
        });
    }
}
