using System.Collections.Concurrent;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Delivery;

public sealed class DeliveryWorkerTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private readonly ConcurrentQueue<long> _taken = new();
    private TempDatabase _temp = null!;
    private AlertLog _log = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempDatabase.CreateAsync();
        _log = new AlertLog(_temp.Database, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task Changes_of_sinks_in_quick_succession_cost_nothing_and_lose_nothing()
    {
        using var worker = Worker(_ => [new OpenSink("one", SinkClass.Accepted, new TakingSink(_taken), SinkRouting.Everything)]);
        await worker.StartAsync(CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++) worker.Reload();
        })));
        for (var i = 0; i < 20; i++)
        {
            await AppendAsync($"alert{i}");
            worker.Reload();
        }

        await Until.TrueAsync(() => _taken.Distinct().Count() == 20, "all 20 alerts");
        worker.ExecuteTask!.IsFaulted.ShouldBeFalse();
        await worker.StopAsync(CancellationToken.None);
        _taken.Count.ShouldBe(20, "positions hold over every change");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_costs_a_pause_and_not_the_worker()
    {
        var opened = 0;
        using var worker = Worker(_ => ++opened == 1 ? throw new IOException("not now") : [new OpenSink("one", SinkClass.Accepted, new TakingSink(_taken), SinkRouting.Everything)]);
        await AppendAsync("alert");
        await worker.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => _taken.Count == 1, "the alert, after the second try");
        await worker.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(SinkClass.Confirmed, 1)]
    [InlineData(SinkClass.Accepted, 1)]
    [InlineData(SinkClass.Sent, 2)]
    [InlineData(SinkClass.BestEffort, 2)]
    public async Task After_a_crash_only_receivers_that_acknowledge_nothing_get_the_last_window_again(SinkClass sinkClass, int times)
    {
        await AppendAsync("first");
        foreach (var crashed in new[] { false, true })
        {
            using var worker = Worker(_ => [new OpenSink("one", sinkClass, new TakingSink(_taken), SinkRouting.Everything)]);
            worker.AfterCrash = crashed;
            await worker.StartAsync(CancellationToken.None);
            if (crashed) await AppendAsync("second");
            await Until.TrueAsync(() => _taken.Contains(crashed ? 2 : 1), "the newest alert");
            await worker.StopAsync(CancellationToken.None);
        }

        _taken.Count(number => number == 1).ShouldBe(times);
    }

    private DeliveryWorker Worker(Func<CancellationToken, IReadOnlyList<OpenSink>> open) => new(
        cancel => Task.FromResult(open(cancel)),
        (key, _) => ValueTask.FromResult<TenantRecord?>(new TenantRecord(key, Tenant, new CustomerId(Guid.NewGuid()), "Harrowgate", "public", null)),
        new DeliveryOptions { FirstPause = TimeSpan.FromMilliseconds(20) },
        _log,
        new Positions(_temp.Database, TimeProvider.System),
        new DeadLetters(_temp.Database),
        _temp.Database,
        TimeProvider.System,
        NullLogger<DeliveryWorker>.Instance);

    private Task AppendAsync(string id) => _log.AppendAsync(
        1,
        Tenant,
        AlertSources.GraphAlerts,
        [new CollectedAlert(id, TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow(), AlertSeverity.Low, AlertStatus.New, new byte[32], Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""))],
        [],
        null,
        CancellationToken.None);

    private sealed class TakingSink(ConcurrentQueue<long> taken) : ISink
    {
        public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
        {
            foreach (var version in batch.Versions) taken.Enqueue(version.LogNumber);
            return Task.FromResult<DeliveryResult>(DeliveryResult.Delivered.Instance);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
