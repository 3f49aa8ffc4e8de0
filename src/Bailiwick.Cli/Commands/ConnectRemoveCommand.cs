using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick connect remove</c>.</summary>
internal static class ConnectRemoveCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id" };
        var comparing = new Option<bool>("--comparing") { Description = "Only the connection that compares; collecting goes on" };
        return cli.Asks(new Command("remove", "Disconnect a tenant and destroy its credentials") { tenant, comparing }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var only = parsed.GetValue(comparing);
            await hub.DisconnectAsync(Ids.Tenant(parsed.GetRequiredValue(tenant)), only, cancellationToken);
            terminal.Say(only ? $"{parsed.GetValue(tenant)} is not compared any more; collecting goes on." : $"Disconnected {parsed.GetValue(tenant)}; its credentials are destroyed.");
            return ExitCodes.Ok;
        });
    }
}
