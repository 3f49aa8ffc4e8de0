using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.World.Alerts;

public sealed class AlertPolicyTests
{
    [Fact]
    public async Task A_reader_that_was_under_way_leaves_no_old_knobs_behind()
    {
        using var store = new TwinStore(null);
        var policy = new AlertPolicy(store, new AlertKnobs());
        var tenants = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var tenant in tenants) policy.Of(tenant);
            }
        })).ToList();

        for (var cap = 1; cap <= 300; cap++)
        {
            policy.Set(null, new AlertKnobs { GraphTopCap = cap });
            foreach (var tenant in tenants) policy.Of(tenant).GraphTopCap.ShouldBe(cap);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
