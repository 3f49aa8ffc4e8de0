using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Tokens;

/// <summary>Finds the tenant a request is about and whether the caller may act on it. A foreign tenant and an unknown one answer alike.</summary>
internal static class TenantAccess
{
    private static readonly object s_tenant = new();

    /// <summary>For <c>RequireAction</c>: the customer of the tenant in the address.</summary>
    public static Func<HttpContext, ValueTask<CustomerId?>> FromRoute(string parameter) => async http =>
    {
        if (!TenantId.TryParse(http.GetRouteValue(parameter) as string, out var id)) return null;
        var tenant = await http.RequestServices.GetRequiredService<TenantStore>().GetAsync(id, http.RequestAborted);
        http.Items[s_tenant] = tenant;
        return tenant?.Customer;
    };

    /// <summary>The tenant that <see cref="FromRoute"/> found.</summary>
    public static TenantRecord GetTenant(this HttpContext http) =>
        http.Items[s_tenant] as TenantRecord ?? throw new InvalidOperationException("The endpoint's RequireAction does not look for a tenant.");

    /// <summary>For a tenant named elsewhere than in the address.</summary>
    /// <returns>The tenant, or the refusal.</returns>
    public static async Task<(TenantRecord? Tenant, IResult? Refusal)> FindAsync(HttpContext http, TenantId id, HubAction action)
    {
        if (await http.RequestServices.GetRequiredService<TenantStore>().GetAsync(id, http.RequestAborted) is not { } tenant) return (null, OperatorProblems.NotFound());
        return Authorization.Decide(http.GetPrincipal(), action, tenant.Customer) switch
        {
            Decision.Allowed => (tenant, null),
            Decision.Denied => (null, OperatorProblems.Denied()),
            _ => (null, OperatorProblems.NotFound()),
        };
    }

    /// <summary>The small keys of the tenants a list is cut to: null for all, else only those of the customers in scope.</summary>
    public static async Task<IReadOnlyCollection<long>?> KeysAsync(HttpContext http, HubAction action, CustomerId? customer)
    {
        var scope = Authorization.ScopeOf(http.GetPrincipal(), action);
        if (customer is null && scope.All) return null;
        IReadOnlyCollection<CustomerId> customers = customer is { } one ? scope.Includes(one) ? [one] : [] : scope.Customers;
        var tenants = await http.RequestServices.GetRequiredService<TenantStore>().ListAsync(customers, http.RequestAborted);
        return [.. tenants.Select(tenant => tenant.TenantKey)];
    }
}
