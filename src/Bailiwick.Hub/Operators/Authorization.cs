using Bailiwick.Api;
using Bailiwick.Hub.Audit;

namespace Bailiwick.Hub.Operators;

/// <summary>A role, for one customer or for all.</summary>
/// <param name="Role">The role.</param>
/// <param name="Customer">The customer, or null for all (and for the hub itself).</param>
public sealed record RoleGrant(Role Role, CustomerId? Customer);

/// <summary>Whoever asks: an API key now, a signed-in person later.</summary>
/// <param name="Actor">As the audit trail names it.</param>
/// <param name="Name">For display.</param>
/// <param name="Grants">May be empty: then nothing is allowed.</param>
/// <param name="Only">Narrows to these actions; null for what the roles give.</param>
public sealed record Principal(Actor Actor, string Name, IReadOnlyList<RoleGrant> Grants, IReadOnlySet<HubAction>? Only = null);

/// <summary>What the authorization function answers.</summary>
public enum Decision
{
    /// <summary>Go on.</summary>
    Allowed,

    /// <summary>The caller knows the thing but may not do this: 403.</summary>
    Denied,

    /// <summary>The caller has nothing to do with that customer: answered exactly like an id that does not exist, 404.</summary>
    Hidden,
}

/// <summary>The customers somebody may do something for.</summary>
/// <param name="All">True for every customer, also those to come.</param>
/// <param name="Customers">The customers when not <paramref name="All"/>; may be empty.</param>
public sealed record CustomerScope(bool All, IReadOnlySet<CustomerId> Customers)
{
    /// <summary>For a store's <c>only</c> parameter: null when all.</summary>
    public IReadOnlySet<CustomerId>? Only => All ? null : Customers;

    /// <summary>True when the customer is in it.</summary>
    public bool Includes(CustomerId customer) => All || Customers.Contains(customer);
}

/// <summary>The one authorization function: pages, REST, feeds, jobs and CLI all come here. Pure; denies by default.</summary>
public static class Authorization
{
    /// <summary>May <paramref name="principal"/> do <paramref name="action"/>?</summary>
    /// <param name="principal">Who.</param>
    /// <param name="action">What.</param>
    /// <param name="customer">
    /// Whose things. Null for an action on the hub, and for lists over customers: then it is enough to be allowed for one, and the list must be
    /// cut to <see cref="ScopeOf"/>.
    /// </param>
    public static Decision Decide(Principal principal, HubAction action, CustomerId? customer = null)
    {
        ArgumentNullException.ThrowIfNull(principal);
        var row = AuthorizationMatrix.Of(action);
        var grants = principal.Grants.Where(IsSound).ToList();
        var giving = principal.Only is not null && !principal.Only.Contains(action) ? [] : grants.FindAll(grant => row.Roles.Contains(grant.Role));
        if (!row.PerCustomer) return giving.Exists(grant => grant.Customer is null) ? Decision.Allowed : Decision.Denied;
        if (customer is not { } one) return giving.Count > 0 ? Decision.Allowed : Decision.Denied;
        if (giving.Exists(grant => grant.Customer is null || grant.Customer == one)) return Decision.Allowed;
        return grants.Exists(grant => grant.Customer is null || grant.Customer == one) ? Decision.Denied : Decision.Hidden;
    }

    /// <summary>The customers for which <paramref name="principal"/> may do <paramref name="action"/>.</summary>
    public static CustomerScope ScopeOf(Principal principal, HubAction action)
    {
        ArgumentNullException.ThrowIfNull(principal);
        var row = AuthorizationMatrix.Of(action);
        if (!row.PerCustomer || (principal.Only is not null && !principal.Only.Contains(action))) return new CustomerScope(false, new HashSet<CustomerId>());
        var giving = principal.Grants.Where(grant => IsSound(grant) && row.Roles.Contains(grant.Role)).ToList();
        return giving.Exists(grant => grant.Customer is null)
            ? new CustomerScope(true, new HashSet<CustomerId>())
            : new CustomerScope(false, giving.Select(grant => grant.Customer!.Value).ToHashSet());
    }

    /// <summary>A customer's administrator is never one of all customers, and owning the hub is never about one.</summary>
    private static bool IsSound(RoleGrant grant) => grant.Role switch
    {
        Role.CustomerAdministrator => grant.Customer is not null,
        Role.Owner => grant.Customer is null,
        _ => true,
    };
}
