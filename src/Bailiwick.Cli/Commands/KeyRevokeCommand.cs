using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick key revoke</c>.</summary>
internal static class KeyRevokeCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var id = new Argument<string>("ID");
        return cli.Asks(new Command("revoke", "Revoke an API key") { id }, async (hub, parsed, terminal, cancellationToken) =>
        {
            await hub.RevokeKeyAsync(parsed.GetRequiredValue(id), cancellationToken);
            terminal.Say($"Revoked {parsed.GetValue(id)}.");
            return ExitCodes.Ok;
        });
    }
}
