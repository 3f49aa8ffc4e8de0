using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tokens;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>A closed-open window of last-update time and the present, UTC.</summary>
internal sealed record CoverageWindow(DateTimeOffset From, DateTimeOffset To, DateTimeOffset Now);

/// <summary>What one answer knows of all tenants.</summary>
/// <param name="Paused">The customers that are paused.</param>
/// <param name="Places">Where collectors stand.</param>
/// <param name="Heads">The last log numbers; empty for who may not see sinks.</param>
/// <param name="Readers">The sinks; empty for who may not see them.</param>
internal sealed record CoverageFleet(
    IReadOnlyDictionary<CustomerId, CustomerPause> Paused,
    Dictionary<(long TenantKey, string Source), Checkpoint> Places,
    Dictionary<long, long> Heads,
    IReadOnlyList<CoverageFleet.Reader> Readers)
{
    /// <summary>The sources that a tenant was ever walked through.</summary>
    public ILookup<long, string> Earlier { get; } = Places.Keys.ToLookup(place => place.TenantKey, place => place.Source);

    /// <summary>A sink, how far it has confirmed each tenant's log, and how it does.</summary>
    internal sealed record Reader(SinkDefinition Sink, Dictionary<long, long> At, SinkState? State);
}

/// <summary>Gathers what the coverage answer is made from. Here, because nothing of the hub sees collectors, sinks and delivery at once.</summary>
internal sealed class CoverageSurvey(
    ConnectionStore connections,
    CustomerPauses pauses,
    Checkpoints checkpoints,
    CoverageLedger ledger,
    AlertLog log,
    Positions positions,
    SinkStore sinks,
    Reconciliations reconciliations,
    CollectorWorker collectors,
    DeliveryWorker delivery)
{
    /// <summary>Reads what is known of all tenants; once for an answer, however many tenants it goes through.</summary>
    public async Task<CoverageFleet> ReadFleetAsync(bool withReaders, CancellationToken cancellationToken) => new(
        await pauses.ListAsync(cancellationToken),
        await checkpoints.ListAsync(cancellationToken),
        withReaders ? await log.ReadHeadsAsync(cancellationToken) : [],
        withReaders ? await ReadersAsync(cancellationToken) : []);

    /// <summary>One row a (tenant, source), by tenant in the order given, then by source.</summary>
    public async Task<IReadOnlyList<(long Key, V1.Coverage Row)>> AskAsync(
        CoverageFleet fleet, IReadOnlyList<TenantRecord> tenants, CoverageWindow window, CancellationToken cancellationToken)
    {
        var keys = tenants.Select(tenant => tenant.TenantKey).ToList();
        var connected = await connections.FindAsync([.. tenants.Select(tenant => tenant.Id)], ConnectionPurpose.Collect, cancellationToken);
        var hours = await ledger.ReadAsync(keys, CoverageLedger.HourOf(window.From), CoverageLedger.HourOf(window.To), cancellationToken);
        var busy = await ledger.ReadBusyAsync(keys, CoverageLedger.HourOf(window.Now - Silence.Memory), cancellationToken);
        var compared = (await reconciliations.ListAsync(keys, cancellationToken)).ToLookup(one => (one.TenantKey, one.Source));
        var rows = new List<(long, V1.Coverage)>();
        foreach (var tenant in tenants)
        {
            var connection = connected.GetValueOrDefault(tenant.Id);
            IEnumerable<string?> sources = connection is not null ? CollectorTargets.SourcesOf(connection) : fleet.Earlier[tenant.TenantKey].DefaultIfEmpty(null);
            foreach (var source in sources.Order(StringComparer.Ordinal))
            {
                var key = (tenant.TenantKey, source ?? "");
                var (active, knownFrom) = busy.GetValueOrDefault(key, ([], null));
                var report = CoverageReport.Of(new CoverageFacts
                {
                    From = window.From,
                    To = window.To,
                    Now = window.Now,
                    Options = collectors.OptionsOf(source ?? AlertSources.GraphAlerts),
                    AddedAt = tenant.CreatedAt,
                    Hours = [.. hours[key]],
                    Busy = active,
                    KnownFrom = knownFrom,
                    Checkpoint = fleet.Places.GetValueOrDefault(key),
                    State = collectors.States.GetValueOrDefault(key),
                    Connection = connection,
                    Pause = fleet.Paused.GetValueOrDefault(tenant.Customer),
                    IsIntact = tenant.Intact,
                });
                var read = await ReadAsync(fleet, tenant, source, report, cancellationToken);
                rows.Add((tenant.TenantKey, ToRecord(tenant, source, report, read, compared[key])));
            }
        }

        return rows;
    }

    private async Task<List<CoverageFleet.Reader>> ReadersAsync(CancellationToken cancellationToken)
    {
        var running = delivery.States;
        var readers = new List<CoverageFleet.Reader>();
        foreach (var sink in await sinks.ListAsync(cancellationToken))
        {
            readers.Add(new CoverageFleet.Reader(sink, await positions.ReadAsync(SinkStore.ReaderOf(sink.Name), cancellationToken), running.GetValueOrDefault(sink.Name)));
        }

        return readers;
    }

    private async Task<IReadOnlyList<V1.CoverageReader>> ReadAsync(
        CoverageFleet fleet, TenantRecord tenant, string? source, CoverageReport report, CancellationToken cancellationToken)
    {
        var found = new List<V1.CoverageReader>();
        var head = fleet.Heads.GetValueOrDefault(tenant.TenantKey);
        foreach (var (sink, at, state) in fleet.Readers.Where(reader => reader.Sink.Routing.Wants(tenant.Customer)))
        {
            var position = at.GetValueOrDefault(tenant.TenantKey);
            var unread = position < head && source is not null ? await ledger.FindOldestUnreadAsync(tenant.TenantKey, source, position, cancellationToken) : null;
            var (cause, detail) = sink switch
            {
                { Intact: false } => ("changed", "The sink's row was changed outside the hub and is not used: remove it and add it again."),
                { Parked: true } => ("parked", "Somebody put the sink aside: it keeps its positions and gets nothing."),
                _ => (state?.FailingSince is null ? null : state.Reason?.ToLowerInvariant() ?? "failing", state?.FailingSince is null ? null : state.Detail),
            };
            found.Add(new V1.CoverageReader(sink.Name, report.CompleteFor(unread), Math.Max(0, head - position), cause, detail, sink.Parked ? null : state?.FailingSince));
        }

        return found;
    }

    private static V1.Coverage ToRecord(TenantRecord tenant, string? source, CoverageReport report, IReadOnlyList<V1.CoverageReader> readers, IEnumerable<Comparison> compared) => new(
        tenant.Id,
        tenant.Customer,
        tenant.CustomerName,
        source,
        report.From,
        report.To,
        report.CompleteThrough,
        report.HoleSince,
        report.Trouble is { } trouble ? new V1.CoverageTrouble(CoverageEndpoints.WordOf(trouble.Cause), trouble.Detail, trouble.Since) : null,
        new V1.CoverageSilence(report.Silence.IsUnusual, report.Silence.Since, report.Silence.LongestUsual?.TotalHours),
        [.. report.Spans.Select(span => new V1.CoverageSpan(span.From, span.To, Enum.Parse<V1.CoverageState>(span.Mark.ToString()), span.Versions))],
        readers,
        [.. compared.Select(one => new V1.CoverageComparison(one.Other, one.ComparedAt, one.Differences, one.Reason?.ToLowerInvariant(), one.Detail))]);
}
