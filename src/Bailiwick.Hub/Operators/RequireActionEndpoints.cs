using Bailiwick.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Operators;

/// <summary>Which action an endpoint asks for; a test demands it on every endpoint.</summary>
/// <param name="Action">The action.</param>
/// <param name="PerCustomer">True when a customer is taken from the request.</param>
public sealed record RequiredAction(HubAction Action, bool PerCustomer);

/// <summary>Puts the one authorization function in front of endpoints.</summary>
public static class RequireActionEndpoints
{
    /// <summary>
    /// Lets only callers through who may do <paramref name="action"/>. With a route parameter the customer is read from it, and a foreign id, an
    /// unknown one and one that is none are answered alike. Without, the handler cuts its answer to <see cref="Authorization.ScopeOf"/>.
    /// </summary>
    public static TBuilder RequireAction<TBuilder>(this TBuilder builder, HubAction action, string? routeParameterForCustomer = null)
        where TBuilder : IEndpointConventionBuilder =>
        routeParameterForCustomer is null
            ? builder.Guard(action, null)
            : builder.Guard(action, context => ValueTask.FromResult<CustomerId?>(
                CustomerId.TryParse(context.GetRouteValue(routeParameterForCustomer) as string, out var customer) ? customer : null));

    /// <summary>As the other overload, with the customer looked up from the request, for example by tenant; null means there is no such thing.</summary>
    public static TBuilder RequireAction<TBuilder>(this TBuilder builder, HubAction action, Func<HttpContext, ValueTask<CustomerId?>> findCustomer)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(findCustomer);
        return builder.Guard(action, findCustomer);
    }

    private static TBuilder Guard<TBuilder>(this TBuilder builder, HubAction action, Func<HttpContext, ValueTask<CustomerId?>>? findCustomer)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new RequiredAction(action, findCustomer is not null));
        builder.RequireAuthorization();
        return builder.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            if (http.FindPrincipal() is not { } principal) return OperatorProblems.Unauthenticated();
            if (Authorization.Decide(principal, action) == Decision.Denied) return OperatorProblems.Denied();
            if (findCustomer is null) return await next(context);
            if (await findCustomer(http) is not { } customer) return OperatorProblems.NotFound();
            return Authorization.Decide(principal, action, customer) switch
            {
                Decision.Allowed => await next(context),
                Decision.Denied => OperatorProblems.Denied(),
                _ => OperatorProblems.NotFound(),
            };
        });
    }
}
