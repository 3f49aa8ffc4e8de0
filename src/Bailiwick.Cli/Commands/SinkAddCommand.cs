using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink add</c>.</summary>
internal static class SinkAddCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        var kind = new Option<string>("--kind") { Description = "See bailiwick sink kinds", Required = true };
        var set = new Option<string[]>("--set") { Description = "A setting of the kind; true, false and numbers are taken as such, \"quotes\" force a text", HelpName = "NAME=VALUE" };
        var secretFile = new Option<string?>("--secret-file") { Description = "File with the sink's token, or - for standard input", HelpName = "PATH" };
        var fromNow = new Option<bool>("--from-now") { Description = "Deliver only what is collected from now on" };
        var startAt = TimeOption.Create("--start-at", "Deliver only what was collected at this time or later, UTC");
        var customers = new Option<string[]>("--customer") { Description = "Only this customer's, by name or id; may be repeated", HelpName = "CUSTOMER" };
        var severities = Words("--severity", "Only this severity: unknown, informational, low, medium or high; may be repeated");
        var sources = Words("--source", "Only from this source, for example GraphAlerts; may be repeated");
        var kinds = Words("--record", "Only this kind of record: alert, detection or incident; may be repeated");
        var redact = new Option<string[]>("--redact") { Description = "Blank this field of the upstream record, by name or path; may be repeated", HelpName = "FIELD" };
        var command = new Command("add", "Add a sink") { name, kind, set, secretFile, fromNow, startAt, customers, severities, sources, kinds, redact };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var settings = SinkSettings.Read(parsed.GetValue(set) ?? []);
            var secret = parsed.GetValue(secretFile) is { } file ? await InputFiles.ReadSecretAsync(cli.Surroundings, file, "sink's secret", cancellationToken) : null;
            var chosen = new List<CustomerId>();
            foreach (var text in parsed.GetValue(customers) ?? []) chosen.Add(await Ids.CustomerAsync(hub, text, cancellationToken));
            var routing = new SinkRouting(chosen.Count > 0 ? chosen : null, Given(parsed, severities), Given(parsed, sources), Given(parsed, kinds), Given(parsed, redact));
            var wish = new NewSink(
                parsed.GetRequiredValue(name), parsed.GetRequiredValue(kind), settings, secret, parsed.GetValue(fromNow), parsed.GetValue(startAt), routing == new SinkRouting() ? null : routing);
            var sink = await hub.AddSinkAsync(wish, cancellationToken);
            terminal.Answer(sink, () => terminal.Say($"Added {sink.Name} ({sink.Kind}, {sink.Class})."));
            return ExitCodes.Ok;
        });
    }

    private static Option<string[]> Words(string name, string description) => new(name) { Description = description, HelpName = "WORD" };

    private static string[]? Given(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } given ? given : null;
}
