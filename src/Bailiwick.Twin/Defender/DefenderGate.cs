using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Defender;

/// <summary>Lets a caller into the Defender API: token and audience (401), permission (403), feature (403), rate (429). Source: common-errors 2020-12.</summary>
internal static class DefenderGate
{
    private static readonly IReadOnlyList<string> Audiences = [.. TwinResource.Defender.Audiences, .. TwinResource.ThreatProtection.Audiences];

    /// <summary>Checks the caller.</summary>
    /// <param name="context">The request.</param>
    /// <param name="services">The planes' services.</param>
    /// <param name="permissions">Any of these opens the call.</param>
    /// <param name="budget">Name of the rate budget.</param>
    /// <param name="limits">From the knobs to requests per minute and hour.</param>
    /// <returns>The caller, or null when the answer was already given.</returns>
    public static async ValueTask<TwinPrincipal?> EnterAsync(
        HttpContext context, PlaneServices services, IReadOnlyList<string> permissions, string budget, Func<AlertKnobs, (int Minute, int Hour)> limits)
    {
        var fault = services.Tokens.Read(context.Request.Headers.Authorization, Audiences, out var caller);
        var tenant = caller is null ? null : services.FindTenant(caller.TenantId);
        if (fault is not null || caller is null || tenant is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized", fault ?? "The tenant of the token is unknown.");
            return null;
        }

        if (!permissions.Any((caller.IsApplication ? caller.Roles : caller.Scopes).Contains))
        {
            await DefenderAnswer.ErrorAsync(
                context, StatusCodes.Status403Forbidden, "Forbidden",
                $"Missing application roles. API required roles: {string.Join(",", permissions)}, application roles: {string.Join(",", caller.IsApplication ? caller.Roles : caller.Scopes)}.");
            return null;
        }

        var knobs = services.Knobs(caller.TenantId);
        if (!tenant.DefenderLicensed || knobs.DefenderFeature == false)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status403Forbidden, "DisabledFeature", "The feature is not enabled for this tenant.");
            return null;
        }

        if (services.Refusal(caller, context.Request.Method) is { } refusal)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status403Forbidden, "Forbidden", refusal);
            return null;
        }

        var (minute, hour) = limits(knobs);
        if (knobs.Limits == true
            && services.Limits.Take(budget, caller.AppId, caller.TenantId, (minute, TimeSpan.FromMinutes(1)), (hour, TimeSpan.FromHours(1))) is { } wait)
        {
            context.Response.Headers.RetryAfter = wait.ToString();
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status429TooManyRequests, "TooManyRequests", $"API calls quota exceeded. Try again in {wait} seconds.");
            return null;
        }

        return caller;
    }
}
