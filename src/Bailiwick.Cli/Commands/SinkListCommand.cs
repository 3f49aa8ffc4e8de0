using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink list</c>.</summary>
internal static class SinkListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List sinks"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await BailiwickClient.EachAsync(hub.ListSinksAsync, cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Sink>(all), () => terminal.Table(
            "No sinks yet: bailiwick sink add NAME --kind KIND",
            ["SINK", "KIND", "CLASS", "STATE", "GETS", "SETTINGS"],
            all.Select(sink => (string?[])[sink.Name, sink.Kind, sink.Class, sink.Parked ? "parked" : "on", Gets(sink.Routing), sink.Settings.GetRawText()])));
        return ExitCodes.Ok;
    });

    /// <summary>In few words which versions the sink gets.</summary>
    private static string Gets(SinkRouting routing)
    {
        var parts = new List<string>();
        if (routing.Customers is { } customers) parts.Add(customers.Count == 1 ? "1 customer" : $"{customers.Count} customers");
        if (routing.Severities is { } severities) parts.Add(string.Join("/", severities));
        if (routing.Sources is { } sources) parts.Add(string.Join("/", sources));
        if (routing.Kinds is { } kinds) parts.Add(string.Join("/", kinds));
        if (routing.Redact is { } fields) parts.Add(fields.Count == 1 ? "1 field blanked" : $"{fields.Count} fields blanked");
        return parts.Count == 0 ? "everything" : string.Join(", ", parts);
    }
}
