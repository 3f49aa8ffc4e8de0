using Bailiwick.Hub.Feeds;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Feeds;

public sealed class FeedTurnsTests
{
    [Fact]
    public void Everybody_who_waits_gets_the_same_and_shares_what_others_leave() =>
        Share(0, 10, (1, 100), (2, 1), (3, 100)).ShouldBe([(1, 5), (2, 1), (3, 4)]);

    [Fact]
    public void With_fewer_records_than_tenants_they_take_turns_from_the_one_after_the_last()
    {
        Share(0, 2, (1, 9), (2, 9), (3, 9)).ShouldBe([(1, 1), (2, 1)]);
        Share(2, 2, (1, 9), (2, 9), (3, 9)).ShouldBe([(3, 1), (1, 1)]);
        Share(1, 2, (1, 9), (2, 9), (3, 9)).ShouldBe([(2, 1), (3, 1)]);
    }

    [Fact]
    public void Who_does_not_wait_gets_nothing() => Share(0, 5, (1, 0), (2, 2), (3, -1)).ShouldBe([(2, 2)]);

    private static IReadOnlyList<(long TenantKey, int Count)> Share(long served, int max, params (long Key, long Count)[] waiting) =>
        FeedTurns.Share(waiting.ToDictionary(pair => pair.Key, pair => pair.Count), served, max);
}
