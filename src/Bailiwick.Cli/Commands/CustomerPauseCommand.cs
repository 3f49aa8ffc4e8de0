using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer pause</c>: collection on hold until a time; it goes on by itself.</summary>
internal static class CustomerPauseCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var which = new Argument<string>("CUSTOMER") { Description = "Name or id" };
        var reason = new Option<string>("--reason") { Description = "Why, for colleagues and the audit trail", Required = true, HelpName = "TEXT" };
        var until = TimeOption.Create("--until", "When collecting goes on by itself");
        var length = new Option<string?>("--for") { Description = "Instead of --until: 30m, 8h or 2d", HelpName = "DURATION" };
        return cli.Asks(new Command("pause", "Put a customer's collection on hold") { which, reason, until, length }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var (end, span) = (parsed.GetValue(until), parsed.GetValue(length));
            if (end is null == span is null) throw new UsageException("Give either --until TIME or --for DURATION.");
            var customer = await Ids.CustomerAsync(hub, parsed.GetRequiredValue(which), cancellationToken);
            var wish = new PauseCustomer(parsed.GetRequiredValue(reason), end ?? cli.Surroundings.Time.GetUtcNow() + Words.Duration(span!));
            var paused = await hub.PauseCustomerAsync(customer, wish, cancellationToken);
            terminal.Answer(paused, () => terminal.Say($"{paused.Name} is paused until {Words.Time(paused.Pause?.Until)}; what is missed is collected then."));
            return ExitCodes.Ok;
        });
    }
}
