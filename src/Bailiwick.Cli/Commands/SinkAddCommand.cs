using System.CommandLine;
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
        return cli.Asks(new Command("add", "Add a sink") { name, kind, set, secretFile, fromNow }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var settings = SinkSettings.Read(parsed.GetValue(set) ?? []);
            var secret = parsed.GetValue(secretFile) is { } file ? await InputFiles.ReadSecretAsync(cli.Surroundings, file, "sink's secret", cancellationToken) : null;
            var sink = await hub.AddSinkAsync(new NewSink(parsed.GetRequiredValue(name), parsed.GetRequiredValue(kind), settings, secret, parsed.GetValue(fromNow)), cancellationToken);
            terminal.Answer(sink, () => terminal.Say($"Added {sink.Name} ({sink.Kind}, {sink.Class})."));
            return ExitCodes.Ok;
        });
    }
}
