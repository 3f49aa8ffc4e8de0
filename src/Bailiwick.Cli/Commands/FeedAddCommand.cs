using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick feed add</c>.</summary>
internal static class FeedAddCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        var customers = new Option<string[]>("--customer") { Description = "Name or id; may be repeated; all customers, also those to come, if left out", HelpName = "CUSTOMER" };
        var format = new Option<string>("--format") { Description = "How records look: ecs, raw, or another JSON format (docs/formats)", DefaultValueFactory = _ => "ecs" };
        var fromNow = new Option<bool>("--from-now") { Description = "Give only what is collected from now on" };
        return cli.Asks(new Command("add", "Add a feed") { name, customers, format, fromNow }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var reached = new List<CustomerId>();
            foreach (var text in parsed.GetValue(customers) ?? []) reached.Add(await Ids.CustomerAsync(hub, text, cancellationToken));
            var wish = new NewFeed(parsed.GetRequiredValue(name), parsed.GetRequiredValue(format), reached.Count > 0 ? reached : null, parsed.GetValue(fromNow));
            var feed = await hub.AddFeedAsync(wish, cancellationToken);
            terminal.Answer(feed, () => terminal.Say($"Added {feed.Name} ({feed.Format}). Read it at {Routes.Fill(Routes.FeedNext, feed.Name)}."));
            return ExitCodes.Ok;
        });
    }
}
