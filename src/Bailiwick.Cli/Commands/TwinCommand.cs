using System.CommandLine;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin</c>: the stand-in for Microsoft's side, until Ctrl-C; and what can be done to a running one.</summary>
internal static class TwinCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var command = new Command("twin", "Run the local stand-in for Entra ID, Graph and Defender; not for production") { TwinImportCommand.Create(cli), TwinFaultsCommand.Create(cli), TwinRecordCommand.Create(cli), TwinPlayCommand.Create(cli), TwinSnapshotCommand.Create(cli), TwinRestoreCommand.Create(cli), TwinClockCommand.Create(cli) };
        var data = new Option<string?>("--data") { Description = "Directory for its world and its CA; the world stays in memory if left out", HelpName = "DIR" };
        var port = new Option<int>("--port") { Description = "TLS port on 127.0.0.1; 0 takes a free one", DefaultValueFactory = _ => 8490 };
        var control = new Option<int>("--control-port") { Description = "Control port on 127.0.0.1; 0 takes a free one", DefaultValueFactory = _ => 8491 };
        var proxy = new Option<int?>("--proxy-port") { Description = "Also answer as an HTTP proxy for Microsoft's real host names" };
        var seed = new Option<int>("--seed") { Description = "Decides what it makes up", DefaultValueFactory = _ => 1 };
        var smtp = new Option<string?>("--smtp") { Description = "Relay that the portal's notification mail goes to; none is sent if left out", HelpName = "HOST:PORT" };
        foreach (var option in (Option[])[data, port, control, proxy, seed, smtp]) command.Add(option);
        return cli.Does(command, async (parsed, terminal, cancellationToken) =>
        {
            var request = new TwinRequest(parsed.GetValue(data), parsed.GetValue(port), parsed.GetValue(control), parsed.GetValue(proxy), parsed.GetValue(seed), parsed.GetValue(smtp));
            await TwinRunner.RunAsync(
                request,
                started =>
                {
                    terminal.Say($"Twin listens on {started.Address}, control on {started.Control}{(started.Proxy is { } via ? $", proxy on {via}" : "")}. Stop with Ctrl-C.");
                    terminal.Say($"Its CA: {started.CaFile}");
                },
                cancellationToken);
            return ExitCodes.Ok;
        });
    }
}
