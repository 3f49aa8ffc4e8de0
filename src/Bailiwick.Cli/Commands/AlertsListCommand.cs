using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick alerts list</c>.</summary>
internal static class AlertsListCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var customer = new Option<string?>("--customer") { Description = "Name or id", HelpName = "CUSTOMER" };
        var tenant = new Option<string?>("--tenant") { Description = "Tenant id", HelpName = "GUID" };
        var from = TimeOption.Create("--from", "Updated at or after");
        var to = TimeOption.Create("--to", "Updated before");
        var severity = new Option<string?>("--severity") { Description = "informational, low, medium or high" };
        var status = new Option<string?>("--status") { Description = "new, inprogress or resolved" };
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1000", DefaultValueFactory = _ => 50 };
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended" };
        var command = new Command("list", "List alerts, newest update first") { customer, tenant, from, to, severity, status, limit, cursor };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var page = await hub.ListAlertsAsync(
                new AlertQuery
                {
                    Customer = parsed.GetValue(customer) is { } name ? await Ids.CustomerAsync(hub, name, cancellationToken) : null,
                    Tenant = parsed.GetValue(tenant) is { } id ? Ids.Tenant(id) : null,
                    From = parsed.GetValue(from),
                    To = parsed.GetValue(to),
                    Severity = parsed.GetValue(severity),
                    Status = parsed.GetValue(status),
                    Limit = parsed.GetValue(limit),
                    Cursor = parsed.GetValue(cursor),
                },
                cancellationToken);
            terminal.Answer(page, () =>
            {
                terminal.Table(
                    "No alerts.",
                    ["UPDATED", "CUSTOMER", "SEVERITY", "STATUS", "TITLE", "TENANT", "ALERT"],
                    page.Items.Select(alert => (string?[])[Words.Time(alert.UpdatedAt), alert.CustomerName, alert.Severity, alert.Status, Words.Short(alert.Title, 60), alert.Tenant.ToString(), alert.AlertId]));
                if (page.Next is { } next) terminal.Say($"More: --cursor {next}");
            });
            return ExitCodes.Ok;
        });
    }
}
