using System.Globalization;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
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

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(Routes.Coverage, ListAsync).RequireAction(HubAction.CoverageRead)
            .WithQuery("customer", "tenant", "source", "from", "to", "holes", "limit", "cursor")
            .Produces<V1.Page<V1.Coverage>>().WithTags("coverage").WithSummary("Whether anything is missing, why, and since when; by tenant and source, in the order of being added");

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
        var rows = new List<(long Key, V1.Coverage Row)>();
        for (var next = Math.Max(0, afterKey - 1); rows.Count < limit;) // the tenant of the cursor may have more sources
        {
            var page = chosen is not null ? (chosen.TenantKey > next ? [chosen] : []) : await tenants.ListAsync(next, AtOnce, only, cancellationToken);
            if (page.Count == 0) break;
            next = page[^1].TenantKey;
            rows.AddRange((await survey.AskAsync(page, window, seesSinks, cancellationToken))
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
        row.HoleSince is null && row.Trouble is null && row.Silence.Quiet is not true && row.Readers.All(reader => reader.Cause is null);

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
