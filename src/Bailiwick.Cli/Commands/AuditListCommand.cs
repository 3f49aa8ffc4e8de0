using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick audit list</c>.</summary>
internal static class AuditListCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Option<string?>("--tenant") { HelpName = "GUID" };
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1000", DefaultValueFactory = _ => 50 };
        var cursor = new Option<string?>("--cursor") { Description = "Where the page before ended" };
        return cli.Asks(new Command("list", "List audit records, newest first") { tenant, limit, cursor }, async (hub, parsed, terminal, cancellationToken) =>
        {
            TenantId? id = parsed.GetValue(tenant) is { } text ? Ids.Tenant(text) : null;
            var page = await hub.ListAuditAsync(id, parsed.GetValue(limit), parsed.GetValue(cursor), cancellationToken);
            terminal.Answer(page, () =>
            {
                terminal.Table(
                    "No records.",
                    ["NUMBER", "AT", "EVENT", "ACTOR", "TENANT", "OBJECT", "DETAIL"],
                    page.Items.Select(record => (string?[])
                        [Words.Number(record.Number), Words.Time(record.At), record.Event, $"{record.ActorKind} {record.ActorId}", record.Tenant?.ToString() ?? "-", record.ObjectId ?? "-", record.Detail ?? ""]));
                if (page.Next is { } next) terminal.Say($"More: --cursor {next}");
            });
            return ExitCodes.Ok;
        });
    }
}
