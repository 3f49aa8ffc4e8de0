using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick sink kinds</c>.</summary>
internal static class SinkKindsCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("kinds", "List the kinds of sink this hub can make"), async (hub, _, terminal, cancellationToken) =>
    {
        var kinds = await hub.ListSinkKindsAsync(cancellationToken);
        terminal.Answer(kinds, () => terminal.Table("None.", ["KIND", "SECRET", "SUMMARY"], kinds.Items.Select(kind => (string?[])[kind.Name, kind.NeedsSecret ? "needed" : "none", kind.Summary])));
        return ExitCodes.Ok;
    });
}
