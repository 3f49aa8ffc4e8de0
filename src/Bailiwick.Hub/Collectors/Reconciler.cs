using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>Two views of one tenant that are compared.</summary>
/// <param name="Target">The tenant and the source whose records are collected.</param>
/// <param name="With">Another source of the same tenant, or the same one through the tenant's other connection.</param>
/// <param name="Other">What the other view is called in what is stored.</param>
public sealed record ReconciliationPair(CollectorTarget Target, CollectorTarget With, string Other)
{
    /// <summary>Whether both are the same source, seen through two connections.</summary>
    public bool IsOneSource => Target.Source == With.Source;
}

/// <summary>
/// Compares two views of one tenant over the settled last day: alert sources by listing both, without storing anything of them; alerts with incidents by
/// what the log holds. Differences that are still open are looked at again as far as a week back.
/// </summary>
internal sealed class Reconciler(UpstreamClient upstream, AlertQuery alerts, AlertLog log, Reconciliations store, RequestBudgets budgets, Func<string, CollectorOptions> options, TimeProvider time)
{
    /// <summary>What is judged anew every time.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromDays(1);

    /// <summary>How far back an open difference is looked at again.</summary>
    public static readonly TimeSpan FurthestBack = TimeSpan.FromDays(7);

    /// <summary>What happened this recently may be shown by one plane and not yet by the other.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan s_margin = TimeSpan.FromHours(1);
    private const int PageSize = 500;

    /// <summary>Compares one pair and stores what was found.</summary>
    public async Task RunAsync(ReconciliationPair pair, CancellationToken cancellationToken)
    {
        var (key, source, other) = (pair.Target.TenantKey, pair.Target.Source, pair.Other);
        var now = time.GetUtcNow();
        var from = now - Span;
        if (await store.FindOldestAsync(key, source, other, cancellationToken) is { } oldest && oldest < from) from = oldest > now - FurthestBack ? oldest : now - FurthestBack;
        var window = new TimeWindow(from, now - Settle);
        if (other == AlertSources.GraphIncidents)
        {
            await store.StoreAsync(key, source, other, now, window, await CompareIncidentsAsync(key, source, window, cancellationToken), cancellationToken);
            return;
        }

        var (mine, stopped) = await ListAsync(pair.Target, pair.IsOneSource, window.From - s_margin, cancellationToken);
        List<ComparedRecord> theirs = [];
        if (stopped is null) (theirs, stopped) = await ListAsync(pair.With, pair.IsOneSource, window.From - s_margin, cancellationToken);
        if (stopped is not null) await store.FailAsync(key, source, other, stopped.Reason.ToString(), stopped.Detail, cancellationToken);
        else await store.StoreAsync(key, source, other, now, window, Reconciliation.Compare(source, mine, other, theirs, window), cancellationToken);
    }

    /// <summary>Everything a source shows from an instant to now.</summary>
    private async Task<(List<ComparedRecord> Records, WalkResult.Stopped? Stopped)> ListAsync(
        CollectorTarget target, bool byOwnId, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var source = SourceCatalog.Find(target.Source)!;
        var settings = options(target.Source);
        var tenant = new UpstreamTenant(target.Tenant, target.Cloud, target.Origin, target.Purpose);
        var budget = budgets.Of(target.TenantKey, source);
        var records = new List<ComparedRecord>();
        var walk = new Walk(
            async (address, behind, stop) =>
            {
                if (settings.KeepRequestLimits) await budget.TakeAsync(stop);
                return await upstream.GetPageAsync(tenant, source.Audience, address, source.Shape, behind, stop);
            },
            source,
            target.Origin,
            settings,
            new Obstacles { Narrow = true }); // one record that cannot be listed must not end every comparison
        var result = await walk.RunAsync(
            new TimeWindow(from, time.GetUtcNow()),
            (page, _) =>
            {
                using (page) records.AddRange(page.Alerts.Select(alert => byOwnId ? Reconciliation.ReadOwn(alert) : Reconciliation.Read(source.Name, alert)).OfType<ComparedRecord>());
                return Task.CompletedTask;
            },
            cancellationToken);
        return (records, result as WalkResult.Stopped);
    }

    private async Task<IReadOnlyList<Difference>> CompareIncidentsAsync(long tenantKey, string source, TimeWindow window, CancellationToken cancellationToken)
    {
        var incidents = new List<(ComparedRecord Record, bool IsMerged)>();
        await foreach (var incident in CurrentAsync(tenantKey, AlertSources.GraphIncidents, window.From, window.To, cancellationToken))
        {
            incidents.Add((new ComparedRecord(incident.AlertId, At(incident.UpdatedAt), At(incident.CreatedAt)), TextOf(incident.Raw, "redirectIncidentId") is not null));
        }

        // An incident's alerts may have been quiet since long before it changed: they are looked for from its beginning on, within bounds.
        var bound = window.From - FurthestBack;
        var judged = incidents.Where(one => !one.IsMerged && one.Record.Created >= bound).Select(one => one.Record).ToList();
        var since = judged.Count == 0 ? window.From : judged.Min(record => record.Created) - s_margin;
        if (since > window.From) since = window.From;
        var inWindow = new List<(ComparedRecord, string?)>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var alert in CurrentAsync(tenantKey, source, since, time.GetUtcNow(), cancellationToken))
        {
            var incident = TextOf(alert.Raw, "incidentId");
            if (incident is not null) named.Add(incident);
            var at = At(alert.UpdatedAt);
            if (at >= window.From && at < window.To) inWindow.Add((new ComparedRecord(alert.AlertId, at, At(alert.CreatedAt)), incident));
        }

        var held = new HashSet<string>(StringComparer.Ordinal);
        foreach (var id in inWindow.Select(one => one.Item2).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await log.HoldsAsync(tenantKey, AlertSources.GraphIncidents, id, cancellationToken)) held.Add(id);
        }

        return [.. Reconciliation.CompareIncidents(inWindow, held, judged, named).Select(one => one.MissingIn.Length == 0 ? one with { MissingIn = source } : one)];
    }

    private async IAsyncEnumerable<CurrentAlert> CurrentAsync(
        long tenantKey, string source, DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AlertCursor? after = null;
        while (true)
        {
            var page = await alerts.ListAsync(new AlertFilter([tenantKey], from, to, Source: source, After: after, Count: PageSize), cancellationToken);
            foreach (var alert in page) yield return alert;
            if (page.Count < PageSize) yield break;
            after = new AlertCursor(page[^1].UpdatedAt, page[^1].TenantKey, page[^1].Source, page[^1].AlertId);
        }
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private static string? TextOf(byte[] raw, string name)
    {
        using var record = JsonDocument.Parse(raw);
        return Reconciliation.Text(record.RootElement, name);
    }
}
