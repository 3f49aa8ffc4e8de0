using System.Text.Json.Nodes;
using Bailiwick.Cli.Local;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary>How the vault commands say how a vault stands.</summary>
internal static class VaultWords
{
    /// <returns>Ok when the vault opens, else the code for a key file that does not work.</returns>
    public static int Tell(VaultReport report, Terminal terminal)
    {
        terminal.AnswerNode(
            new JsonObject
            {
                ["initialised"] = report.Initialised,
                ["opens"] = report.Opens,
                ["keyProvider"] = report.KeyProvider,
                ["keyId"] = report.KeyId,
                ["credentials"] = report.Credentials,
                ["detail"] = report.Detail,
            },
            () => terminal.Facts(
                ("Vault", report.Initialised ? report.Opens ? "opens" : "does NOT open" : "not made yet: bailiwick vault init"),
                ("Key provider", report.KeyProvider),
                ("Key", report.KeyId),
                ("Credentials", Words.Number(report.Credentials)),
                ("Detail", report.Detail)));
        return report is { Initialised: true, Opens: true } ? ExitCodes.Ok : ExitCodes.DataDirectory;
    }
}
