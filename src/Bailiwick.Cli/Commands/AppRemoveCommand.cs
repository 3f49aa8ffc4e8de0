using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick app remove</c>.</summary>
internal static class AppRemoveCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        return cli.Asks(new Command("remove", "Remove an app registration and destroy its credential") { name }, async (hub, parsed, terminal, cancellationToken) =>
        {
            await hub.RemoveApplicationAsync(parsed.GetRequiredValue(name), cancellationToken);
            terminal.Say($"Removed {parsed.GetValue(name)}; its credential is destroyed.");
            return ExitCodes.Ok;
        });
    }
}
