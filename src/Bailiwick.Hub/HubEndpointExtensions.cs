using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Feeds;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tokens;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub;

/// <summary>Puts the hub's own routes together. Each folder maps its own; this file only calls them.</summary>
public static class HubEndpointExtensions
{
    /// <summary>Maps every route that a folder of the hub holds.</summary>
    public static IEndpointRouteBuilder MapHub(this IEndpointRouteBuilder routes) => routes.MapTokens().MapAlerts().MapSinks().MapDelivery().MapFeeds();
}
