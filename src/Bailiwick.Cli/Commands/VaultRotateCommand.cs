using System.CommandLine;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick vault rotate</c>.</summary>
internal static class VaultRotateCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("rotate", "Make a new key-encryption key and wrap every data key anew");
        var flags = new ServerFlags(command, listens: false);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
            VaultWords.Tell(await VaultTool.RotateAsync(flags.Read(parsed, cli.Surroundings), cancellationToken), terminal));
    }
}
