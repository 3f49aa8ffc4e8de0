using System.Net;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Bailiwick.Testing;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class CollectorWorkerTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private static readonly (long, string) Key = (1, AlertSources.GraphAlerts);
    private readonly ManualTime _time = new();
    private readonly CollectorOptions _options = new() { KeepRequestLimits = false, Retention = TimeSpan.FromDays(1) };
    private readonly List<CollectorHold> _holds = [];
    private TempDatabase _temp = null!;
    private FakePlane _plane = null!;
    private UpstreamClient _upstream = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempDatabase.CreateAsync();
        _plane = new FakePlane(_time);
        _upstream = new UpstreamClient(
            new Dictionary<string, HttpClient> { ["public"] = new(_plane, disposeHandler: true) },
            (_, _, _, _) => Task.FromResult<TokenResult>(new TokenResult.Acquired("token", DateTimeOffset.MaxValue)),
            TimeProvider.System,
            new UpstreamOptions());
    }

    public async Task DisposeAsync()
    {
        _upstream.Dispose();
        await _temp.DisposeAsync();
    }

    [Fact]
    public async Task Why_a_collector_stands_still_is_known_after_a_restart_before_its_next_walk()
    {
        Fail();
        DateTimeOffset? since;
        using (var worker = Make())
        {
            await RunAsync(worker, () => Reason(worker) == "ServerError");
            since = worker.States[Key].FailingSince;
        }

        _time.Advance(TimeSpan.FromHours(1));
        var asked = new TaskCompletionSource();
        _plane.Instead = _ => null;
        _plane.Before = (_, stop) => asked.Task.WaitAsync(stop);
        using var again = Make();
        CollectorState? seen = null;
        await RunAsync(again, () => again.States.TryGetValue(Key, out seen), stop: asked.SetResult);
        (seen!.FailingSince, seen.Reason).ShouldBe((since, "ServerError"));
    }

    [Fact]
    public async Task A_clean_walk_clears_what_is_kept()
    {
        Fail();
        using var worker = Make();
        await RunAsync(worker, () => Reason(worker) == "ServerError");
        (await KeptAsync()).ShouldBe(1);
        _plane.Instead = _ => null;
        using var again = Make();
        await RunAsync(again, () => again.States.TryGetValue(Key, out var state) && state.FailingSince is null);
        (await KeptAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_on_hold_is_not_walked_and_says_so_and_goes_on_by_itself_at_the_end()
    {
        var until = _time.GetUtcNow().AddHours(2);
        var began = _time.GetUtcNow();
        _holds.Add(new CollectorHold(1, AlertSources.GraphAlerts, HoldReasons.Paused, "Paused.", began, until));
        using var worker = Make();
        await worker.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => Reason(worker) == HoldReasons.Paused, "the pause is the state");
        for (var minute = 0; minute < 60; minute++) _time.Advance(TimeSpan.FromMinutes(1));
        _plane.Requests.ShouldBeEmpty();
        (await KeptAsync()).ShouldBe(1);
        _holds.Clear();
        _time.Advance(TimeSpan.FromHours(1));
        await Until.TrueAsync(() => Tick() && worker.States.TryGetValue(Key, out var state) && state.FailingSince is null, "collected again without a word from outside");
        (await KeptAsync()).ShouldBe(0);
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_pause_ends_a_walk_that_is_under_way()
    {
        var (asked, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var hanging = new UpstreamClient(
            new Dictionary<string, HttpClient> { ["public"] = new(_plane, disposeHandler: false) },
            async (_, _, _, stop) =>
            {
                asked.TrySetResult();
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);
                }
                finally
                {
                    ended.TrySetResult();
                }

                return new TokenResult.TryLater("never");
            },
            _time,
            new UpstreamOptions());
        using var worker = Make(hanging);
        await worker.StartAsync(CancellationToken.None);
        await asked.Task.WaitAsync(Until.Patience);
        _holds.Add(new CollectorHold(1, AlertSources.GraphAlerts, HoldReasons.Paused, "Paused.", _time.GetUtcNow(), _time.GetUtcNow().AddHours(2)));
        worker.Reload();
        for (var tick = 0; tick < 5; tick++) Tick(); // far less than a page's own time limit
        await ended.Task.WaitAsync(Until.Patience);
        await Until.TrueAsync(() => Reason(worker) == HoldReasons.Paused, "paused");
        await worker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_source_that_is_switched_off_is_a_state_and_not_silence()
    {
        _options.Enabled = false;
        using var worker = Make();
        await RunAsync(worker, () => Reason(worker) == HoldReasons.Disabled);
        worker.States[Key].Detail!.ShouldContain("Sources:GraphAlerts:Enabled");
        _plane.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_throttled_and_a_hanging_tenant_delay_no_other()
    {
        var targets = new[] { "hanging", "throttled", "well", "better" }
            .Select((name, i) => new CollectorTarget(i + 1, new TenantId(Guid.NewGuid()), AlertSources.GraphAlerts, "public", new Uri($"https://{name}.example/"))).ToList();
        _options.Retention = _options.LongestWindow; // nothing to go back to: one request a walk
        _plane.Before = (address, stop) => address.Host == "hanging.example" ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop) : Task.CompletedTask;
        _plane.Instead = address =>
        {
            if (address.Host != "throttled.example") return null;
            var answer = FakePlane.Json("{}", HttpStatusCode.TooManyRequests);
            answer.Headers.Add("Retry-After", "600");
            return answer;
        };
        using var worker = Make(targets: targets);
        await worker.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => Tick() && Ended(3) is not null && Ended(4) is not null, "the first walks");
        for (var minute = 1; minute <= 60; minute++)
        {
            var (well, better) = (Ended(3), Ended(4));
            for (var tick = 0; tick < 305; tick++) Tick(); // a poll interval and one second; from here on time stands still
            await Until.TrueAsync(() => Ended(3) > well && Ended(4) > better, $"both are walked within a second of minute {minute}");
        }

        DateTimeOffset? Ended(long tenantKey) => worker.States.TryGetValue((tenantKey, AlertSources.GraphAlerts), out var state) ? state.TriedAt : null;
        Walks("hanging").ShouldBe(1);
        Walks("throttled").ShouldBeLessThan(10, "a pause that was asked for is kept");
        await worker.StopAsync(CancellationToken.None);
    }

    private int Walks(string tenant) => _plane.Asked.GetValueOrDefault($"{tenant}.example");

    private CollectorWorker Make(UpstreamClient? upstream = null, IReadOnlyList<CollectorTarget>? targets = null) => new(
        _ => Task.FromResult(new CollectorTargetList(
            _holds.Count > 0 ? [] : targets ?? [new CollectorTarget(1, Tenant, AlertSources.GraphAlerts, "public", new Uri("https://plane.example/"))], [.. _holds])),
        _ => _options,
        upstream ?? _upstream,
        new AlertLog(_temp.Database, _time),
        new Checkpoints(_temp.Database),
        new CoverageLedger(_temp.Database),
        new CollectorTroubles(_temp.Database),
        new RequestBudgets(_time),
        _time,
        NullLogger<CollectorWorker>.Instance);

    private void Fail() => _plane.Instead = _ => FakePlane.Json("{}", HttpStatusCode.ServiceUnavailable);

    private bool Tick()
    {
        _time.Advance(TimeSpan.FromMilliseconds(200));
        return true;
    }

    private async Task RunAsync(CollectorWorker worker, Func<bool> until, Action? stop = null)
    {
        await worker.StartAsync(CancellationToken.None);
        await Until.TrueAsync(() => Tick() && until(), "the worker came so far");
        stop?.Invoke();
        await worker.StopAsync(CancellationToken.None);
    }

    private static string? Reason(CollectorWorker worker) => worker.States.TryGetValue(Key, out var state) ? state.Reason : null;

    private async Task<long> KeptAsync()
    {
        await using var connection = await _temp.Database.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM collector_troubles");
    }
}
