using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation.Naive;

/// <summary>A way of collecting as scripts do it: one idea of "what is new", no proof.</summary>
internal abstract class NaiveStrategy
{
    /// <summary>The four that are compared.</summary>
    public static IReadOnlyList<NaiveStrategy> All { get; } = [new GreaterThanCreated(), new SkipPaging(), new GreaterThanLastUpdate(), new FixedDelay()];

    public abstract string Name { get; }

    /// <summary>One poll.</summary>
    /// <param name="client">Gets pages and keeps what they hold.</param>
    /// <param name="feed">What is polled.</param>
    /// <param name="mark">Where the last poll left off; ticks.</param>
    /// <param name="now">Ticks.</param>
    /// <returns>The mark for the next poll.</returns>
    /// <exception cref="HttpRequestException">The poll failed; the mark stays.</exception>
    public abstract Task<long> PollAsync(NaiveClient client, Feed feed, long mark, long now);

    /// <summary>Follows continuation links; a page without one is the last.</summary>
    private static async Task<long> FollowAsync(NaiveClient client, Feed feed, string filter, long mark, Func<State, long> value)
    {
        for (string? address = client.Address(feed, filter, 0); address is not null;)
        {
            var page = await client.GetAsync(feed, address);
            foreach (var state in page.States) mark = Math.Max(mark, value(state));
            address = page.Next;
        }

        return mark;
    }

    /// <summary>Everything created after the newest creation seen.</summary>
    private sealed class GreaterThanCreated : NaiveStrategy
    {
        public override string Name => "created after the last one seen";

        public override Task<long> PollAsync(NaiveClient client, Feed feed, long mark, long now) =>
            FollowAsync(client, feed, $"{client.Created(feed)} gt {Spelling.Time(mark)}", mark, state => state.Record.Created);
    }

    /// <summary>Everything updated since the last poll, by page numbers until a page comes short.</summary>
    private sealed class SkipPaging : NaiveStrategy
    {
        public override string Name => "updated since the last poll, $skip until a short page";

        public override async Task<long> PollAsync(NaiveClient client, Feed feed, long mark, long now)
        {
            for (var skip = 0; ; skip += client.PageSize)
            {
                var page = await client.GetAsync(feed, client.Address(feed, $"{client.Updated(feed)} ge {Spelling.Time(mark)}", skip));
                if (page.States.Count < client.PageSize) return now;
            }
        }
    }

    /// <summary>Everything updated after the newest update seen.</summary>
    private sealed class GreaterThanLastUpdate : NaiveStrategy
    {
        public override string Name => "updated after the last one seen";

        public override Task<long> PollAsync(NaiveClient client, Feed feed, long mark, long now) =>
            FollowAsync(client, feed, $"{client.Updated(feed)} gt {Spelling.Time(mark)}", mark, state => state.Updated);
    }

    /// <summary>A window that ends a fixed time ago, each beginning where the last one ended.</summary>
    private sealed class FixedDelay : NaiveStrategy
    {
        private static readonly TimeSpan Delay = TimeSpan.FromMinutes(5);

        public override string Name => "windows that end five minutes ago, $skip until an empty page";

        public override async Task<long> PollAsync(NaiveClient client, Feed feed, long mark, long now)
        {
            var end = now - Delay.Ticks;
            var skip = 0;
            while (true)
            {
                var page = await client.GetAsync(feed, client.Address(feed, $"{client.Updated(feed)} ge {Spelling.Time(mark)} and {client.Updated(feed)} lt {Spelling.Time(end)}", skip));
                if (page.States.Count == 0) return end;
                skip += page.States.Count;
            }
        }
    }
}
