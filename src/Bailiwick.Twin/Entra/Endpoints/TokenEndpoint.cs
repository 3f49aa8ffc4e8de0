using Bailiwick.Twin.Entra.Grants;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Endpoints;

/// <summary>The token endpoints, v2.0 and v1.0: finds tenant, client and grant, writes the answer.</summary>
internal sealed class TokenEndpoint(EntraServices services, ClientAuthentication clients, ClientCredentialsGrant clientCredentials, CodeGrant codes, RefreshGrant refresh, DeviceCodeGrant devices)
{
    public async Task HandleAsync(HttpContext context, string t, bool legacy)
    {
        AllowOrigin(context);
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await ErrorAnswer.WriteAsync(context, EntraError.WrongMethod(context.Request.Method), services.Clock);
            return;
        }

        if (!context.Request.HasFormContentType)
        {
            await ErrorAnswer.WriteAsync(context, EntraError.Missing("grant_type"), services.Clock);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        switch (Answer(context, form, t, legacy))
        {
            case TokenAnswer.Issued issued:
                await ErrorAnswer.WriteJsonAsync(context, issued.Body);
                return;
            case TokenAnswer.IssuedLegacy issued:
                await ErrorAnswer.WriteJsonAsync(context, issued.Body);
                return;
            case TokenAnswer.Refused refused:
                await ErrorAnswer.WriteAsync(context, refused.Error, services.Clock);
                return;
        }
    }

    public async Task StartDeviceAsync(HttpContext context, string t, bool legacy)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        if (TenantSegment.TryResolve(services.Directory, t, metadata: false, out var segment) is { } error) await ErrorAnswer.WriteAsync(context, error, services.Clock);
        else await devices.StartAsync(context, form, segment, legacy);
    }

    private TokenAnswer Answer(HttpContext context, IFormCollection form, string t, bool legacy)
    {
        if (TenantSegment.TryResolve(services.Directory, t, metadata: false, out var segment) is { } unknown) return unknown;
        if (SignInRequest.Read(form, "grant_type") is not { } grant) return EntraError.Missing("grant_type");
        if (!legacy && SignInRequest.Read(form, "resource") is not null) return EntraError.ResourceOnV2();
        if (grant == "client_credentials" && segment.Tenant is null) return EntraError.NeedsConcreteTenant();
        if (clients.TryRead(context, form, segment, out var client) is { } unauthenticated) return unauthenticated;
        return grant switch
        {
            "client_credentials" => clientCredentials.Redeem(context, form, segment, client, legacy),
            "authorization_code" => codes.Redeem(context, form, segment, client, legacy),
            "refresh_token" => refresh.Redeem(context, form, segment, client, legacy),
            "urn:ietf:params:oauth:grant-type:device_code" or "device_code" => devices.Redeem(context, form, segment, client, legacy),
            _ => EntraError.UnknownGrant(grant),
        };
    }

    /// <summary>Single-page applications redeem from their own origin; there are no cookies at this endpoint.</summary>
    private static void AllowOrigin(HttpContext context)
    {
        if (context.Request.Headers.Origin.Count == 0) return;
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers.AccessControlAllowMethods = "POST, OPTIONS";
        context.Response.Headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
    }
}
