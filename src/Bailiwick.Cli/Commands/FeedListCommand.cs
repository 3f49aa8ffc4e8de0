using System.CommandLine;
using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick feed list</c>.</summary>
internal static class FeedListCommand
{
    public static Command Create(BailiwickCli cli) => cli.Asks(new Command("list", "List feeds"), async (hub, _, terminal, cancellationToken) =>
    {
        var all = await BailiwickClient.EachAsync(hub.ListFeedsAsync, cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<Feed>(all), () => terminal.Table(
            "No feeds yet: bailiwick feed add NAME",
            ["FEED", "FORMAT", "CUSTOMERS", "WAITING", "ADDED"],
            all.Select(feed => (string?[])
                [feed.Name, feed.Format, feed.Customers?.Count.ToString(CultureInfo.InvariantCulture) ?? "all", feed.Waiting.ToString(CultureInfo.InvariantCulture), Words.Time(feed.AddedAt)])));
        return ExitCodes.Ok;
    });
}
