using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer resume</c>.</summary>
internal static class CustomerResumeCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var which = new Argument<string>("CUSTOMER") { Description = "Name or id" };
        return cli.Asks(new Command("resume", "End a pause; what was missed is collected") { which }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var customer = await hub.ResumeCustomerAsync(await Ids.CustomerAsync(hub, parsed.GetRequiredValue(which), cancellationToken), cancellationToken);
            terminal.Answer(customer, () => terminal.Say($"{customer.Name} is collected."));
            return ExitCodes.Ok;
        });
    }
}
