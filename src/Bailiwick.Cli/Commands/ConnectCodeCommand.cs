using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick connect code</c>: a link for the person who signs in at the customer's tenant.</summary>
internal static class ConnectCodeCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id" };
        var application = new Option<string?>("--application") { Description = "The application's name; the only fitting one if left out", HelpName = "NAME" };
        var source = new Option<string?>("--source") { Description = "GraphAlerts (default), DefenderAlerts or AlertExporter", HelpName = "SOURCE" };
        var also = new Option<string[]>("--also") { Description = "A further source: GraphIncidents is collected too, another alert source is compared with; may be repeated", HelpName = "SOURCE" };
        var compare = new Option<bool>("--compare") { Description = "Beside the application that collects: compare every hour what the person sees" };
        var command = new Command("code", "Make a link for connecting with a person's sign-in (authorization code)") { tenant, application, source, also, compare };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var link = await hub.BeginCodeAsync(
                Ids.Tenant(parsed.GetRequiredValue(tenant)),
                new BeginCode(parsed.GetValue(application), parsed.GetValue(source), parsed.GetValue(also) is { Length: > 0 } further ? further : null, parsed.GetValue(compare)),
                cancellationToken);
            terminal.Answer(link, () =>
            {
                terminal.Facts(
                    ("Tenant", link.Tenant.ToString()), ("Application", link.ClientId.ToString()), ("Permissions", string.Join(", ", link.Permissions)),
                    ("Works until", Words.Time(link.ExpiresAt)));
                terminal.Say("");
                terminal.Say("Open this once, in the browser you will sign in with:");
                terminal.Say(link.Link.AbsoluteUri);
            });
            return ExitCodes.Ok;
        });
    }
}
