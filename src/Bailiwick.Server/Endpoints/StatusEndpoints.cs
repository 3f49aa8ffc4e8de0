using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Web;
using Bailiwick.Server.Configuration;
using Bailiwick.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>When this hub started.</summary>
internal sealed record Started(DateTimeOffset At);

/// <summary>How the hub, its tenants and its sinks stand.</summary>
internal static class StatusEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<Started>(); // made now, not with the first question
        routes.MapGet(Routes.Status, GetAsync).RequireAction(HubAction.StatusRead)
            .Produces<V1.FleetStatus>().WithTags("status").WithSummary("The hub, totals, sinks");
        routes.MapGet(Routes.StatusTenants, ListAsync).RequireAction(HubAction.CoverageRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.TenantStatus>>().WithTags("status").WithSummary("How each tenant stands, in the order of being added");
    }

    private static async Task<IResult> GetAsync(
        ServerOptions options,
        Started started,
        Readiness readiness,
        CustomerStore customers,
        TenantStore tenants,
        ConnectionStore connections,
        AlertLog log,
        DeadLetters letters,
        SinkStore sinks,
        Positions positions,
        DeliveryWorker delivery,
        CancellationToken cancellationToken)
    {
        var reasons = await readiness.AskAsync(cancellationToken);
        var all = await tenants.ListAllAsync(cancellationToken);
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var waiting = await letters.CountWaitingAsync(cancellationToken);
        var states = await connections.CountAsync(cancellationToken);
        var totals = new V1.FleetTotals(
            await customers.CountAsync(cancellationToken),
            all.Count,
            states.GetValueOrDefault(ConnectionState.Connected),
            states.GetValueOrDefault(ConnectionState.Refused) + states.GetValueOrDefault(ConnectionState.NeedsPerson),
            heads.Values.Sum(),
            waiting.Values.Sum());
        var running = delivery.States;
        var rows = new List<V1.SinkStatus>();
        foreach (var sink in await sinks.ListAsync(cancellationToken))
        {
            var reader = SinkStore.ReaderOf(sink.Name);
            var at = await positions.ReadAsync(reader, cancellationToken);
            var state = running.GetValueOrDefault(sink.Name);
            rows.Add(new V1.SinkStatus(
                sink.Name,
                sink.Kind,
                SinkEndpoints.ClassOf(sink),
                sink.Parked,
                at.Values.Sum(),
                all.Where(tenant => sink.Routing.Wants(tenant.Customer)).Sum(tenant => Math.Max(0, heads.GetValueOrDefault(tenant.TenantKey) - at.GetValueOrDefault(tenant.TenantKey))),
                state?.FailingSince,
                state?.Reason?.ToLowerInvariant(),
                state?.Detail,
                waiting.GetValueOrDefault(reader)));
        }

        var hub = new V1.HubStatus(BailiwickServer.Version, options.Profile.ToString().ToLowerInvariant(), started.At, reasons.Count == 0, reasons);
        return TypedResults.Ok(new V1.FleetStatus(hub, totals, rows));
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        TenantStore tenants,
        ConnectionStore connections,
        Checkpoints checkpoints,
        AlertLog log,
        CollectorWorker collectors,
        CustomerPauses pauses,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var after = query.Cursor(1, 1) is [var key] ? long.Parse(key, CultureInfo.InvariantCulture) : 0;
        if (query.Refusal() is { } refusal) return refusal;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.CoverageRead);
        var page = await tenants.ListAsync(after, limit, scope.Only, cancellationToken);
        var connected = await connections.FindAsync([.. page.Select(tenant => tenant.Id)], ConnectionPurpose.Collect, cancellationToken);
        var places = await checkpoints.ListAsync(cancellationToken);
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var paused = await pauses.ListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return TypedResults.Ok(new V1.Page<V1.TenantStatus>(
            [.. page.Select(tenant => ToRecord(tenant, connected.GetValueOrDefault(tenant.Id), places, heads, collectors.States, paused.GetValueOrDefault(tenant.Customer), now))],
            page.Count == limit ? Cursor.Write(page[^1].TenantKey.ToString(CultureInfo.InvariantCulture)) : null));
    }

    private static V1.TenantStatus ToRecord(
        TenantRecord tenant,
        TenantConnection? connection,
        Dictionary<(long TenantKey, string Source), Checkpoint> places,
        Dictionary<long, long> heads,
        IReadOnlyDictionary<(long TenantKey, string Source), CollectorState> states,
        CustomerPause? pause,
        DateTimeOffset now)
    {
        var place = connection is null ? null : places.GetValueOrDefault((tenant.TenantKey, connection.Source));
        var state = connection is null ? null : states.GetValueOrDefault((tenant.TenantKey, connection.Source));
        return new V1.TenantStatus(
            tenant.Id,
            tenant.Customer,
            tenant.CustomerName,
            connection?.State switch
            {
                null => V1.ConnectionState.NotConnected,
                ConnectionState.Connected => V1.ConnectionState.Connected,
                _ => V1.ConnectionState.NeedsAttention,
            },
            connection?.Source,
            place?.WalkedAt,
            place is null ? null : Math.Max(0, (now - place.Cursor).TotalSeconds),
            heads.GetValueOrDefault(tenant.TenantKey),
            tenant.Intact ? state?.Detail ?? connection?.LastDetail : TenantRecord.NotIntact,
            state?.FailingSince,
            state?.Reason?.ToLowerInvariant(),
            !tenant.Intact || (state?.NeedsPerson ?? connection?.State is ConnectionState.NeedsPerson or ConnectionState.Refused),
            pause?.Until);
    }
}
