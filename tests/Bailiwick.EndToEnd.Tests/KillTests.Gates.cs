using Bailiwick.Hub.Alerts;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary><c>kill -9</c> at every point of every kind of exchange, one after the other: the hub is held at the point until it is dead.</summary>
public sealed partial class KillTests
{
    [Fact]
    public async Task A_hub_killed_at_each_point_of_an_exchange_loses_nothing()
    {
        var (rounds, tenantCount) = IsLong ? (12, 40) : (1, 6);
        Gate pages = new("/security/alerts_v2"), posts = new("/collector/event"), acks = new("/collector/ack"), bulks = new("/_bulk"), hooks = new("/alerts");
        (GatePoint Point, Gate[] Gates)[] steps =
        [
            (GatePoint.BeforeAnswer, [pages]), // a request for a page has no body
            (GatePoint.InAnswer, [pages]),
            (GatePoint.AfterAnswer, [pages]),
            (GatePoint.InRequest, [posts, bulks, hooks]),
            (GatePoint.BeforeAnswer, [posts, bulks, hooks]),
            (GatePoint.InAnswer, [posts, bulks]), // the answer to a webhook has no body
            (GatePoint.AfterAnswer, [posts, bulks, hooks]),
            (GatePoint.InRequest, [acks]),
            (GatePoint.BeforeAnswer, [acks]),
            (GatePoint.InAnswer, [acks]),
            (GatePoint.AfterAnswer, [acks]),
        ];
        var random = new Random(Seed);
        await using var twin = await TwinFixture.StartAsync(around: pages.AroundAsync);
        await using var hec = await HecReceiver.StartAsync(
            new HecReceiverOptions { Token = Token, Acknowledgement = true, Took = _hecGot.Note, Around = (context, next) => posts.AroundAsync(context, inner => acks.AroundAsync(inner, next)) },
            CancellationToken.None);
        await using var index = await ElasticsearchReceiver.StartAsync(
            new ElasticsearchReceiverOptions { Authorization = $"ApiKey {Token}", Took = document => _indexGot.Note(document.Source), Around = bulks.AroundAsync }, CancellationToken.None);
        await using var hook = await WebhookReceiver.StartAsync(new WebhookReceiverOptions { Key = Token, Took = _hookGot.Note, Around = hooks.AroundAsync }, CancellationToken.None);
        var tenants = await twin.AddCustomersAsync(tenantCount);
        var now = twin.Host.Services.Clock.GetUtcNow();
        foreach (var tenant in tenants) twin.Planes.Alerts.Generate(tenant.Id, 40, now.AddDays(-6), now, random.Next()); // further back than a later walk would look again
        var folder = Directory.CreateTempSubdirectory("bailiwick-kill-").FullName;
        try
        {
            pages.Close(GatePoint.BeforeAnswer, after: 0); // so that the first run is still to come
            var lines = await SetUpAsync(twin, tenants, (hec.Url, index.Url, hook.Url), folder);
            pages.Open();
            var configuration = await HubProcess.WriteConfigurationAsync(folder, twin);
            for (var (step, kills) = (0, rounds * steps.Length); step < kills; step++)
            {
                var (point, gates) = steps[step % steps.Length];
                Raise(twin, tenants, kills * 2, kills, step, random);
                foreach (var gate in gates) gate.Close(point, after: random.Next(3));
                await using var hub = await HubProcess.StartAsync(configuration);
                await Until.TrueAsync(() => Array.TrueForAll(gates, gate => gate.IsReached), $"{point} of {string.Join(", ", gates.Select(gate => gate.Path))}");
                await hub.KillAsync();
                foreach (var gate in gates) gate.Open();
            }

            await ConcludeAsync(twin, tenants, lines, configuration, $"{rounds * steps.Length} kills at gates", IsLong ? TimeSpan.FromMinutes(20) : TimeSpan.FromMinutes(3));
            _hecGot.Repeats.ShouldBeGreaterThan(0, "what was stored and not answered came again");
            _hookGot.Repeats.ShouldBeGreaterThan(0, "what was stored and not answered came again");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
