using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick key list</c>.</summary>
internal static class KeyListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List API keys"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await BailiwickClient.EachAsync(hub.ListKeysAsync, cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<ApiKey>(all), () => terminal.Table(
            "No keys.",
            ["ID", "NAME", "ROLE", "CUSTOMERS", "EXPIRES", "STATE"],
            all.Select(key => (string?[])
            [
                key.Id, key.Name, key.Role, key.Customers is { } some ? Words.Number(some.Count) : "all", Words.Time(key.ExpiresAt),
                key.RevokedAt is null ? "on" : "revoked",
            ])));
        return ExitCodes.Ok;
    });
}
