using System.CommandLine;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter show</c>.</summary>
internal static class DeadLetterShowCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var id = new Argument<string>("ID");
        return cli.Asks(new Command("show", "Show a dead letter") { id }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var letter = await hub.GetDeadLetterAsync(parsed.GetRequiredValue(id), cancellationToken);
            terminal.Answer(letter, () => terminal.Facts(
                ("Id", letter.Id), ("Stage", letter.Stage), ("Customer", letter.CustomerName), ("Tenant", letter.Tenant.ToString()), ("Source", letter.Source), ("Alert", letter.AlertId),
                ("Log number", letter.LogNumber is { } number ? Words.Number(number) : null), ("State", letter.State), ("At", Words.Time(letter.At)), ("Reason", letter.Reason), ("Detail", letter.Detail)));
            return ExitCodes.Ok;
        });
    }
}
