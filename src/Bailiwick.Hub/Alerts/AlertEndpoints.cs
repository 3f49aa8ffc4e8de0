using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Alerts;

/// <summary>Alerts over REST: the queue, one alert with its versions, the raw bytes of a version.</summary>
public static class AlertEndpoints
{
    /// <summary>Maps this folder's routes.</summary>
    public static IEndpointRouteBuilder MapAlerts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Alerts, ListAsync).RequireAction(HubAction.AlertsRead)
            .WithQuery("customer", "tenant", "from", "to", "severity", "status", "limit", "cursor")
            .Produces<V1.Page<V1.Alert>>().WithTags("alerts").WithSummary("Lists alerts, newest update first");
        routes.MapGet(Routes.Alert, GetAsync).RequireAction(HubAction.AlertsRead).WithQuery("tenant", "source", "id")
            .Produces<V1.AlertDetail>().WithTags("alerts").WithSummary("One alert with its versions");
        routes.MapGet(Routes.AlertRaw, RawAsync).RequireAction(HubAction.AlertsRead, TenantAccess.FromRoute("tenant"))
            .Produces(StatusCodes.Status200OK, contentType: "application/json").WithTags("alerts").WithSummary("The upstream JSON of one version, byte for byte");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, AlertQuery alerts, TenantStore tenants, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var cursor = query.Cursor(4, 2);
        var customer = query.Customer("customer");
        var tenant = query.Tenant("tenant");
        var (from, to) = (query.Time("from"), query.Time("to"));
        var severity = query.OneOf("severity", "informational", "low", "medium", "high", "unknown");
        var status = query.OneOf("status", "new", "inprogress", "resolved", "unknown");
        if (from >= to) query.Fault("to", "to is after from.");
        if (query.Refusal() is { } refusal) return refusal;
        var keys = await KeysAsync(http, customer, tenant);
        if (keys.Refusal is not null) return keys.Refusal;
        var filter = new AlertFilter(
            keys.Keys,
            from,
            to,
            severity is null ? null : [Enum.Parse<AlertSeverity>(severity, ignoreCase: true)],
            status is null ? null : [Enum.Parse<AlertStatus>(status, ignoreCase: true)],
            Source: null,
            cursor is [var ticks, var key, var source, var id]
                ? new AlertCursor(long.Parse(ticks, CultureInfo.InvariantCulture), long.Parse(key, CultureInfo.InvariantCulture), source, id)
                : null,
            limit);
        var found = await alerts.ListAsync(filter, cancellationToken);
        var owners = await tenants.FindByKeysAsync([.. found.Select(alert => alert.TenantKey).Distinct()], cancellationToken);
        return TypedResults.Ok(new V1.Page<V1.Alert>(
            [.. found.Where(alert => owners.ContainsKey(alert.TenantKey)).Select(alert => AlertRecords.ToRecord(alert, owners[alert.TenantKey]))],
            found.Count == limit ? CursorOf(found[^1]) : null));
    }

    private static async Task<(IReadOnlyCollection<long>? Keys, IResult? Refusal)> KeysAsync(HttpContext http, CustomerId? customer, TenantId? tenant)
    {
        if (customer is { } one && Authorization.Decide(http.GetPrincipal(), HubAction.AlertsRead, one) is not Decision.Allowed and var decision)
            return (null, decision == Decision.Denied ? OperatorProblems.Denied() : OperatorProblems.NotFound());
        if (tenant is not { } id) return (await TenantAccess.KeysAsync(http, HubAction.AlertsRead, customer), null);
        var (record, refusal) = await TenantAccess.FindAsync(http, id, HubAction.AlertsRead);
        if (record is null) return (null, refusal);
        return customer is null || customer == record.Customer ? ([record.TenantKey], null) : ([], null);
    }

    private static async Task<IResult> GetAsync(HttpContext http, AlertQuery alerts, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var tenant = query.Tenant("tenant", required: true);
        var source = query.Text("source", 64);
        var id = query.Text("id", required: true);
        if (query.Refusal() is { } refusal) return refusal;
        var (record, denied) = await TenantAccess.FindAsync(http, tenant!.Value, HubAction.AlertsRead);
        if (record is null) return denied!;
        CurrentAlert? alert = null;
        foreach (var one in source is null ? AlertSources.All : [source]) alert ??= await alerts.FindAsync(record.TenantKey, one, id!, cancellationToken);
        if (alert is null) return OperatorProblems.NotFound();
        var versions = await alerts.ListVersionsAsync(alert, V1.Page<V1.Alert>.MaxItems, cancellationToken);
        return TypedResults.Ok(new V1.AlertDetail(
            AlertRecords.ToRecord(alert, record), [.. versions.Select(version => AlertRecords.ToRecord(version, record.Id, alert.Source, alert.AlertId))]));
    }

    private static async Task<IResult> RawAsync(string tenant, string number, HttpContext http, AlertLog log, CancellationToken cancellationToken)
    {
        var record = http.GetTenant();
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at <= 0) return OperatorProblems.NotFound();
        var versions = await log.ReadAsync(record.TenantKey, record.Id, at - 1, 1, 1, cancellationToken);
        return versions is [var version] && version.LogNumber == at ? TypedResults.Bytes(version.Raw, "application/json", $"{record.Id}-{at}.json") : OperatorProblems.NotFound();
    }

    private static string CursorOf(CurrentAlert last) => Cursor.Write(
        last.UpdatedAt.ToString(CultureInfo.InvariantCulture), last.TenantKey.ToString(CultureInfo.InvariantCulture), last.Source, last.AlertId);
}
