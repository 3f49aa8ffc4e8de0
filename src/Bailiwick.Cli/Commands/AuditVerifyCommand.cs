using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Local;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick audit verify</c>: asks the hub, or with <c>--offline</c> reads its database without trusting it.</summary>
internal static class AuditVerifyCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("verify", "Check numbers, hashes and MACs of the whole audit chain");
        var offline = new Option<bool>("--offline") { Description = "Read the database of a data directory instead of asking the hub" };
        command.Add(offline);
        var flags = new ServerFlags(command, listens: false);
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) => Tell(
            parsed.GetValue(offline) ? await OfflineAuditVerifier.VerifyAsync(flags.Read(parsed, cli.Surroundings), cancellationToken) : await hub.VerifyAuditAsync(cancellationToken),
            terminal));
    }

    private static int Tell(AuditVerification found, Terminal terminal)
    {
        terminal.Answer(found, () => terminal.Say(
            found.Intact ? $"Intact: {found.Records} records, {found.Anchors} anchors fit."
            : found.FirstBad is { } bad ? $"BROKEN at record {bad}: {found.Detail}" : $"BROKEN: {found.Detail}"));
        return found.Intact ? ExitCodes.Ok : ExitCodes.CheckFailed;
    }
}
