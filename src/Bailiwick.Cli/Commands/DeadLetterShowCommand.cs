using System.CommandLine;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter show</c>.</summary>
internal static class DeadLetterShowCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var id = new Argument<long>("ID");
        return cli.Asks(new Command("show", "Show a dead letter") { id }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var letter = await hub.GetDeadLetterAsync(parsed.GetRequiredValue(id), cancellationToken);
            terminal.Answer(letter, () => terminal.Facts(
                ("Id", Words.Number(letter.Id)), ("Sink", letter.Sink), ("Customer", letter.CustomerName), ("Tenant", letter.Tenant.ToString()), ("Source", letter.Source), ("Alert", letter.AlertId),
                ("Log number", Words.Number(letter.LogNumber)), ("Key", letter.Key), ("At", Words.Time(letter.At)), ("Reason", letter.Reason), ("Detail", letter.Detail), ("Replayed", Words.Time(letter.ReplayedAt))));
            return ExitCodes.Ok;
        });
    }
}
