using Bailiwick.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Operators;

/// <summary>Which action an endpoint asks for; a test demands it on every endpoint.</summary>
/// <param name="Action">The action.</param>
/// <param name="PerCustomer">True when a customer is taken from the request.</param>
public sealed record RequiredAction(HubAction Action, bool PerCustomer)
{
    private static readonly object s_decided = new();

    internal Func<HttpContext, ValueTask<CustomerId?>>? FindCustomer { get; init; }

    /// <summary>Decides once per request.</summary>
    /// <returns>The refusal, or null when the caller may go on.</returns>
    internal async ValueTask<IResult?> RefuseAsync(HttpContext http)
    {
        if (ReferenceEquals(http.Items[s_decided], this)) return null;
        if (http.FindPrincipal() is not { } principal) return OperatorProblems.Unauthenticated();
        if (Authorization.Decide(principal, Action) == Decision.Denied) return OperatorProblems.Denied();
        if (FindCustomer is not null)
        {
            if (await FindCustomer(http) is not { } customer) return OperatorProblems.NotFound();
            var decision = Authorization.Decide(principal, Action, customer);
            if (decision != Decision.Allowed) return decision == Decision.Denied ? OperatorProblems.Denied() : OperatorProblems.NotFound();
        }

        http.Items[s_decided] = this;
        return null;
    }
}

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

    /// <summary>
    /// Decides before an endpoint reads anything of the request's body. Endpoints decide again by themselves where this was left out, so nothing opens
    /// when it is.
    /// </summary>
    public static IApplicationBuilder UseRequiredActions(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredAction>() is { } required && await required.RefuseAsync(context) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        await next(context);
    });

    private static TBuilder Guard<TBuilder>(this TBuilder builder, HubAction action, Func<HttpContext, ValueTask<CustomerId?>>? findCustomer)
        where TBuilder : IEndpointConventionBuilder
    {
        var required = new RequiredAction(action, findCustomer is not null) { FindCustomer = findCustomer };
        builder.WithMetadata(required);
        builder.RequireAuthorization();
        return builder.AddEndpointFilter(async (context, next) => await required.RefuseAsync(context.HttpContext) ?? await next(context));
    }
}
