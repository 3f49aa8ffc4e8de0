using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick app list</c>.</summary>
internal static class AppListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List app registrations"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await BailiwickClient.EachAsync(hub.ListApplicationsAsync, cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Application>(all), () => terminal.Table(
            "No applications yet: bailiwick app add NAME --client-id GUID --secret-file PATH",
            ["NAME", "CLIENT ID", "CREDENTIAL", "EXPIRES"],
            all.Select(app => (string?[])[app.Name, app.ClientId.ToString(), Words.Camel(app.Credential), Words.Time(app.CredentialExpiresAt)])));
        return ExitCodes.Ok;
    });
}
