using Bailiwick.Server.Start;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class MemoryReturnTests
{
    [Fact]
    public void Memory_is_given_back_once_when_a_busy_time_ends_and_not_while_it_lasts()
    {
        using var memory = new MemoryReturn(TimeProvider.System);
        var allocated = 0L;
        long[] intervals = [1_000_000, MemoryReturn.Busy, 3 * MemoryReturn.Busy, 1_000_000, 1_000_000, MemoryReturn.Busy, 0];
        intervals.Select(bytes => memory.IsDue(allocated += bytes)).ShouldBe([false, false, false, true, false, false, true]);
    }
}
