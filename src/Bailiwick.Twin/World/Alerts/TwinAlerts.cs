using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Bailiwick.Twin.Import;
using Bailiwick.Twin.World.Generator;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// What can happen to alerts in the twin's world: they are generated, raised, updated, merged, suppressed, imported. The planes only
/// read the outcome. Thread safe.
/// </summary>
public sealed class TwinAlerts
{
    private const int PerTransaction = 1000;
    private readonly TwinClock _clock;
    private readonly Func<Guid, TwinTenant?> _findTenant;
    private readonly ConcurrentDictionary<Guid, TenantWorld> _worlds = [];
    private long _drawn;

    internal TwinAlerts(AlertShelf shelf, AlertPolicy policy, TwinClock clock, Func<Guid, TwinTenant?> findTenant) =>
        (Shelf, Policy, _clock, _findTenant) = (shelf, policy, clock, findTenant);

    internal AlertShelf Shelf { get; }

    internal AlertPolicy Policy { get; }

    /// <summary>Puts a tenant's devices into the groups of its portal; null leaves them.</summary>
    internal Func<TenantWorld, TenantWorld>? Regroup { get; set; }

    /// <summary>Called with the tenant and the id of each alert that was raised, after it stands on the shelf.</summary>
    internal event Action<Guid, string>? Raised;

    /// <summary>Generates alerts evenly over a time, with their incidents, visible at once.</summary>
    /// <param name="tenant">Whose alerts.</param>
    /// <param name="count">How many.</param>
    /// <param name="from">Earliest creation; null means 30 days before <paramref name="to"/>.</param>
    /// <param name="to">Latest creation and update; null means now.</param>
    /// <param name="seed">Same seed, tenant and position: same content.</param>
    /// <returns>How many records stand on the Graph plane because of it, which is <paramref name="count"/>.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public int Generate(Guid tenant, int count, DateTimeOffset? from = null, DateTimeOffset? to = null, long seed = 1)
    {
        var end = to ?? _clock.GetUtcNow();
        var start = from ?? end.AddDays(-30);
        if (start > end) throw new ArgumentException($"'from' ({start:O}) is after 'to' ({end:O}).");
        using var generator = new AlertGenerator(WorldOf(tenant), seed);
        var first = Shelf.TakeIndexes(tenant, count);
        var step = (end - start).Ticks / (double)Math.Max(count, 1);
        for (var done = 0; done < count; done += PerTransaction)
        {
            var alerts = new List<GeneratedAlert>(PerTransaction);
            for (var i = done; i < Math.Min(done + PerTransaction, count); i++)
            {
                var jitter = SeededRandom.For(seed, tenant, first + i, "time").Unit();
                alerts.Add(generator.Make(first + i, start.UtcTicks + (long)((i + jitter) * step), end.UtcTicks));
            }

            Put(tenant, alerts, first + done);
        }

        return count;
    }

    /// <summary>One new alert, created now; visible after the lag that the knobs draw.</summary>
    /// <param name="tenant">Whose alert.</param>
    /// <param name="overrides">Top-level values of the Graph shape to set, by name; null means as generated.</param>
    /// <param name="seed">Seed of the content.</param>
    /// <returns>The alert's id.</returns>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public string Raise(Guid tenant, IReadOnlyDictionary<string, JsonElement>? overrides = null, long seed = 1)
    {
        using var generator = new AlertGenerator(WorldOf(tenant), seed);
        var index = Shelf.TakeIndexes(tenant, 1);
        var alert = generator.Make(index, Now - AlertGenerator.JustCreated, 0);
        var body = alert.Record.Body;
        if (overrides is { Count: > 0 }) body = JsonEdit.Set(body, [.. overrides.Select(pair => (pair.Key, pair.Value.GetRawText()))]);
        var id = AlertColumns.Read(RecordShape.World, body).Id ?? throw new ArgumentException("The alert's id must be text.");
        Put(tenant, [alert with { Record = alert.Record with { Id = id, Body = body, VisibleAt = Visible(tenant) } }], index);
        Raised?.Invoke(tenant, id);
        return id;
    }

    /// <summary>An upstream change of an alert: by default further evidence; the time of update moves.</summary>
    /// <returns>False when the tenant has no such alert.</returns>
    public bool Update(Guid tenant, string id, string? status = null, string? assignedTo = null, string? comment = null, bool addEvidence = true)
    {
        var draw = SeededRandom.For(Interlocked.Increment(ref _drawn), tenant, Now);
        return Shelf.Edit(tenant, id, IsAlert, record => Change(record, ref draw).Apply(record, Now), Visible(tenant)) is not null;

        AlertChange Change(StoredRecord record, ref SeededRandom random) => new()
        {
            Status = status,
            AssignedTo = assignedTo,
            Comment = comment,
            By = "Automation",
            EvidenceRaw = addEvidence && record.Shape is not RecordShape.DefenderAlert
                ? EvidenceWriter.FurtherFile(DeviceOf(record), $"stage{random.Hex(4)}.tmp", @"C:\Users\Public", random.Hex(40), random.Hex(64), WireTime.Grid(Now))
                : null,
        };
    }

    /// <summary>Updates many alerts of one tenant at practically the same moment.</summary>
    /// <param name="tenant">Whose alerts.</param>
    /// <param name="count">How many, newest first.</param>
    /// <returns>How many there were.</returns>
    public int Storm(Guid tenant, int count)
    {
        var ids = new List<string>();
        Shelf.Page(new ShelfQuery { Tenant = tenant, Plane = AlertPlane.Graph, Take = count }, (in ShelfRow row) => ids.Add(AlertColumns.Read(row.Shape, row.Body).Id!));
        foreach (var id in ids) Update(tenant, id);
        return ids.Count;
    }

    /// <summary>
    /// Merges an incident into another: the first becomes <c>redirected</c>, its alerts carry the second's number, all of them move their
    /// time of update. Source: security-incident 2022.
    /// </summary>
    /// <returns>How many alerts moved, or null when one of the incidents does not exist.</returns>
    public int? Merge(Guid tenant, string from, string into)
    {
        if (from == into || !long.TryParse(from, out var source) || !long.TryParse(into, out var target)) return null;
        if (Shelf.FindIncident(tenant, into, RecordShape.GraphIncident) is null || Shelf.FindIncident(tenant, from, RecordShape.GraphIncident) is null) return null;
        var moved = 0;
        foreach (var id in Shelf.AlertIdsOf(tenant, source)) Shelf.Edit(tenant, id, IsAlert, Move, Visible(tenant));
        Shelf.EditIncident(tenant, from, record => JsonEdit.Set(
            new AlertChange { Status = "redirected" }.Apply(record, Now), ("redirectIncidentId", JsonEdit.Quote(into))));
        Shelf.EditIncident(tenant, into, record => new AlertChange().Apply(record, Now));
        return moved;

        byte[]? Move(StoredRecord record)
        {
            if (AlertColumns.Read(record.Shape, record.Body).Incident != source) return null; // a version that nobody sees yet has moved on
            moved++;
            return new AlertChange { Incident = target }.Apply(record, Now);
        }
    }

    /// <summary>A tuning rule hides the alert: it disappears from every plane.</summary>
    public bool Suppress(Guid tenant, string id) => Shelf.Remove(tenant, id) > 0;

    /// <summary>Erases alerts last updated more than so many days ago.</summary>
    public int Purge(Guid tenant, int olderThanDays) => Shelf.Purge(tenant, Now - TimeSpan.FromDays(olderThanDays).Ticks);

    /// <summary>Imports a file; see <see cref="AlertImport"/>. Each record is seen on the plane of its own shape only.</summary>
    /// <returns>What was read; records of the same id count once on the shelf.</returns>
    /// <exception cref="ImportException">The file is refused; nothing was imported.</exception>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public ImportedFile Import(Guid tenant, Stream file, bool keepTenant = false, bool retime = false)
    {
        if (_findTenant(tenant) is null) throw new KeyNotFoundException($"There is no tenant {tenant:D}.");
        var read = AlertImport.Read(file, new ImportOptions(tenant) { KeepTenant = keepTenant, NewestAt = retime ? _clock.GetUtcNow() : null });
        Shelf.Write(tenant, read.Records.Select(record => new ShelfRecord(record.Shape, record.Id, record.Body)));
        return read;
    }

    /// <summary>How many alerts stand on each plane: graph, defender, exporter (imported detections and alerts that have some).</summary>
    public (long Graph, long Defender, long Exporter, long Incidents) Count(Guid tenant) =>
        (Shelf.Count(On(tenant, AlertPlane.Graph)), Shelf.Count(On(tenant, AlertPlane.Defender)), Shelf.Count(On(tenant, AlertPlane.Exporter)),
            Shelf.CountIncidents(On(tenant, AlertPlane.None)));

    /// <summary>What every plane would hand out for the tenant now, oldest update first.</summary>
    public IEnumerable<TruthLine> Truth(Guid tenant)
    {
        var lines = new List<TruthLine>();
        Shelf.Page(On(tenant, AlertPlane.Graph) with { Order = ShelfOrder.UpdatedOldest }, (in ShelfRow row) =>
            lines.Add(Line("graph", AlertColumns.Read(row.Shape, row.Body).Id!, row.Updated, row.Body)));
        Shelf.Page(On(tenant, AlertPlane.Defender) with { Order = ShelfOrder.UpdatedOldest }, (in ShelfRow row) =>
            lines.Add(Line("defender", AlertColumns.Read(row.Shape, row.Body).Id!, row.Updated, AlertBodies.Defender(row, evidence: true))));
        foreach (var detection in Detections(tenant, 0, long.MaxValue)) lines.Add(Line("exporter", detection.FullId, detection.Processed, detection.Body));
        return lines;
    }

    /// <summary>Detections processed in [from, to], oldest first.</summary>
    internal List<ExportedDetection> Detections(Guid tenant, long from, long to)
    {
        var further = Policy.Of(tenant).DuplicateDetections;
        var found = new List<ExportedDetection>();
        var query = On(tenant, AlertPlane.Exporter) with { UpdatedFrom = Math.Max(OldestUpdate(tenant), from - DetectionShape.Latest), Order = ShelfOrder.UpdatedOldest };
        Shelf.Page(query, (in ShelfRow row) =>
        {
            foreach (var detection in ExportedDetection.From(row, further))
            {
                if (detection.Processed >= from && detection.Processed <= to) found.Add(detection);
            }
        });
        found.Sort((a, b) => a.Processed != b.Processed ? a.Processed.CompareTo(b.Processed) : string.CompareOrdinal(a.FullId, b.FullId));
        return found;
    }

    /// <summary>The newest version of an alert, whether it is visible yet or not; null when there is none.</summary>
    internal byte[]? FindNewest(Guid tenant, string id) => Shelf.Edit(tenant, id, IsAlert, _ => null, long.MaxValue)?.Body;

    /// <summary>The tenant's people and devices.</summary>
    internal TenantWorld WorldOf(Guid tenant) => MadeWorldOf(tenant) is var made && Regroup is { } regroup ? regroup(made) : made;

    /// <summary>The same with the device groups the devices were made for.</summary>
    internal TenantWorld MadeWorldOf(Guid tenant) =>
        _worlds.GetOrAdd(tenant, id => TenantWorld.Create(_findTenant(id) ?? throw new KeyNotFoundException($"There is no tenant {id:D}.")));

    internal static bool IsAlert(StoredRecord record) => record.Shape is RecordShape.World or RecordShape.GraphAlert or RecordShape.DefenderAlert;

    internal long Now => _clock.GetUtcNow().UtcTicks;

    /// <summary>The oldest time of update that any plane still returns; 0 when everything is kept.</summary>
    internal long OldestUpdate(Guid tenant) => Policy.Of(tenant).RetentionDays is > 0 and var days ? Now - TimeSpan.FromDays(days).Ticks : 0;

    private ShelfQuery On(Guid tenant, AlertPlane plane) => new() { Tenant = tenant, Plane = plane, UpdatedFrom = OldestUpdate(tenant) };

    private static TruthLine Line(string source, string id, long updated, ReadOnlySpan<byte> body) =>
        new(source, id, source == "exporter" ? WireTime.Full(updated) : WireTime.Trimmed(updated), Convert.ToHexStringLower(SHA256.HashData(body)));

    private static string DeviceOf(StoredRecord record)
    {
        using var document = JsonDocument.Parse(record.Body);
        if (!document.RootElement.TryGetProperty("evidence", out var evidence) || evidence.ValueKind != JsonValueKind.Array) return "";
        return evidence.EnumerateArray().Select(item => DefenderShape.Text(item, "mdeDeviceId")).FirstOrDefault(id => id is not null) ?? "";
    }

    private void Put(Guid tenant, List<GeneratedAlert> alerts, long firstOfChunk)
    {
        var begun = alerts.Where(alert => alert.FirstIndex >= firstOfChunk).GroupBy(alert => alert.Incident).Select(group => IncidentWriter.Write(tenant, group.Key, [.. group]));
        Shelf.Write(tenant, alerts.Select(alert => alert.Record).Concat(begun));
        foreach (var group in alerts.Where(alert => alert.FirstIndex < firstOfChunk).GroupBy(alert => alert.Incident))
        {
            var worst = group.MaxBy(alert => IncidentWriter.Rank(alert.Severity))!;
            var updated = group.Max(alert => alert.Updated);
            Shelf.EditIncident(tenant, group.Key.ToString(), incident =>
            {
                var values = new List<(string, string)>();
                if (updated > incident.Updated) values.Add(("lastUpdateDateTime", JsonEdit.Quote(WireTime.Trimmed(updated))));
                if (IncidentWriter.Rank(worst.Severity) > IncidentWriter.Rank(AlertColumns.Read(incident.Shape, incident.Body).Severity))
                    values.Add(("severity", JsonEdit.Quote(worst.Severity)));
                return JsonEdit.Set(incident.Body, values);
            });
        }
    }

    private long Visible(Guid tenant)
    {
        var knobs = Policy.Of(tenant);
        var (least, most) = (knobs.VisibilityLagMinSeconds!.Value, Math.Max(knobs.VisibilityLagMaxSeconds!.Value, knobs.VisibilityLagMinSeconds!.Value));
        if (most <= 0) return 0;
        var draw = SeededRandom.For(Interlocked.Increment(ref _drawn), tenant, 0, "lag").Unit();
        return Now + (long)((least + ((most - least) * draw)) * TimeSpan.TicksPerSecond);
    }
}
