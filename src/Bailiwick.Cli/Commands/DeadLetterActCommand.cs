using System.CommandLine;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter replay</c> and <c>discard</c>: one by its id, or a selection.</summary>
internal static class DeadLetterActCommand
{
    public static Command Create(BailiwickCli cli, bool replay)
    {
        var id = new Argument<string?>("ID") { Arity = ArgumentArity.ZeroOrOne };
        var sink = new Option<string?>("--sink") { Description = "All of one sink", HelpName = "NAME" };
        var tenant = new Option<string?>("--tenant") { Description = "All of one tenant", HelpName = "GUID" };
        var reason = new Option<string?>("--reason") { Description = "All with one reason, as in the list", HelpName = "WORD" };
        var from = TimeOption.Create("--from", "All set aside at this time or later, UTC");
        var to = TimeOption.Create("--to", "All set aside before this time, UTC");
        var all = new Option<bool>("--all") { Description = "Every one" };
        var why = new Option<string>("--why") { Description = "For the audit trail, at most 200 characters", HelpName = "TEXT", Required = true };
        var command = new Command(replay ? "replay" : "discard", replay ? "Deliver again, with the same key and a mark" : "Discard for good") { id, sink, tenant, reason, from, to, all };
        if (!replay) command.Add(why);
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var selection = new DeadLetterSelection(
                parsed.GetValue(sink),
                parsed.GetValue(tenant) is { } text ? Ids.Tenant(text) : null,
                parsed.GetValue(reason),
                parsed.GetValue(from),
                parsed.GetValue(to),
                parsed.GetValue(all));
            if (parsed.GetValue(id) is null == (selection == new DeadLetterSelection()))
                throw new UsageException("Give one id, or a selection of --sink, --tenant, --reason, --from and --to, or --all.");
            var count = (parsed.GetValue(id), replay) switch
            {
                ({ } one, true) => await hub.ReplayDeadLetterAsync(one, cancellationToken),
                ({ } one, false) => await hub.DiscardDeadLetterAsync(one, parsed.GetRequiredValue(why), cancellationToken),
                (null, true) => await hub.ReplayDeadLettersAsync(selection, cancellationToken),
                (null, false) => await hub.DiscardDeadLettersAsync(selection, parsed.GetRequiredValue(why), cancellationToken),
            };
            terminal.Answer(count, () => terminal.Say(replay ? $"{count.Count} will be delivered again." : $"{count.Count} discarded."));
            return ExitCodes.Ok;
        });
    }
}
