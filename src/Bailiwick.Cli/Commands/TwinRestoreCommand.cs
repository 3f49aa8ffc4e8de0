using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin restore</c>: a tenant as a snapshot holds it, in the twin it was taken from or in another.</summary>
internal static class TwinRestoreCommand
{
    private const int MostBytes = 1024 * 1024 * 1024;

    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string>("FILE") { Description = "Snapshot of twin snapshot; - for standard input" };
        var control = TwinControl.Option();
        return cli.Does(new Command("restore", "Make a tenant of a running twin what a snapshot says") { file, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            var snapshot = await InputFiles.ReadAsync(cli.Surroundings, parsed.GetRequiredValue(file), "snapshot", MostBytes, cancellationToken);
            try
            {
                var tenant = await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Post, "/snapshots", snapshot, "the tenant is as it was", cancellationToken);
                terminal.AnswerNode(tenant, () => terminal.Say($"Restored {tenant["displayName"]} ({tenant["defaultDomain"]}, {tenant["id"]})."));
                return ExitCodes.Ok;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }
}
