using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// Lets a caller into Graph's security part, checked in the order: token and audience (401), permission (403), licence (403), rate (429).
/// </summary>
internal static class GraphGate
{
    private static readonly IReadOnlyList<string> Audiences = TwinResource.Graph.Audiences;

    /// <summary>Checks the caller.</summary>
    /// <param name="context">The request.</param>
    /// <param name="services">The planes' services.</param>
    /// <param name="permissions">Any of these opens the call.</param>
    /// <param name="budget">Name of the rate budget; null for calls outside the security part, which also need no licence.</param>
    /// <returns>The caller, or null when the answer was already given.</returns>
    public static async ValueTask<TwinPrincipal?> EnterAsync(HttpContext context, PlaneServices services, IReadOnlyList<string> permissions, string? budget)
    {
        var fault = services.Tokens.Read(context.Request.Headers.Authorization, Audiences, out var caller);
        var tenant = caller is null ? null : services.FindTenant(caller.TenantId);
        if (fault is not null || caller is null || tenant is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";
            await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status401Unauthorized, "InvalidAuthenticationToken", fault ?? "The tenant of the token is unknown.");
            return null;
        }

        var held = caller.IsApplication ? caller.Roles : caller.Scopes;
        if (!permissions.Any(held.Contains))
        {
            var (code, message) = budget is null
                ? ("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
                : ("Forbidden", $"Missing application roles. API required roles: {string.Join(", ", permissions)}, application roles: {string.Join(", ", held)}.");
            await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status403Forbidden, code, message);
            return null;
        }

        if (budget is null) return caller;
        var knobs = services.Knobs(caller.TenantId);
        if (!tenant.DefenderLicensed || knobs.DefenderFeature == false)
        {
            await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status403Forbidden, "Forbidden", "The tenant is not provisioned for the security service; a licence is required.");
            return null;
        }

        if (services.Refusal(caller, context.Request.Method) is { } refusal)
        {
            await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status403Forbidden, "Forbidden", refusal);
            return null;
        }

        if (knobs.Limits == true && services.Limits.Take(budget, caller.AppId, caller.TenantId, (knobs.GraphPerMinute!.Value, TimeSpan.FromMinutes(1))) is { } wait)
        {
            context.Response.Headers.RetryAfter = wait.ToString();
            await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status429TooManyRequests, "TooManyRequests", "Too many requests. Try again after the time in Retry-After.");
            return null;
        }

        return caller;
    }
}
