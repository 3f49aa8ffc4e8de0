using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Cli.Commands;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli;

/// <summary>The command line: its words, the options that stand everywhere, and what happens around every command.</summary>
internal sealed class BailiwickCli
{
    private readonly Option<string> _output = new("--output", "-o") { Description = "text or json; json puts only JSON on standard output", Recursive = true, DefaultValueFactory = _ => "text" };
    private readonly Option<string?> _hub = new("--hub") { Description = "The hub's address (BAILIWICK_HUB; http://127.0.0.1:8480)", Recursive = true, HelpName = "URL" };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "File that holds an API key (BAILIWICK_KEY_FILE)", Recursive = true, HelpName = "PATH" };

    private BailiwickCli(Surroundings surroundings)
    {
        Surroundings = surroundings;
        _output.AcceptOnlyFromAmong("text", "json");
    }

    /// <summary>What the command touches.</summary>
    public Surroundings Surroundings { get; }

    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var cli = new BailiwickCli(surroundings);
        var parsed = cli.Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var terminal = new Terminal(surroundings, json: false);
            var errors = parsed.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal).ToList();
            if (errors.Count > 1) errors.Remove("Required command was not provided."); // said beside the word that was not understood
            foreach (var error in errors) terminal.Error(error);
            terminal.Error($"See: bailiwick {string.Join(' ', Path(parsed))}--help");
            return ExitCodes.Usage;
        }

        await using var help = new StreamWriter(surroundings.Out, leaveOpen: true);
        return await parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = help, Error = surroundings.Error, ProcessTerminationTimeout = TimeSpan.FromSeconds(40) },
            cancellationToken);
    }

    /// <summary>What the parser has to say against a command line, without running it; empty when it would run. The name of the program is left out.</summary>
    internal static IReadOnlyList<string> FaultsOf(string line) =>
        [.. new BailiwickCli(Surroundings.Machine()).Root().Parse(line).Errors.Select(error => error.Message)];

    /// <summary>Gives a command its work; failures become sentences and exit codes.</summary>
    public Command Does(Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> work)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var terminal = new Terminal(Surroundings, parsed.GetValue(_output) == "json");
            try
            {
                return await work(parsed, terminal, cancellationToken);
            }
            catch (Exception e)
            {
                return Failures.Report(e, terminal, hub: null);
            }
        });
        return command;
    }

    /// <summary>Gives a command its work with a hub.</summary>
    public Command Asks(Command command, Func<BailiwickClient, ParseResult, Terminal, CancellationToken, Task<int>> work)
    {
        return Does(command, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Address(Surroundings, parsed.GetValue(_hub));
            try
            {
                var key = HubConnection.Key(Surroundings, parsed.GetValue(_keyFile));
                using var http = HubConnection.Client(Surroundings, address);
                return await work(new BailiwickClient(http, key, Surroundings.Time), parsed, terminal, cancellationToken);
            }
            catch (Exception e)
            {
                return Failures.Report(e, terminal, address, Subject(parsed));
            }
        });
    }

    private RootCommand Root()
    {
        var root = new RootCommand("Every version of every Microsoft Defender alert of every customer, once, in your SIEM.") { _output, _hub, _keyFile };
        root.Add(StatusCommand.Create(this));
        root.Add(Group("app", "App registrations the hub signs in with", AppAddCommand.Create(this), AppListCommand.Create(this), AppRemoveCommand.Create(this)));
        root.Add(Group(
            "customer",
            "Customers and their tenants",
            CustomerAddCommand.Create(this), CustomerListCommand.Create(this), CustomerShowCommand.Create(this), CustomerImportCommand.Create(this)));
        root.Add(Group(
            "connect",
            "Consent and tokens for each tenant",
            ConnectAppOnlyCommand.Create(this), ConnectCodeCommand.Create(this), ConnectListCommand.Create(this), ConnectRemoveCommand.Create(this)));
        root.Add(Group("alerts", "What was collected", AlertsListCommand.Create(this), AlertsShowCommand.Create(this), AlertsRawCommand.Create(this)));
        root.Add(Group(
            "sink",
            "Where alerts are delivered",
            SinkAddCommand.Create(this), SinkListCommand.Create(this), SinkKindsCommand.Create(this), SinkRemoveCommand.Create(this),
            SinkParkCommand.Create(this, parked: true), SinkParkCommand.Create(this, parked: false), SinkTestCommand.Create(this)));
        root.Add(Group("feed", "Where programs pull alerts from", FeedAddCommand.Create(this), FeedListCommand.Create(this), FeedRemoveCommand.Create(this)));
        root.Add(Group(
            "deadletter",
            "What a sink or a feed could not take",
            DeadLetterListCommand.Create(this), DeadLetterShowCommand.Create(this), DeadLetterActCommand.Create(this, replay: true), DeadLetterActCommand.Create(this, replay: false)));
        root.Add(Group("key", "API keys", KeyAddCommand.Create(this), KeyListCommand.Create(this), KeyRevokeCommand.Create(this)));
        root.Add(Group("audit", "Who did what", AuditListCommand.Create(this), AuditVerifyCommand.Create(this)));
        root.Add(Group("db", "The hub's database, while the hub is stopped", DbMigrateCommand.Create(this), DbStatusCommand.Create(this)));
        root.Add(Group("vault", "The hub's vault, while the hub is stopped", VaultInitCommand.Create(this), VaultStatusCommand.Create(this), VaultRotateCommand.Create(this)));
        root.Add(ServeCommand.Create(this));
        root.Add(TwinCommand.Create(this));
        root.Add(DemoCommand.Create(this));
        return root;
    }

    private static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands) group.Add(command);
        return group;
    }

    /// <summary>The command's arguments as typed, without its options.</summary>
    private static string Subject(ParseResult parsed) =>
        string.Join(' ', parsed.CommandResult.Children.OfType<System.CommandLine.Parsing.ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value));

    private static IEnumerable<string> Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at is { Command: not RootCommand }; at = at.Parent as System.CommandLine.Parsing.CommandResult) names.Insert(0, at.Command.Name);
        return names.Append("");
    }
}
