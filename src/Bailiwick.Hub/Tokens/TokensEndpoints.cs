using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Tokens;

/// <summary>Maps this folder's routes.</summary>
public static class TokensEndpoints
{
    /// <summary>Applications, connections, and the pages of the connect flow.</summary>
    public static IEndpointRouteBuilder MapTokens(this IEndpointRouteBuilder routes)
    {
        ApplicationEndpoints.Map(routes);
        ConnectionEndpoints.Map(routes);
        ConnectPages.Map(routes);
        return routes;
    }
}
