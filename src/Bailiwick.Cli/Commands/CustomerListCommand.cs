using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer list</c>.</summary>
internal static class CustomerListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List customers"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await hub.EveryCustomerAsync(cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Customer>(all), () => terminal.Table(
            "No customers yet: bailiwick customer import FILE",
            ["CUSTOMER", "ID", "TENANTS", "SINCE"],
            all.Select(customer => (string?[])[customer.Name, customer.Id.ToString(), Words.Number(customer.Tenants.Count), Words.Time(customer.CreatedAt)])));
        return ExitCodes.Ok;
    });
}
