using System.CommandLine;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer show</c>.</summary>
internal static class CustomerShowCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var which = new Argument<string>("CUSTOMER") { Description = "Name or id" };
        return cli.Asks(new Command("show", "Show a customer with its tenants") { which }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var customer = await hub.GetCustomerAsync(await Ids.CustomerAsync(hub, parsed.GetRequiredValue(which), cancellationToken), cancellationToken);
            terminal.Answer(customer, () =>
            {
                terminal.Facts(("Customer", customer.Name), ("Id", customer.Id.ToString()), ("Since", Words.Time(customer.CreatedAt)),
                    ("Paused", customer.Pause is { } pause ? $"until {Words.Time(pause.Until)} by {pause.By} since {Words.Time(pause.At)}: {pause.Reason}" : null));
                terminal.Say("");
                terminal.Table(
                    "No tenants.",
                    ["TENANT", "CLOUD", "REGION", "SINCE"],
                    customer.Tenants.Select(tenant => (string?[])[tenant.Id.ToString(), tenant.Cloud, tenant.Region ?? "-", Words.Time(tenant.CreatedAt)]));
            });
            return ExitCodes.Ok;
        });
    }
}
