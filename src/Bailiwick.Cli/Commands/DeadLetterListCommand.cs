using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter list</c>.</summary>
internal static class DeadLetterListCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("list", "List dead letters, newest first");
        var options = new DeadLetterOptions(command);
        var state = new Option<string?>("--state") { Description = "waiting, replay, delivered or discarded; all if left out", HelpName = "WORD" };
        command.Add(state);
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var all = await hub.EveryDeadLetterAsync(options.Read(parsed) with { State = parsed.GetValue(state) }, cancellationToken).ToListAsync(cancellationToken);
            terminal.Answer(new Page<DeadLetter>(all), () => terminal.Table(
                "No dead letters.",
                ["ID", "AT", "STAGE", "CUSTOMER", "ALERT", "REASON", "STATE", "DETAIL"],
                all.Select(letter => (string?[])
                    [letter.Id, Words.Time(letter.At), letter.Stage, letter.CustomerName, letter.AlertId, letter.Reason, letter.State, Words.Short(letter.Detail, 80)])));
            return ExitCodes.Ok;
        });
    }
}
