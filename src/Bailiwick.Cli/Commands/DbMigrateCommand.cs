using System.CommandLine;
using System.Text.Json.Nodes;
using Bailiwick.Cli.Local;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick db migrate</c>: brings the database to this program's schema. <c>serve</c> does the same at start.</summary>
internal static class DbMigrateCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("migrate", "Bring the database to this program's schema");
        var flags = new ServerFlags(command, listens: false);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
        {
            await using var local = LocalDatabase.Open(flags.Read(parsed, cli.Surroundings));
            var applied = await Migrator.MigrateAsync(local.Database, cancellationToken);
            terminal.AnswerNode(new JsonObject { ["applied"] = applied }, () => terminal.Say(applied == 0 ? "The schema is current." : $"Applied {applied} migrations."));
            return ExitCodes.Ok;
        });
    }
}
