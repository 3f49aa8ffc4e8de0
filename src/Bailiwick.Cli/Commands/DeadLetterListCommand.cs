using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick deadletter list</c>.</summary>
internal static class DeadLetterListCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var sink = new Option<string?>("--sink") { HelpName = "NAME" };
        var tenant = new Option<string?>("--tenant") { HelpName = "GUID" };
        return cli.Asks(new Command("list", "List dead letters, newest first") { sink, tenant }, async (hub, parsed, terminal, cancellationToken) =>
        {
            TenantId? id = parsed.GetValue(tenant) is { } text ? Ids.Tenant(text) : null;
            var all = await BailiwickClient.EachAsync((cursor, cancel) => hub.ListDeadLettersAsync(parsed.GetValue(sink), id, cursor, cancel), cancellationToken).ToListAsync(cancellationToken);
            terminal.Answer(new Page<DeadLetter>(all), () => terminal.Table(
                "No dead letters.",
                ["ID", "AT", "STAGE", "CUSTOMER", "ALERT", "REASON", "STATE", "DETAIL"],
                all.Select(letter => (string?[])
                    [letter.Id, Words.Time(letter.At), letter.Stage, letter.CustomerName, letter.AlertId, letter.Reason, letter.State, Words.Short(letter.Detail, 80)])));
            return ExitCodes.Ok;
        });
    }
}
