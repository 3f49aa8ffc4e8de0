using System.Globalization;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Bailiwick.Simulation.Network;
using Bailiwick.Simulation.Receivers;
using Bailiwick.Simulation.World;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bailiwick.Simulation.Process;

/// <summary>
/// One life of the hub: its own collectors, log, readers and upstream client over a simulated network and disk. Only the two outermost loops, which in the
/// product run on timers and threads, are driven from here.
/// </summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly SimWorld _world;
    private readonly IncarnationTime _time;
    private readonly Random _random;
    private readonly Trace _trace;
    private readonly Action<Exception> _fail;
    private readonly SqliteDatabase _file;
    private readonly SimDisk _disk;
    private readonly AlertLog _log;
    private readonly UpstreamClient _upstream;
    private readonly List<Collector> _collectors = [];
    private readonly List<Lane> _lanes = [];

    public HubProcess(SimWorld world, VirtualTime time, Incarnation incarnation, string path, int life, IReadOnlyList<SimReceiver> receivers, Trace trace, Action<Exception> fail)
    {
        Random Stream(string name) => Chance.Stream(world.Scenario.Seed, string.Create(CultureInfo.InvariantCulture, $"{name} {life}"));
        _world = world;
        Incarnation = incarnation;
        _time = new IncarnationTime(time, incarnation);
        _random = Stream("process");
        _trace = trace;
        _fail = fail;
        _file = new SqliteDatabase(path);
        _disk = new SimDisk(_file, incarnation, () => world.IsDiskIll(time.Now), Stream("disk"));
        _log = new AlertLog(_disk, _time);
        Plane = new SimPlane(world, _time, incarnation, Stream("network"), trace);
        _upstream = new UpstreamClient(
            new Dictionary<string, HttpClient> { ["sim"] = new(Plane, disposeHandler: true) },
            (tenant, _, _, _) => Task.FromResult(Token(tenant.Tenant)),
            _time,
            new UpstreamOptions { MaxConcurrentRequests = int.MaxValue, MaxPagesInMemory = int.MaxValue });
        var checkpoints = new Checkpoints(_disk);
        var ledger = new CoverageLedger(_disk);
        foreach (var tenant in world.Tenants)
        {
            foreach (var feed in tenant.Feeds)
            {
                var source = SourceCatalog.Find(feed.Source)!;
                var target = new CollectorTarget(tenant.Key, tenant.Id, feed.Source, "sim", SimPlane.Address);
                _collectors.Add(new Collector(target, source, world.Scenario.OptionsOfHub(feed.Source), _upstream, _log, checkpoints, ledger, new RequestBudget(source.Limits, _time), _time));
            }
        }

        var positions = new Positions(_disk, _time);
        var letters = new DeadLetters(_disk);
        var sinks = Stream("sinks");
        var observer = new DeliveryObserver(NullLogger.Instance);
        foreach (var receiver in receivers)
        {
            var open = new OpenSink(receiver.Kind.ToString(), receiver.Class, new SimSink(receiver, _time, incarnation, sinks, trace), SinkRouting.Everything);
            var reader = new SinkReader(
                open, new DeliveryOptions(), _log, positions, letters, _disk, (key, _) => ValueTask.FromResult<Hub.Customers.TenantRecord?>(world.Tenants[(int)key - 1].ToRecord()), _time, observer);
            _lanes.Add(new Lane(reader, positions, isFirst: true));
            _lanes.Add(new Lane(reader, positions, isFirst: false));
        }
    }

    public Incarnation Incarnation { get; }

    public SimPlane Plane { get; }

    /// <summary>Begins to work, as after the start of the program.</summary>
    public void Start(bool afterCrash)
    {
        _log.Appended += OnAppended;
        foreach (var collector in _collectors) Watch(CollectAsync(collector));
        Watch(ServeAsync(afterCrash));
    }

    public async ValueTask DisposeAsync()
    {
        Incarnation.Die();
        await _file.DisposeAsync(); // not the client: closing it would end the dead process's requests, as no death does
    }

    private TokenResult Token(Api.TenantId id)
    {
        var tenant = _world.Tenants.Find(tenant => tenant.Id == id)!;
        return tenant.Weather.Strike(_time.Now, token: true, _random) switch
        {
            Fault.TokenRefused => new TokenResult.Refused("invalid_grant", "The simulated sign-in service refuses."),
            Fault.TokenLater => new TokenResult.TryLater("The simulated sign-in service is busy."),
            _ => new TokenResult.Acquired(SimPlane.TokenOf(tenant), DateTimeOffset.MaxValue),
        };
    }

    private async Task CollectAsync(Collector collector)
    {
        var target = collector.Target;
        await _time.DelayAsync(_random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(30)));
        for (var failures = 0; ;)
        {
            var started = _time.Now;
            WalkResult? result = null;
            try
            {
                result = await collector.RunOnceAsync(CancellationToken.None);
            }
            catch (SqliteException)
            {
                // the simulated disk; anything else is a fault of the hub
            }

            _trace.Note("walked", target.TenantKey, target.Source, result is WalkResult.Stopped why ? why.Reason : result?.GetType().Name ?? "disk", _time.Now);
            var poll = _time.Now < _world.CalmFrom ? _world.Scenario.Poll : _world.Scenario.DrainPoll;
            if (result is WalkResult.Clean)
            {
                failures = 0;
                await _time.DelayAsync(new TimeSpan(Math.Max(0, started + poll.Ticks - _time.Now)));
                continue;
            }

            failures++;
            var stopped = result as WalkResult.Stopped;
            var backoff = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(failures, 10)), 300)) * (0.5 + (_random.NextDouble() / 2));
            if (stopped?.After is { } after && after > backoff) backoff = after;
            await _time.DelayAsync(stopped is { NeedsPerson: true } && failures > 1 ? TimeSpan.FromMinutes(5) : backoff);
        }
    }

    private void OnAppended(long tenantKey, long head)
    {
        _trace.Note("appended", tenantKey, "", head, _time.Now);
        foreach (var lane in _lanes)
        {
            if (lane.IsFirst) lane.Reader.OnAppended(tenantKey, head);
        }

        foreach (var lane in _lanes) Wake(lane);
    }

    private void Wake(Lane lane)
    {
        if (lane.Idle is not { } idle) return;
        lane.Idle = null;
        _time.Schedule(TimeSpan.Zero, () => idle.TrySetResult());
    }

    private async Task ServeAsync(bool afterCrash)
    {
        foreach (var lane in _lanes.Where(lane => lane.IsFirst))
        {
            if (afterCrash && lane.Reader.Open.Class == SinkClass.Sent) await PersistAsync(() => lane.Positions.RewindAsync(lane.Reader.Name, CancellationToken.None));
            await PersistAsync(() => lane.Reader.LoadAsync(CancellationToken.None));
        }

        foreach (var lane in _lanes) Watch(ServeAsync(lane));
    }

    private async Task ServeAsync(Lane lane)
    {
        for (var failures = 0; ;)
        {
            if (lane.Reader.TakeReady() is not { } tenantKey)
            {
                lane.Idle = new TaskCompletionSource();
                await lane.Idle.Task;
            }
            else if (await lane.Reader.ServeAsync(tenantKey, CancellationToken.None))
            {
                failures = 0;
                foreach (var other in _lanes) Wake(other);
            }
            else
            {
                await _time.DelayAsync(TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, Math.Min(++failures, 10)) * (0.5 + (_random.NextDouble() / 2)))));
            }
        }
    }

    private async Task PersistAsync(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (SqliteException)
            {
                await _time.DelayAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async void Watch(Task work)
    {
        try
        {
            await work;
        }
#pragma warning disable CA1031 // whatever it is, it is a finding
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _fail(failure);
        }
    }

    /// <summary>One of the places where a reader serves a tenant.</summary>
    private sealed class Lane(SinkReader reader, Positions positions, bool isFirst)
    {
        public SinkReader Reader { get; } = reader;

        public Positions Positions { get; } = positions;

        public bool IsFirst { get; } = isFirst;

        public TaskCompletionSource? Idle { get; set; }
    }
}
