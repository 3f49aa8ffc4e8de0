using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Compat;

/// <summary>Addresses in other people's shapes, for connectors that cannot be changed. They read tolerantly what the originals would pass over.</summary>
public static class CompatEndpoints
{
    /// <summary>Maps this folder's routes; not in the group whose queries are read strictly.</summary>
    public static IEndpointRouteBuilder MapCompat(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.MapGet(Routes.CompatExporterAlerts, ExporterEndpoint.GetAsync).RequireAction(HubAction.AlertsRead)
            .WithQuery("sinceTimeUtc", "untilTimeUtc", "ago", "limit", "machinegroups")
            .Produces(StatusCodes.Status200OK, contentType: "application/json").WithTags("compat").WithSummary("Alerts in the shape of the retired alert exporter");
        routes.MapGet(Routes.CompatDefenderAlerts, DefenderEndpoint.GetAsync).RequireAction(HubAction.AlertsRead)
            .WithQuery("$filter", "$top", "$skip", "$expand", "$orderby")
            .Produces(StatusCodes.Status200OK, contentType: "application/json").WithTags("compat").WithSummary("Alerts in the shape of Defender's alert list");
        Token(Routes.CompatToken, v2: false);
        Token(Routes.CompatTenantToken, v2: false);
        Token(Routes.CompatTenantTokenV2, v2: true);
        return routes;

        void Token(string route, bool v2) => routes
            .MapPost(route, (HttpContext http, ApiKeyStore keys, AccessTokens tokens, CancellationToken cancellationToken) => TokenEndpoint.PostAsync(http, v2, keys, tokens, cancellationToken))
            .AllowAnonymous().Accepts<string>("application/x-www-form-urlencoded").Produces(StatusCodes.Status200OK, contentType: "application/json")
            .WithTags("compat").WithSummary($"An access token for an API key, as a {(v2 ? "v2.0" : "v1")} token endpoint gives it");
    }

    /// <summary>Adds this folder's services. Needs alerts, customers and operators.</summary>
    public static IServiceCollection AddCompat(this IServiceCollection services) => services.AddSingleton<CompatMarks>().AddSingleton<CompatRows>();
}
