namespace Bailiwick.Hub.Feeds;

/// <summary>How a batch is shared among the tenants that wait: fair, and in turns when there is not even one record for each. Pure.</summary>
public static class FeedTurns
{
    /// <summary>Shares a batch.</summary>
    /// <param name="waiting">How many versions wait, by tenant key.</param>
    /// <param name="served">The tenant key that was served last; those after it come first.</param>
    /// <param name="max">Records in the batch, at least 1.</param>
    /// <returns>How many each tenant gives, in the order to read them; only tenants that give any. What one leaves, the others share.</returns>
    public static IReadOnlyList<(long TenantKey, int Count)> Share(IReadOnlyDictionary<long, long> waiting, long served, int max)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        var order = waiting.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key <= served).ThenBy(pair => pair.Key).ToList();
        var given = new int[order.Count];
        var left = max;
        var open = Enumerable.Range(0, order.Count).ToList();
        while (left > 0 && open.Count > 0)
        {
            var share = Math.Max(1, left / open.Count);
            foreach (var i in open)
            {
                var take = (int)Math.Min(Math.Min(share, left), order[i].Value - given[i]);
                given[i] += take;
                left -= take;
            }

            open.RemoveAll(i => given[i] == order[i].Value);
        }

        return [.. order.Select((pair, i) => (pair.Key, given[i])).Where(pair => pair.Item2 > 0)];
    }
}
