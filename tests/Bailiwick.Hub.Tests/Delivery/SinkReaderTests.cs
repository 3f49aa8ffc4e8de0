using System.Data.Common;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Bailiwick.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tests.Delivery;

public sealed class SinkReaderTests : IAsyncLifetime
{
    private static readonly CustomerId Customer = new(Guid.Parse("aaaaaaaa-2222-3333-4444-555555555555"));
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private readonly ManualTime _time = new();
    private readonly RecordingSink _sink = new();
    private TempDatabase _temp = null!;
    private AlertLog _log = null!;
    private Positions _positions = null!;
    private DeadLetters _deadLetters = null!;
    private bool _isIntact = true;

    public async Task InitializeAsync()
    {
        _temp = await TempDatabase.CreateAsync();
        _log = new AlertLog(_temp.Database, _time);
        _positions = new Positions(_temp.Database, _time);
        _deadLetters = new DeadLetters(_temp.Database);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_position_moves_to_the_last_version_the_sink_took()
    {
        await AppendAsync("a", "b", "c");
        var reader = await OpenAsync();
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        _sink.Taken.ShouldBe(["a", "b", "c"]);
        (await PositionAsync()).ShouldBe(3);
        reader.State.Waiting.ShouldBe(0);
    }

    [Theory]
    [InlineData(DeliveryFailure.Unreachable)]
    [InlineData(DeliveryFailure.Unauthorized)]
    [InlineData(DeliveryFailure.ReceiverError)]
    [InlineData(DeliveryFailure.Throttled)]
    public async Task A_sink_that_takes_nothing_keeps_its_place_and_loses_nothing(DeliveryFailure failure)
    {
        await AppendAsync("a", "b");
        var reader = await OpenAsync();
        _sink.Answer = _ => new DeliveryResult.TryLater(failure);
        for (var i = 0; i < 5; i++) (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeFalse();
        (await PositionAsync()).ShouldBe(0);
        (await _deadLetters.ListAsync(null, null, null, null, 10, CancellationToken.None)).ShouldBeEmpty();
        reader.State.FailingSince.ShouldNotBeNull();
        reader.State.Reason.ShouldBe(failure.ToString());

        _sink.Answer = _ => DeliveryResult.Delivered.Instance;
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        _sink.Taken.ShouldBe(["a", "b"]);
        reader.State.FailingSince.ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_record_that_is_refused_alone_is_set_aside()
    {
        await AppendAsync([.. Enumerable.Range(0, 50).Select(i => $"alert{i}")]);
        var reader = await OpenAsync();
        _sink.Answer = batch => batch.Versions.Any(version => version.AlertId == "alert37")
            ? new DeliveryResult.Refused(DeliveryFailure.Rejected, "No.")
            : DeliveryResult.Delivered.Instance;
        await ServeAllAsync(reader);
        _sink.Taken.ShouldBe(Enumerable.Range(0, 50).Where(i => i != 37).Select(i => $"alert{i}"));
        (await PositionAsync()).ShouldBe(50);
        var letter = (await _deadLetters.ListAsync(null, "sink:test", "waiting", null, 10, CancellationToken.None)).Single();
        letter.AlertId.ShouldBe("alert37");
        letter.LogNumber.ShouldBe(38);
    }

    [Fact]
    public async Task A_pause_in_the_middle_of_narrowing_keeps_the_place_reached()
    {
        await AppendAsync("a", "b", "c", "d");
        var reader = await OpenAsync();
        var calls = 0;
        _sink.Answer = batch => ++calls switch
        {
            1 => new DeliveryResult.Refused(DeliveryFailure.TooLarge, "Too large."),
            2 => DeliveryResult.Delivered.Instance,
            3 => new DeliveryResult.TryLater(DeliveryFailure.Unreachable),
            _ => DeliveryResult.Delivered.Instance,
        };
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeFalse();
        (await PositionAsync()).ShouldBe(2);
        await ServeAllAsync(reader);
        _sink.Taken.ShouldBe(["a", "b", "c", "d"]);
    }

    [Fact]
    public async Task A_reader_restarted_before_its_position_moved_sends_the_same_bytes_again()
    {
        await AppendAsync("a", "b");
        var reader = await OpenAsync();
        _sink.Answer = _ => throw new OperationCanceledException(); // the process dies after the bytes left
        await Should.NotThrowAsync(() => reader.ServeAsync(1, CancellationToken.None));

        var first = _sink.Batches.Single().Versions.Select(version => (version.Key, Convert.ToHexString(version.Raw.Span))).ToList();
        _sink.Answer = _ => DeliveryResult.Delivered.Instance;
        var again = await OpenAsync();
        await again.ServeAsync(1, CancellationToken.None);
        _sink.Batches[^1].Versions.Select(version => (version.Key, Convert.ToHexString(version.Raw.Span))).ShouldBe(first);
    }

    [Fact]
    public async Task A_replay_goes_out_marked_and_leaves_the_position_alone()
    {
        await AppendAsync("a", "b");
        var reader = await OpenAsync();
        _sink.Answer = batch => batch.Versions.Any(version => version.AlertId == "a") ? new DeliveryResult.Refused(DeliveryFailure.Rejected, "No.") : DeliveryResult.Delivered.Instance;
        await ServeAllAsync(reader);
        var letter = (await _deadLetters.ListAsync(null, null, "waiting", null, 10, CancellationToken.None)).Single();
        await _temp.Database.WriteAsync(write => DeadLetters.ChangeStateAsync(write, letter.Id, "waiting", "replay"), CancellationToken.None);

        _sink.Answer = _ => DeliveryResult.Delivered.Instance;
        using var stop = new CancellationTokenSource();
        var running = reader.RunAsync(stop.Token);
        await _sink.WaitForAsync(batch => batch.Versions[0] is { AlertId: "a", Replayed: true });
        await stop.CancelAsync();
        await running;
        (await PositionAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task What_is_appended_while_the_reader_sleeps_wakes_it()
    {
        var reader = await OpenAsync();
        _log.Appended += reader.OnAppended;
        using var stop = new CancellationTokenSource();
        var running = reader.RunAsync(stop.Token);
        for (var i = 0; i < 50; i++)
        {
            var id = $"late{i}";
            await AppendAsync(id);
            await _sink.WaitForAsync(batch => batch.Versions.Any(version => version.AlertId == id));
        }

        await stop.CancelAsync();
        await running;
        _sink.Taken.Count.ShouldBe(50);
    }

    [Fact]
    public async Task What_a_sink_leaves_of_a_batch_waits_for_the_tenants_next_turn()
    {
        await AppendAsync("a", "b", "c", "d", "e");
        var reader = await OpenAsync();
        _sink.Answer = batch => batch.Versions.Count > 2 ? new DeliveryResult.DeliveredPart(2) : DeliveryResult.Delivered.Instance;
        reader.TakeReady().ShouldBe(1);
        for (var turn = 1; turn <= 3; turn++)
        {
            (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
            (await PositionAsync()).ShouldBe(Math.Min(5, turn * 2));
            reader.TakeReady().ShouldBe(turn < 3 ? 1 : null);
        }

        _sink.Batches.Select(batch => string.Concat(batch.Versions.Select(version => version.AlertId))).ShouldBe(["abcde", "cde", "e"]);
        reader.State.Delivered.ShouldBe(5);
    }

    [Fact]
    public async Task A_part_of_the_half_of_a_refused_batch_is_followed_by_its_rest()
    {
        await AppendAsync("a", "b", "bad", "c", "d", "e");
        var reader = await OpenAsync();
        _sink.Answer = batch => batch.Versions.Any(version => version.AlertId == "bad")
            ? new DeliveryResult.Refused(DeliveryFailure.Rejected, "bad")
            : batch.Versions.Count > 1 ? new DeliveryResult.DeliveredPart(1) : DeliveryResult.Delivered.Instance;
        while (reader.TakeReady() is { } tenant) (await reader.ServeAsync(tenant, CancellationToken.None)).ShouldBeTrue();
        _sink.Taken.ShouldBe(["a", "b", "c", "d", "e"]);
        (await PositionAsync()).ShouldBe(6);
    }

    [Fact]
    public async Task A_part_delivered_counts_though_the_rest_must_wait()
    {
        await AppendAsync("a", "b", "c");
        var reader = await OpenAsync();
        _sink.Answer = batch => batch.Versions.Count == 3 ? new DeliveryResult.DeliveredPart(2) : new DeliveryResult.TryLater(DeliveryFailure.Unreachable);
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeFalse();
        (await PositionAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Only_what_is_routed_to_the_sink_is_sent_and_the_position_passes_the_rest()
    {
        await AppendAsync("low1", "high1", "low2", "high2", "low3");
        var reader = await OpenAsync(new V1.SinkRouting(Severities: ["high"], Sources: [AlertSources.GraphAlerts], Kinds: ["alert"], Customers: [Customer]));
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        _sink.Taken.ShouldBe(["high1", "high2"]);
        (await PositionAsync()).ShouldBe(5);
        reader.State.Waiting.ShouldBe(0);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("kind")]
    [InlineData("severity")]
    public async Task What_is_not_for_the_sink_is_passed_without_asking_it(string narrowed)
    {
        await AppendAsync("low1", "low2");
        var reader = await OpenAsync(narrowed switch
        {
            "source" => new V1.SinkRouting(Sources: [AlertSources.DefenderAlerts]),
            "kind" => new V1.SinkRouting(Kinds: ["incident"]),
            _ => new V1.SinkRouting(Severities: ["high"]),
        });
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        _sink.Batches.ShouldBeEmpty();
        (await PositionAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Another_customers_log_is_not_read_and_nothing_is_written_down_about_it()
    {
        await AppendAsync("low1", "low2");
        var reader = await OpenAsync(new V1.SinkRouting(Customers: [new CustomerId(Guid.NewGuid())]));
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        reader.TakeReady().ShouldBe(1, "as it was loaded");
        reader.OnAppended(1, 3);
        reader.TakeReady().ShouldBeNull("an append of such a tenant is no work");
        (reader.State.Waiting, _sink.Batches.Count, await PositionAsync()).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task A_log_that_is_shorter_than_was_said_is_left_alone_until_the_next_append()
    {
        await AppendAsync("low1");
        var reader = await OpenAsync();
        reader.OnAppended(1, 5);
        await ServeAllAsync(reader);
        while (reader.TakeReady() is { } tenantKey) await reader.ServeAsync(tenantKey, CancellationToken.None);
        reader.State.Waiting.ShouldBe(0);
        await AppendAsync("low2");
        reader.OnAppended(1, 2);
        reader.TakeReady().ShouldBe(1);
        await reader.ServeAsync(1, CancellationToken.None);
        _sink.Taken.ShouldBe(["low1", "low2"]);
    }

    [Fact]
    public async Task A_refused_record_among_routed_ones_is_set_aside_at_its_own_place()
    {
        await AppendAsync("low1", "high1", "low2", "high2", "low3");
        var reader = await OpenAsync(new V1.SinkRouting(Severities: ["high"]));
        _sink.Answer = batch => batch.Versions.Any(version => version.AlertId == "high1") ? new DeliveryResult.Refused(DeliveryFailure.Rejected, "No.") : DeliveryResult.Delivered.Instance;
        await ServeAllAsync(reader);
        _sink.Taken.ShouldBe(["high2"]);
        (await _deadLetters.ListAsync(null, "sink:test", "waiting", null, 10, CancellationToken.None)).Single().LogNumber.ShouldBe(2);
        (await PositionAsync()).ShouldBe(5);
    }

    [Fact]
    public async Task What_is_redacted_reaches_the_sink_blanked_under_the_same_key()
    {
        await AppendAsync("high1");
        var plain = await OpenAsync();
        await plain.ServeAsync(1, CancellationToken.None);
        await _temp.Database.WriteAsync(write => Positions.RemoveAsync(write, "sink:test"), CancellationToken.None);
        var reader = await OpenAsync(new V1.SinkRouting(Redact: ["id"]));
        await reader.ServeAsync(1, CancellationToken.None);
        var (before, after) = (_sink.Batches[0].Versions[0], _sink.Batches[1].Versions[0]);
        Encoding.UTF8.GetString(after.Raw.Span).ShouldBe("""{"id":"[redacted]","severity":"high"}""");
        after.Key.ShouldBe(before.Key);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 8)]
    [InlineData(30, 300)]
    public void Pauses_stay_below_a_doubling_ceiling(int failures, int ceilingSeconds)
    {
        var policy = new DeliveryPolicy(new DeliveryOptions(), new Random(1));
        for (var i = 0; i < 200; i++) policy.PauseAfter(failures, null).TotalSeconds.ShouldBeInRange(0, ceilingSeconds);
        policy.PauseAfter(1, TimeSpan.FromMinutes(3)).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(3));
    }

    private static async Task ServeAllAsync(SinkReader reader)
    {
        for (var i = 0; i < 20 && reader.State.Waiting > 0; i++) await reader.ServeAsync(1, CancellationToken.None);
    }

    [Fact]
    public async Task A_database_that_fails_while_a_moved_position_is_read_again_pauses_the_sink()
    {
        await AppendAsync("a", "b");
        var disk = new FailingReads(_temp.Database);
        var reader = await OpenAsync(positions: new Positions(disk, _time));
        await _positions.MoveAsync("sink:test", 1, 0, 1, null, CancellationToken.None); // as after a commit whose answer was lost
        disk.IsIll = true;
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeFalse("an exception would end the reader's loop for good");
        reader.State.FailingSince.ShouldNotBeNull();

        disk.IsIll = false;
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeFalse();
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue();
        (await PositionAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Nothing_of_a_tenant_whose_row_was_changed_is_sent_before_the_row_is_restored()
    {
        await AppendAsync("a", "b");
        _isIntact = false;
        var reader = await OpenAsync();
        reader.TakeReady().ShouldBe(1);
        (await reader.ServeAsync(1, CancellationToken.None)).ShouldBeTrue("the sink is not at fault");
        await AppendAsync("c");
        reader.OnAppended(1, 3);
        (reader.TakeReady(), reader.State.Waiting, _sink.Batches.Count, await PositionAsync()).ShouldBe((null, 3, 0, 0));

        using var stop = new CancellationTokenSource();
        var running = reader.RunAsync(stop.Token);
        _time.Advance(TimeSpan.FromMinutes(5));
        _isIntact = true;
        await Until.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _sink.Taken.Count == 3;
            },
            "it is looked at again by itself");
        await stop.CancelAsync();
        await running;
    }

    private async Task<SinkReader> OpenAsync(V1.SinkRouting? routing = null, Positions? positions = null)
    {
        var reader = new SinkReader(
            new OpenSink("test", SinkClass.Accepted, _sink, SinkRouting.Read(routing, out _)),
            new DeliveryOptions(),
            _log,
            positions ?? _positions,
            _deadLetters,
            _temp.Database,
            (key, _) => ValueTask.FromResult<TenantRecord?>(new TenantRecord(key, Tenant, Customer, "Harrowgate", "public", null) { Intact = _isIntact }),
            _time,
            new DeliveryObserver(NullLogger.Instance));
        await reader.LoadAsync(CancellationToken.None);
        return reader;
    }

    private async Task<long> PositionAsync() => (await _positions.ReadAsync("sink:test", CancellationToken.None)).GetValueOrDefault(1);

    private Task AppendAsync(params string[] ids) => _log.AppendAsync(
        1,
        Tenant,
        AlertSources.GraphAlerts,
        [.. ids.Select(id => new CollectedAlert(id, _time.GetUtcNow(), _time.GetUtcNow(), AlertSeverity.Low, AlertStatus.New, new byte[32], Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","severity":"{{(id.StartsWith("high", StringComparison.Ordinal) ? "high" : "low")}}"}""")))],
        [],
        null,
        CancellationToken.None);

    private sealed class FailingReads(Database inner) : Database
    {
        public bool IsIll { get; set; }

        public override SqlDialect Dialect => inner.Dialect;

        public override Task<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
            IsIll ? throw new IOException("The disk fails to read.") : inner.OpenAsync(cancellationToken);

        public override Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken) => inner.WriteAsync(work, cancellationToken);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class RecordingSink : ISink
    {
        private readonly Lock _gate = new();
        private readonly List<(Func<AlertBatch, bool> Wanted, TaskCompletionSource Seen)> _waiting = [];

        public Func<AlertBatch, DeliveryResult> Answer { get; set; } = _ => DeliveryResult.Delivered.Instance;

        public List<AlertBatch> Batches { get; } = [];

        public List<string> Taken { get; } = [];

        public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                Batches.Add(batch);
                var result = Answer(batch);
                var taken = result switch { DeliveryResult.Delivered => batch.Versions.Count, DeliveryResult.DeliveredPart part => part.Versions, _ => 0 };
                Taken.AddRange(batch.Versions.Take(taken).Select(version => version.AlertId));
                foreach (var (wanted, seen) in _waiting)
                {
                    if (wanted(batch)) seen.TrySetResult();
                }

                return Task.FromResult(result);
            }
        }

        public Task WaitForAsync(Func<AlertBatch, bool> wanted)
        {
            lock (_gate)
            {
                if (Batches.Any(wanted)) return Task.CompletedTask;
                var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((wanted, seen));
                return seen.Task.WaitAsync(Until.Patience);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
