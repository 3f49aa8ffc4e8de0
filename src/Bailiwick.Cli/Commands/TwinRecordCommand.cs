using System.CommandLine;
using System.Text;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin record</c>: what was done to a running twin, as a scenario for <c>twin play</c>.</summary>
internal static class TwinRecordCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string>("FILE") { Description = "Scenario to write; must not exist" };
        var control = TwinControl.Option();
        return cli.Does(new Command("record", "Write what was done to a running twin as a scenario") { file, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            try
            {
                var scenario = await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Get, "/scenario", null, "nothing was written", cancellationToken);
                if (scenario["complete"]?.GetValue<bool>() != true) throw new UsageException("This run had more or larger steps than a twin keeps (64 MiB), so no scenario can reproduce it: start a twin anew and do less.");
                await OutputFiles.WriteNewAsync(parsed.GetRequiredValue(file), Encoding.UTF8.GetBytes(scenario.ToJsonString() + "\n"), "scenario", cancellationToken);
                terminal.AnswerNode(scenario, () => terminal.Say($"Wrote {Output.Words.Count(scenario["steps"]!.AsArray().Count, "step")} to {parsed.GetValue(file)}. Play them on a new twin: bailiwick twin --seed {scenario["seed"]}, then bailiwick twin play {parsed.GetValue(file)}."));
                return ExitCodes.Ok;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }
}
