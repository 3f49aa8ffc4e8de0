using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick connect list</c>.</summary>
internal static class ConnectListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List connections, one per tenant"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await hub.EveryConnectionAsync(cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Connection>(all), () => terminal.Table(
            "No tenants yet: bailiwick customer import FILE",
            ["CUSTOMER", "TENANT", "STATE", "KIND", "APPLICATION", "SOURCE", "SEES", "COMPARED WITH", "CONNECTED", "DETAIL"],
            all.Select(connection => (string?[])
            [
                connection.CustomerName, connection.Tenant.ToString(), Words.Camel(connection.State), connection.Kind is { } kind ? Words.Camel(kind) : "-",
                connection.Application ?? "-", connection.Source is { } source ? string.Join(" + ", [source, .. connection.Also ?? []]) : "-", connection.Visibility ?? "-", ComparedWith(connection.Comparing), Words.Time(connection.ConnectedAt), connection.Detail ?? "",
            ])));
        return ExitCodes.Ok;
    });

    private static string ComparedWith(ComparingConnection? comparing) => comparing is null
        ? "-"
        : Words.Camel(comparing.Kind) + (comparing.State == ConnectionState.Connected ? "" : $" ({Words.Camel(comparing.State)}: {comparing.Detail})");
}
