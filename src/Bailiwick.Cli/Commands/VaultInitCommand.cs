using System.CommandLine;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick vault init</c>.</summary>
internal static class VaultInitCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("init", "Make the key-encryption key and the vault");
        var flags = new ServerFlags(command, listens: false);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
            VaultWords.Tell(await VaultTool.InitAsync(flags.Read(parsed, cli.Surroundings), cancellationToken), terminal));
    }
}
