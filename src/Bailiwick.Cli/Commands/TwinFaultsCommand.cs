using System.CommandLine;
using System.Text.Json.Nodes;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin faults</c>: a fault script on a running twin, all rules or none; or an end to all of them.</summary>
internal static class TwinFaultsCommand
{
    private const int MostBytes = 1024 * 1024;

    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string?>("FILE") { Description = "JSON list of rules (see docs/twin.md); - for standard input", Arity = ArgumentArity.ZeroOrOne };
        var clear = new Option<bool>("--clear") { Description = "Take every rule out of force" };
        var control = TwinControl.Option();
        return cli.Does(new Command("faults", "Break a running twin's answers by a script of rules") { file, clear, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            var script = parsed.GetValue(file);
            if (script is null == !parsed.GetValue(clear)) throw new UsageException("Name a script, or give --clear.");
            try
            {
                if (script is null)
                {
                    await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Delete, "/faults", null, "every rule stays", cancellationToken);
                    terminal.AnswerNode(new JsonObject { ["rules"] = 0 }, () => terminal.Say("No rule is in force."));
                    return ExitCodes.Ok;
                }

                var rules = await InputFiles.ReadAsync(cli.Surroundings, script, "fault script", MostBytes, cancellationToken);
                var answer = await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Post, "/faults", rules, "no rule was added", cancellationToken);
                terminal.AnswerNode(answer, () => terminal.Say($"Added {Output.Words.Count(answer is JsonArray many ? many.Count : 1, "rule")}; bailiwick twin faults --clear ends them."));
                return ExitCodes.Ok;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }
}
