using Microsoft.AspNetCore.Builder;

namespace Bailiwick.Twin;

/// <summary>Where a route's behaviour was read: page and year. Stands on the route itself, so that the table of routes can be checked.</summary>
internal sealed record RouteSource(string Page);

/// <summary>Short words for it.</summary>
internal static class RouteSourceExtensions
{
    /// <summary>Names the page a route was read from.</summary>
    public static TBuilder From<TBuilder>(this TBuilder route, string page)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new RouteSource(page));
}
