using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink test</c>: one marked record.</summary>
internal static class SinkTestCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        return cli.Asks(new Command("test", "Send one marked test record") { name }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var result = await hub.TestSinkAsync(parsed.GetRequiredValue(name), cancellationToken);
            terminal.Answer(result, () => terminal.Say(result.Delivered ? $"{parsed.GetValue(name)} took the test record." : $"{parsed.GetValue(name)} did not take it: {result.Reason}. {result.Detail}"));
            return result.Delivered ? ExitCodes.Ok : ExitCodes.CheckFailed;
        });
    }
}
