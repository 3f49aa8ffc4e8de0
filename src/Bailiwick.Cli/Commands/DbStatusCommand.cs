using System.CommandLine;
using System.Text.Json.Nodes;
using Bailiwick.Cli.Local;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick db status</c>: changes nothing.</summary>
internal static class DbStatusCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("status", "Show the database and its schema");
        var flags = new ServerFlags(command, listens: false);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
        {
            var options = flags.Read(parsed, cli.Surroundings);
            await using var local = LocalDatabase.Open(options, make: false);
            var (number, name) = await local.SchemaAsync(cancellationToken);
            var engine = local.Database.Dialect.ToString().ToLowerInvariant();
            terminal.AnswerNode(
                new JsonObject { ["engine"] = engine, ["schema"] = number, ["migration"] = name },
                () => terminal.Facts(("Engine", engine), ("Schema", Words.Number(number)), ("Migration", name ?? "none yet: bailiwick db migrate")));
            return ExitCodes.Ok;
        });
    }
}
