using System.CommandLine;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter show</c>.</summary>
internal static class DeadLetterShowCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var id = new Argument<string>("ID");
        var raw = new Option<bool>("--raw") { Description = "Write its bytes instead, exactly as they were received" };
        return cli.Asks(new Command("show", "Show a dead letter") { id, raw }, async (hub, parsed, terminal, cancellationToken) =>
        {
            if (parsed.GetValue(raw))
            {
                terminal.Raw(await hub.GetDeadLetterRawAsync(parsed.GetRequiredValue(id), cancellationToken));
                return ExitCodes.Ok;
            }

            var letter = await hub.GetDeadLetterAsync(parsed.GetRequiredValue(id), cancellationToken);
            terminal.Answer(letter, () => terminal.Facts(
                ("Id", letter.Id), ("Stage", letter.Stage), ("Customer", letter.CustomerName), ("Tenant", letter.Tenant.ToString()), ("Source", letter.Source), ("Alert", letter.AlertId),
                ("Log number", letter.LogNumber is { } number ? Words.Number(number) : null), ("State", letter.State), ("At", Words.Time(letter.At)), ("Reason", letter.Reason), ("Detail", letter.Detail)));
            return ExitCodes.Ok;
        });
    }
}
