using System.Globalization;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>Is there a hole? Answered for every (tenant, source) the caller may see.</summary>
internal static class CoverageEndpoints
{
    private const int AtOnce = 200;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Coverage, ListAsync).RequireAction(HubAction.CoverageRead)
            .WithQuery("customer", "tenant", "source", "from", "to", "holes", "limit", "cursor")
            .Produces<V1.Page<V1.Coverage>>().WithTags("coverage").WithSummary("Whether anything is missing, why, and since when; by tenant and source, in the order of being added");
        routes.MapGet(Routes.CoverageDifferences, ListDifferencesAsync).RequireAction(HubAction.CoverageRead).WithQuery("customer", "tenant", "limit", "cursor")
            .Produces<V1.Page<V1.CoverageDifference>>().WithTags("coverage").WithSummary("What one source of a tenant shows and another does not");
    }

    private static async Task<IResult> ListAsync(HttpContext http, CoverageSurvey survey, TenantStore tenants, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var cursor = query.Cursor(2, 1);
        var (customer, tenant) = (query.Customer("customer"), query.Tenant("tenant"));
        var source = query.OneOf("source", [.. AlertSources.All]);
        var holes = query.OneOf("holes", "true", "false") == "true";
        var now = time.GetUtcNow();
        var to = query.Time("to") ?? now;
        var from = query.Time("from") ?? to.AddDays(-1);
        if (from >= to) query.Fault("from", "from is before to.");
        else if (tenant is null && to - from > TimeSpan.FromDays(V1.CoverageQuery.MaxDays)) query.Fault("from", $"Over many tenants the window has at most {V1.CoverageQuery.MaxDays} days: name one tenant for more.");
        if (query.Refusal() is { } refusal) return refusal;
        var (chosen, denied) = await ChooseAsync(http.GetPrincipal(), tenants, customer, tenant, cancellationToken);
        if (denied is not null) return denied;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.CoverageRead);
        var only = customer is { } one ? new HashSet<CustomerId> { one } : scope.Only;
        var seesSinks = Authorization.Decide(http.GetPrincipal(), HubAction.StatusRead) == Decision.Allowed;
        var window = new CoverageWindow(from.ToUniversalTime(), to.ToUniversalTime(), now);
        var (afterKey, afterSource) = cursor is [var key, var name] ? (long.Parse(key, CultureInfo.InvariantCulture), name) : (0, "");
        var fleet = await survey.ReadFleetAsync(seesSinks, cancellationToken);
        var rows = new List<(long Key, V1.Coverage Row)>();
        for (var next = Math.Max(0, afterKey - 1); rows.Count < limit;) // the tenant of the cursor may have more sources
        {
            var page = chosen is not null ? (chosen.TenantKey > next ? [chosen] : []) : await tenants.ListAsync(next, AtOnce, only, cancellationToken);
            if (page.Count == 0) break;
            next = page[^1].TenantKey;
            rows.AddRange((await survey.AskAsync(fleet, page, window, cancellationToken))
                .Where(row => source is null || row.Row.Source == source)
                .Where(row => row.Key > afterKey || (row.Key == afterKey && string.CompareOrdinal(row.Row.Source ?? "", afterSource) > 0))
                .Where(row => !holes || !IsWell(row.Row)));
        }

        var found = rows.Take(limit).ToList();
        return TypedResults.Ok(new V1.Page<V1.Coverage>(
            [.. found.Select(row => row.Row)],
            found.Count == limit ? Cursor.Write(found[^1].Key.ToString(CultureInfo.InvariantCulture), found[^1].Row.Source ?? "") : null));
    }

    private static bool IsWell(V1.Coverage row) =>
        row.HoleSince is null && row.Trouble is null && row.Silence.Quiet is not true && row.Readers.All(reader => reader.Cause is null)
        && row.Comparisons.All(one => one.Differences == 0 && one.Reason is null);

    private static async Task<IResult> ListDifferencesAsync(HttpContext http, Reconciliations reconciliations, TenantStore tenants, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var cursor = query.Cursor(5, 1);
        var (customer, tenant) = (query.Customer("customer"), query.Tenant("tenant"));
        if (query.Refusal() is { } refusal) return refusal;
        var (chosen, denied) = await ChooseAsync(http.GetPrincipal(), tenants, customer, tenant, cancellationToken);
        if (denied is not null) return denied;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.CoverageRead);
        IReadOnlyCollection<long>? keys = chosen is not null ? [chosen.TenantKey]
            : customer is null && scope.All ? null
            : [.. (await tenants.ListAsync(customer is { } one ? [one] : scope.Customers, cancellationToken)).Select(record => record.TenantKey)];
        var found = await reconciliations.ListDifferencesAsync(
            keys, cursor is [var key, var source, var other, var missing, var id] ? (long.Parse(key, CultureInfo.InvariantCulture), source, other, missing, id) : null, limit, cancellationToken);
        var owners = await tenants.FindByKeysAsync([.. found.Select(row => row.TenantKey).Distinct()], cancellationToken);
        return TypedResults.Ok(new V1.Page<V1.CoverageDifference>(
            [.. found.Where(row => owners.ContainsKey(row.TenantKey)).Select(row => ToRecord(row, owners[row.TenantKey]))],
            found.Count == limit ? Cursor.Write(found[^1].TenantKey.ToString(CultureInfo.InvariantCulture), found[^1].Source, found[^1].Other, found[^1].What.MissingIn, found[^1].What.RecordId) : null));
    }

    private static V1.CoverageDifference ToRecord(StoredDifference row, TenantRecord tenant) => new(
        tenant.Id, tenant.Customer, tenant.CustomerName, row.Source, row.Other, row.What.RecordId, row.What.MissingIn, row.What.RecordAt, row.FoundAt, row.What.Likely);

    /// <summary>The one tenant asked for. A foreign one and an unknown one answer alike.</summary>
    private static async Task<(TenantRecord? Tenant, IResult? Refusal)> ChooseAsync(
        Principal principal, TenantStore tenants, CustomerId? customer, TenantId? tenant, CancellationToken cancellationToken)
    {
        if (customer is { } one && Refuse(principal, one) is { } refused) return (null, refused);
        if (tenant is not { } id) return (null, null);
        if (await tenants.GetAsync(id, cancellationToken) is not { } record || (customer is not null && record.Customer != customer)) return (null, OperatorProblems.NotFound());
        return Refuse(principal, record.Customer) is { } refusal ? (null, refusal) : (record, null);
    }

    private static IResult? Refuse(Principal principal, CustomerId customer) => Authorization.Decide(principal, HubAction.CoverageRead, customer) switch
    {
        Decision.Allowed => null,
        Decision.Denied => OperatorProblems.Denied(),
        _ => OperatorProblems.NotFound(),
    };

    internal static string WordOf(Enum member) => JsonNamingPolicy.CamelCase.ConvertName(member.ToString());
}
