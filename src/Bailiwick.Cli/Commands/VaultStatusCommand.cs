using System.CommandLine;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick vault status</c>.</summary>
internal static class VaultStatusCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("status", "Look whether the vault opens");
        var flags = new ServerFlags(command, listens: false);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
            VaultWords.Tell(await VaultTool.StatusAsync(flags.Read(parsed, cli.Surroundings), cancellationToken), terminal));
    }
}
