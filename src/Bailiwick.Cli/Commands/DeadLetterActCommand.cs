using System.CommandLine;
using Bailiwick.Api;
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
        var all = new Option<bool>("--all") { Description = "Every one" };
        var command = new Command(replay ? "replay" : "discard", replay ? "Deliver again, with the same key and a mark" : "Discard for good") { id, sink, tenant, all };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var selection = new DeadLetterSelection(parsed.GetValue(sink), parsed.GetValue(tenant) is { } text ? Ids.Tenant(text) : null, parsed.GetValue(all));
            var selects = selection.Sink is not null || selection.Tenant is not null || selection.All;
            if (parsed.GetValue(id) is null == !selects) throw new UsageException("Give one id, or one of --sink, --tenant and --all.");
            var count = (parsed.GetValue(id), replay) switch
            {
                ({ } one, true) => await hub.ReplayDeadLetterAsync(one, cancellationToken),
                ({ } one, false) => await DiscardAsync(hub, one, cancellationToken),
                (null, true) => await hub.ReplayDeadLettersAsync(selection, cancellationToken),
                (null, false) => await hub.DiscardDeadLettersAsync(selection, cancellationToken),
            };
            terminal.Answer(count, () => terminal.Say(replay ? $"{count.Count} will be delivered again." : $"{count.Count} discarded."));
            return ExitCodes.Ok;
        });
    }

    private static async Task<DeadLetterCount> DiscardAsync(BailiwickClient hub, string id, CancellationToken cancellationToken)
    {
        await hub.DiscardDeadLetterAsync(id, cancellationToken);
        return new DeadLetterCount(1);
    }
}
