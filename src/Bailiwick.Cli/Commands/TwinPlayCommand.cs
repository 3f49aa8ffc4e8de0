using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin play</c>: a recorded scenario on a running twin; its clock stands still afterwards.</summary>
internal static class TwinPlayCommand
{
    private const int MostBytes = 128 * 1024 * 1024;

    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string>("FILE") { Description = "Scenario of twin record; - for standard input" };
        var control = TwinControl.Option();
        return cli.Does(new Command("play", "Play a recorded scenario on a running twin of the same seed") { file, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            var scenario = await InputFiles.ReadAsync(cli.Surroundings, parsed.GetRequiredValue(file), "scenario", MostBytes, cancellationToken);
            try
            {
                var answer = await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Post, "/scenario", scenario, "nothing was played", cancellationToken);
                var refused = answer["refused"]!.AsArray();
                terminal.AnswerNode(answer, () =>
                {
                    terminal.Say($"Played {Output.Words.Count(answer["steps"]!.GetValue<int>(), "step")}; the twin's clock stands at {answer["now"]}.");
                    foreach (var sentence in refused) terminal.Error($"Refused: {sentence}");
                });
                return refused.Count == 0 ? ExitCodes.Ok : ExitCodes.PartlyFailed;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }
}
