using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Server.Http;

/// <summary>What the server answers itself: health, metrics and the API's description.</summary>
internal static class OwnEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<PrometheusText>(); // listens from the start, not from the first question on
        routes.MapGet(Routes.HealthLive, () => TypedResults.Json(new Health("live", []), ApiJson.Strict)).AllowAnonymous().WithTags("health").WithSummary("200 while the process runs");
        routes.MapGet(Routes.HealthReady, ReadyAsync).AllowAnonymous().WithTags("health").WithSummary("200 only when collecting can work, else 503 with reasons");
        routes.MapGet(Routes.Metrics, (PrometheusText metrics) => TypedResults.Text(metrics.Write(), PrometheusText.ContentType))
            .RequireAction(HubAction.StatusRead).WithTags("health").WithSummary("Prometheus text");
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
    }

    private static async Task<JsonHttpResult<Health>> ReadyAsync(Readiness readiness, HttpContext context, CancellationToken cancellationToken)
    {
        var reasons = await readiness.AskAsync(cancellationToken);
        if (reasons.Count == 0) return TypedResults.Json(new Health("ready", []), ApiJson.Strict);
        context.Response.Headers.RetryAfter = 5.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Json(new Health("not-ready", reasons), ApiJson.Strict, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
