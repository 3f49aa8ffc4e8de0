using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick connect remove</c>.</summary>
internal static class ConnectRemoveCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id" };
        return cli.Asks(new Command("remove", "Disconnect a tenant and destroy its credential") { tenant }, async (hub, parsed, terminal, cancellationToken) =>
        {
            await hub.DisconnectAsync(Ids.Tenant(parsed.GetRequiredValue(tenant)), cancellationToken);
            terminal.Say($"Disconnected {parsed.GetValue(tenant)}; its credential is destroyed.");
            return ExitCodes.Ok;
        });
    }
}
