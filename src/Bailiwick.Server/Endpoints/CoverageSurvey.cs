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
    /// <summary>One row a (tenant, source), by tenant in the order given, then by source.</summary>
    public async Task<IReadOnlyList<(long Key, V1.Coverage Row)>> AskAsync(
        IReadOnlyList<TenantRecord> tenants, CoverageWindow window, bool withReaders, CancellationToken cancellationToken)
    {
        var keys = tenants.Select(tenant => tenant.TenantKey).ToList();
        var connected = await connections.FindAsync([.. tenants.Select(tenant => tenant.Id)], ConnectionPurpose.Collect, cancellationToken);
        var paused = await pauses.ListAsync(cancellationToken);
        var places = await checkpoints.ListAsync(cancellationToken);
        var hours = await ledger.ReadAsync(keys, CoverageLedger.HourOf(window.From), CoverageLedger.HourOf(window.To), cancellationToken);
        var busy = await ledger.ReadBusyAsync(keys, CoverageLedger.HourOf(window.Now - Silence.Memory), cancellationToken);
        var compared = (await reconciliations.ListAsync(keys, cancellationToken)).ToLookup(one => (one.TenantKey, one.Source));
        var readers = withReaders ? await ReadersAsync(cancellationToken) : [];
        var heads = withReaders ? await log.ReadHeadsAsync(cancellationToken) : [];
        var earlier = places.Keys.ToLookup(place => place.TenantKey, place => place.Source);
        var rows = new List<(long, V1.Coverage)>();
        foreach (var tenant in tenants)
        {
            var connection = connected.GetValueOrDefault(tenant.Id);
            IEnumerable<string?> sources = connection is not null ? CollectorTargets.SourcesOf(connection) : earlier[tenant.TenantKey].DefaultIfEmpty(null);
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
                    Checkpoint = places.GetValueOrDefault(key),
                    State = collectors.States.GetValueOrDefault(key),
                    Connection = connection,
                    Pause = paused.GetValueOrDefault(tenant.Customer),
                    IsIntact = tenant.Intact,
                });
                var read = await ReadAsync(tenant.Customer, tenant.TenantKey, source, report, readers, heads, cancellationToken);
                rows.Add((tenant.TenantKey, ToRecord(tenant, source, report, read, compared[key])));
            }
        }

        return rows;
    }

    private async Task<List<Reader>> ReadersAsync(CancellationToken cancellationToken)
    {
        var running = delivery.States;
        var readers = new List<Reader>();
        foreach (var sink in await sinks.ListAsync(cancellationToken))
        {
            readers.Add(new Reader(sink, await positions.ReadAsync(SinkStore.ReaderOf(sink.Name), cancellationToken), running.GetValueOrDefault(sink.Name)));
        }

        return readers;
    }

    private async Task<IReadOnlyList<V1.CoverageReader>> ReadAsync(
        CustomerId customer, long tenantKey, string? source, CoverageReport report, List<Reader> readers, Dictionary<long, long> heads, CancellationToken cancellationToken)
    {
        var found = new List<V1.CoverageReader>();
        var head = heads.GetValueOrDefault(tenantKey);
        foreach (var (sink, at, state) in readers.Where(reader => reader.Sink.Routing.Wants(customer)))
        {
            var position = at.GetValueOrDefault(tenantKey);
            var unread = position < head && source is not null ? await ledger.FindOldestUnreadAsync(tenantKey, source, position, cancellationToken) : null;
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

    private sealed record Reader(SinkDefinition Sink, Dictionary<long, long> At, SinkState? State);
}
