using System.CommandLine;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter replay</c> and <c>discard</c>: one by its id, or a selection.</summary>
internal static class DeadLetterActCommand
{
    public static Command Create(BailiwickCli cli, bool replay)
    {
        var id = new Argument<string?>("ID") { Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every one" };
        var why = new Option<string>("--why") { Description = "For the audit trail, at most 200 characters", HelpName = "TEXT", Required = true };
        var command = new Command(replay ? "replay" : "discard", replay ? "Deliver again, with the same key and a mark" : "Discard for good") { id };
        var options = new DeadLetterOptions(command);
        command.Add(all);
        if (!replay) command.Add(why);
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var named = options.Read(parsed);
            var selection = new DeadLetterSelection(named.Sink, named.Tenant, named.Reason, named.From, named.To, parsed.GetValue(all));
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
