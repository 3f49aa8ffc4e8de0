using System.CommandLine;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick demo</c>: twin, hub, sample customers, three receivers; until Ctrl-C.</summary>
internal static class DemoCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var data = new Option<string>("--data") { Description = "Directory", DefaultValueFactory = _ => Path.Combine(".data", "demo"), HelpName = "DIR" };
        var url = new Option<string>("--url") { Description = "Where the hub listens", DefaultValueFactory = _ => HubConnection.DefaultHub, HelpName = "URL" };
        var port = new Option<int>("--twin-port") { Description = "The twin's TLS port; 0 takes a free one", DefaultValueFactory = _ => 8490 };
        var customers = new Option<int>("--customers") { Description = "How many sample customers, 1 to 1000", DefaultValueFactory = _ => 5 };
        var seed = new Option<int>("--seed") { Description = "Decides the sample world", DefaultValueFactory = _ => 1 };
        var fresh = new Option<bool>("--fresh") { Description = "Throw away what an earlier demo left" };
        return cli.Does(new Command("demo", "Everything on this machine: see alerts of sample customers arrive") { data, url, port, customers, seed, fresh }, (parsed, terminal, cancellationToken) =>
        {
            if (parsed.GetValue(customers) is < 1 or > 1000) throw new UsageException("--customers takes 1 to 1000.");
            var request = new DemoRequest(
                parsed.GetRequiredValue(data), parsed.GetRequiredValue(url), parsed.GetValue(port), parsed.GetValue(customers), parsed.GetValue(seed), parsed.GetValue(fresh));
            return cli.Surroundings.Demo.RunAsync(request, terminal, cancellationToken);
        });
    }
}
