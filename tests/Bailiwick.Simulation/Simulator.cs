using System.Globalization;
using Bailiwick.Hub.Storage;
using Bailiwick.Simulation.Process;
using Bailiwick.Simulation.Receivers;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation;

/// <summary>
/// Runs the hub's own collectors, log and readers through a seeded world: its network, disk, process and receivers misbehave on a clock of their own, and
/// afterwards the world's truth is held against what reached the receivers. The same seed gives the same run to the last event.
/// </summary>
internal sealed class Simulator : IDisposable
{
    private static readonly Lazy<Task<byte[]>> s_emptyDatabase = new(MakeEmptyDatabaseAsync);

    private readonly Scenario _scenario;
    private readonly SimWorld _world;
    private readonly VirtualTime _time;
    private readonly Trace _trace;
    private readonly string _folder;
    private readonly List<SimReceiver> _receivers;
    private readonly Random _random;
    private readonly List<string> _faults = [];
    private readonly List<Task> _looks = [];
    private readonly Oracle _oracle;
    private HubProcess? _process;
    private HubProcess? _dead;
    private int _life;
    private long _requests;
    private readonly Dictionary<string, long> _requestsBySource = [];

    private Simulator(Scenario scenario, TextWriter? trace, byte[] emptyDatabase)
    {
        _scenario = scenario;
        _world = WorldBuilder.Build(scenario);
        _time = new VirtualTime(_world.Start);
        _trace = new Trace(trace);
        _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "bailiwick-sim-" + Guid.NewGuid().ToString("N"))).FullName;
        File.WriteAllBytes(DatabasePath, emptyDatabase);
        ReceiverKind[] bad = [ReceiverKind.Flaky, ReceiverKind.Down, ReceiverKind.Picky, ReceiverKind.Unacknowledged];
        Chance.Stream(scenario.Seed, "receivers").Shuffle(bad);
        ReceiverKind[] kinds = [ReceiverKind.Recording, ReceiverKind.Keyed, .. bad.Take(scenario.BadReceivers)];
        _receivers = [.. kinds.Select(kind => new SimReceiver(kind, _world, Chance.Stream(scenario.Seed, kind.ToString())))];
        _random = Chance.Stream(scenario.Seed, "operator");
        _oracle = new Oracle(_world, _receivers);
    }

    private string DatabasePath => Path.Combine(_folder, "bailiwick.db");

    /// <summary>Runs one world to its end and judges it. Uses one thread for everything: the embedded database never really waits.</summary>
    /// <param name="scenario">The world.</param>
    /// <param name="trace">Every event, one a line, for people; or null.</param>
    public static async Task<SimulationResult> RunAsync(Scenario scenario, TextWriter? trace = null)
    {
        var emptyDatabase = await s_emptyDatabase.Value;
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // continuations run where they are completed
        try
        {
            using var simulator = new Simulator(scenario, trace, emptyDatabase);
            return await simulator.RunAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Dispose()
    {
        _trace.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task<SimulationResult> RunAsync()
    {
        StartProcess(afterCrash: false);
        foreach (var (at, point) in _world.Deaths)
        {
            _time.ScheduleAt(at, () =>
            {
                if (_process is null) return;
                if (point == DeathPoint.Now) _process.Incarnation.Die();
                else _process.Incarnation.Armed = point;
            });
        }

        _time.ScheduleAt(_world.CalmFrom, () =>
        {
            if (_process is not null) _process.Incarnation.Armed = null;
        });
        for (var i = 0; i < 6; i++) _time.ScheduleAt(_world.Start.UtcTicks + (long)((_world.End - _world.Start).Ticks * _random.NextDouble()), () => Look(CheckClaimsAsync()));
        _time.RunUntil(_world.End);
        await Task.WhenAll(_looks);
        await CheckClaimsAsync();
        if (_process is { } process) await BuryAsync(process);
        await using var database = new SqliteDatabase(DatabasePath);
        var verdict = await _oracle.JudgeAsync(database);
        return verdict with
        {
            Scenario = _scenario,
            Requests = _requests,
            RequestsBySource = _requestsBySource,
            Lives = _life,
            Faults = _faults,
            Digest = _trace.Digest(),
        };
    }

    private async Task CheckClaimsAsync()
    {
        await using var database = new SqliteDatabase(DatabasePath);
        await _oracle.CheckClaimsAsync(database, _time.Now);
    }

    /// <summary>What happens at one moment of the world must be over before time goes on, else a seed would not give the same run.</summary>
    private void Look(Task look)
    {
        if (!look.IsCompleted) _faults.Add("The embedded database made the simulation wait.");
        _looks.Add(look);
    }

    private void StartProcess(bool afterCrash)
    {
        var incarnation = new Incarnation(OnDied);
        _process = new HubProcess(_world, _time, incarnation, DatabasePath, ++_life, _receivers, _trace, failure => _faults.Add(failure.ToString()));
        _trace.Note("started", _life, "", null, _time.Now);
        _process.Start(afterCrash);
    }

    private void OnDied(Incarnation incarnation)
    {
        if (_process?.Incarnation != incarnation) return;
        _trace.Note("died", _life, "", null, _time.Now);
        foreach (var receiver in _receivers) receiver.OnSenderDied(_time.Now);
        _dead = _process;
        _process = null;
        _time.Schedule(_random.LogUniform(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)), () => Look(ReplaceAsync(_dead)));
    }

    private async Task ReplaceAsync(HubProcess dead)
    {
        await BuryAsync(dead);
        StartProcess(afterCrash: true);
    }

    private async Task BuryAsync(HubProcess process)
    {
        _requests += process.Plane.Requests;
        foreach (var (source, count) in process.Plane.RequestsBySource) _requestsBySource[source] = _requestsBySource.GetValueOrDefault(source) + count;
        if (_process == process) _process = null;
        await process.DisposeAsync();
    }

    private static async Task<byte[]> MakeEmptyDatabaseAsync()
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-sim-");
        var path = Path.Combine(folder.FullName, "bailiwick.db");
        await using (var database = new SqliteDatabase(path)) await Migrator.MigrateAsync(database, CancellationToken.None);
        var bytes = await File.ReadAllBytesAsync(path);
        folder.Delete(recursive: true);
        return bytes;
    }
}
