using System.Globalization;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Storage;
using Bailiwick.Simulation.Receivers;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation;

/// <summary>Holds what the hub wrote and what receivers got against the world's truth.</summary>
internal sealed class Oracle(SimWorld world, IReadOnlyList<SimReceiver> receivers)
{
    /// <summary>Longer than any walk takes.</summary>
    private static readonly TimeSpan WalkTime = TimeSpan.FromMinutes(60);

    private readonly Dictionary<State, long> _logged = [];
    private readonly Dictionary<int, long> _read = [];
    private readonly List<string> _doubles = [];
    private readonly HashSet<string> _falseClaims = [];
    private long _unknown;
    private int _claims;

    /// <summary>Holds the coverage ledger against the truth of this moment.</summary>
    public async Task CheckClaimsAsync(Database database, long now)
    {
        await ReadLogAsync(database);
        var ledger = new CoverageLedger(database);
        foreach (var feed in world.Feeds)
        {
            var hours = (await ledger.ReadAsync(feed.Tenant.Key, feed.Source, 0, long.MaxValue, CancellationToken.None)).ToDictionary(hour => hour.Hour);
            CheckOutages(feed, hours, now);
            foreach (var state in feed.States)
            {
                if (!state.Record.IsStorable || !hours.TryGetValue(state.Updated / TimeSpan.TicksPerHour, out var hour)) continue;
                if (hour.ProvenAt is { } proven) Check(state, hour, proven, "proven");
                else if (hour.CoveredAt is { } covered && state.VisibleFrom - state.Updated <= TimeSpan.FromMinutes(15).Ticks) Check(state, hour, covered, "covered");
            }

            _claims += hours.Values.Count(hour => hour.CoveredAt is not null);
        }
    }

    /// <summary>The last word.</summary>
    public async Task<SimulationResult> JudgeAsync(Database database)
    {
        await ReadLogAsync(database);
        var owed = Obligations.Of(world);
        var letters = await new DeadLetters(database).ListAsync(null, null, null, null, int.MaxValue, CancellationToken.None);
        var refuses = world.Scenario.Hazards && receivers.Any(receiver => receiver.Kind == ReceiverKind.Picky);
        return new SimulationResult
        {
            LostByCollecting = [.. owed.Where(state => state.Record.IsStorable && !_logged.ContainsKey(state)).Select(state => state.ToString())],
            LostByDelivery = [.. receivers.SelectMany(receiver => _logged.Keys
                .Where(state => !receiver.Has(state) && !(refuses && receiver.Kind == ReceiverKind.Picky && state.Record.Plant == Plant.Refused))
                .Select(state => $"{receiver.Kind} has not {state}"))],
            Spurious = receivers.Sum(receiver => receiver.Spurious) + _unknown,
            Corrupted = receivers.Sum(receiver => receiver.Corrupted),
            OutOfOrder = receivers.Sum(receiver => receiver.OutOfOrder),
            Doubles = [.. _doubles, .. receivers.Where(receiver => receiver.Doubles > 0).Select(receiver => $"{receiver.Kind} has {receiver.Doubles}")],
            WrongDeadLetters = CheckLetters(letters, owed, refuses),
            FalseClaims = [.. _falseClaims],
            States = world.Feeds.Sum(feed => feed.States.Count),
            Owed = owed.Count,
            Logged = _logged.Count,
            DeadLetters = letters.Count,
            Claims = _claims,
            Repeats = receivers.First(receiver => receiver.Kind == ReceiverKind.Recording).Repeats,
        };
    }

    private void Check(State state, CoverageHour hour, long claimedAt, string claim)
    {
        if (state.VisibleFrom > claimedAt - WalkTime.Ticks || state.VisibleTo <= claimedAt) return;
        if (_logged.TryGetValue(state, out var at) && at <= claimedAt) return;
        if (state.VisibleFrom < world.Start.UtcTicks && world.Start.UtcTicks > claimedAt - WalkTime.Ticks && _logged.ContainsKey(state)) return;
        _falseClaims.Add($"hour {CoverageLedger.StartOf(hour.Hour):O} was called {claim} at {new DateTime(claimedAt):O} without {state}");
    }

    /// <summary>While not one request gets through, the hours since then are not called covered.</summary>
    private void CheckOutages(Feed feed, Dictionary<long, CoverageHour> hours, long now)
    {
        foreach (var outage in feed.Tenant.Weather.Outages.Where(outage => outage.From < now && now < outage.To))
        {
            foreach (var hour in hours.Values.Where(hour => CoverageLedger.StartOf(hour.Hour).UtcTicks >= outage.From && hour.CoveredAt is not null))
                _falseClaims.Add($"hour {CoverageLedger.StartOf(hour.Hour):O} of tenant {feed.Tenant.Key} was called covered at {new DateTime(hour.CoveredAt!.Value):O} while nothing could be read: {outage} {string.Join('/', outage.Faults)}, now {new DateTime(now):O}");
        }
    }

    private List<string> CheckLetters(IReadOnlyList<DeadLetter> letters, HashSet<State> owed, bool refuses)
    {
        var expected = new List<(string Letter, bool IsOwed, State State)>();
        var edges = new List<string>(); // this source reads its bounds by the millisecond, both included: a record at the edge fails two windows
        foreach (var record in world.Feeds.SelectMany(feed => feed.Records))
        {
            var isOwed = owed.Contains(record.States[0]);
            var tenant = $"tenant {record.Feed.Tenant.Key}";
            var stage = $"{tenant} collector:{record.Feed.Source}";
            if (record.Plant is Plant.Unlistable or Plant.UnlistableEvidence) expected.Add(($"{stage} unlistable at {record.States[0].Updated / TimeSpan.TicksPerMillisecond}", isOwed, record.States[0]));
            if (record.Plant == Plant.Unlistable && record.Feed.Source == AlertSources.AlertExporter) edges.Add($"{stage} unlistable at {(record.States[0].Updated / TimeSpan.TicksPerMillisecond) - 1}");
            if (record.Plant == Plant.Oversized) expected.Add(($"{stage} oversized {record.Id}", isOwed, record.States[0]));
            if (record.Plant == Plant.ForeignTenant) expected.Add(($"{stage} foreign-tenant {record.Id}", isOwed, record.States[0]));
            if (record.Plant == Plant.Unreadable) expected.Add(($"{stage} unreadable ", isOwed, record.States[0]));
            if (record.Plant == Plant.Refused && refuses) expected.AddRange(record.States.Where(_logged.ContainsKey).Select(state => ($"{tenant} sink:Picky Rejected {record.Id}", true, state)));
        }

        expected = [.. expected.OrderByDescending(one => one.IsOwed)]; // two may read alike
        var found = letters.Select(letter => letter.Reason == "unlistable"
            ? $"tenant {letter.TenantKey} {letter.Reader} unlistable at {PlaceOf(letter) / TimeSpan.TicksPerMillisecond}"
            : $"tenant {letter.TenantKey} {letter.Reader} {letter.Reason} {letter.AlertId}");
        var wrong = new List<string>();
        foreach (var letter in found)
        {
            var at = expected.FindIndex(one => one.Letter == letter);
            if (at < 0 && edges.Remove(letter)) continue;
            if (at < 0) wrong.Add($"nobody planted: {letter}");
            else expected.RemoveAt(at);
        }

        wrong.AddRange(expected.Where(one => one.IsOwed).Select(one => $"missing: {one.Letter} of {one.State}"));
        return wrong;
    }

    /// <summary>The instant that the letter of an unlistable record names.</summary>
    private static long PlaceOf(DeadLetter letter)
    {
        const string Before = "last updated at ";
        var at = letter.Detail.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return DateTime.Parse(letter.Detail.AsSpan(at, letter.Detail.IndexOf(',', at) - at), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal).Ticks;
    }

    private async Task ReadLogAsync(Database database)
    {
        var log = new AlertLog(database, TimeProvider.System);
        foreach (var tenant in world.Tenants)
        {
            var after = _read.GetValueOrDefault(tenant.Key);
            while (true)
            {
                var versions = await log.ReadAsync(tenant.Key, tenant.Id, after, 1000, int.MaxValue, CancellationToken.None);
                if (versions.Count == 0) break;
                foreach (var version in versions) Note(version);
                after = versions[^1].LogNumber;
            }

            _read[tenant.Key] = after;
        }
    }

    private void Note(AlertVersion version)
    {
        if (world.FindFeed(version.Tenant, version.Source)?.Recognize(version.AlertId, version.UpdatedAt.UtcTicks, version.Raw.Span, out _) is not { } state) _unknown++;
        else if (!_logged.TryAdd(state, version.CollectedAt.UtcTicks)) _doubles.Add(state.ToString());
    }
}
