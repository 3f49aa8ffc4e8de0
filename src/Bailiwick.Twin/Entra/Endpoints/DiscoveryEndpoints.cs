using Bailiwick.Wire.Entra;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Endpoints;

/// <summary>Documents that clients read before they sign in. Source: v2-protocols-oidc, 2025; instance discovery as the MSAL libraries use it.</summary>
internal sealed class DiscoveryEndpoints(EntraServices services)
{
    public async Task OpenIdAsync(HttpContext context, string t, bool legacy)
    {
        if (TenantSegment.TryResolve(services.Directory, t, metadata: true, out var segment) is { } error)
        {
            await ErrorAnswer.WriteAsync(context, error, services.Clock);
            return;
        }

        var origin = TwinAddress.Origin(context);
        var id = segment.Tenant?.Id.ToString() ?? "{tenantid}";
        var path = $"{origin}/{segment.Tenant?.Id.ToString() ?? t}";
        var version = legacy ? "" : "/v2.0";
        var graph = TwinAddress.IsOwn(context.Request.Host.Host) ? $"{origin}/graph" : "https://graph.microsoft.com";
        AllowAnyOrigin(context);
        await ErrorAnswer.WritePublicJsonAsync(context, new OpenIdConfiguration
        {
            Issuer = legacy ? services.Issuers.V1(context, id) : services.Issuers.V2(context, id),
            AuthorizationEndpoint = $"{path}/oauth2{version}/authorize",
            TokenEndpoint = $"{path}/oauth2{version}/token",
            DeviceAuthorizationEndpoint = $"{path}/oauth2{version}/devicecode",
            EndSessionEndpoint = $"{path}/oauth2{version}/logout",
            JwksUri = $"{path}/discovery{version}/keys",
            UserInfoEndpoint = $"{graph}/oidc/userinfo",
            TenantRegionScope = segment.Tenant?.Region.ToUpperInvariant(),
            CloudInstanceName = context.Request.Host.Host,
            CloudGraphHostName = "graph.windows.net",
            GraphHost = new Uri(graph).Host,
            RbacUrl = "https://pas.twin.example",
        });
    }

    public async Task KeysAsync(HttpContext context, string t, bool legacy)
    {
        if (TenantSegment.TryResolve(services.Directory, t, metadata: true, out var segment) is { } error)
        {
            await ErrorAnswer.WriteAsync(context, error, services.Clock);
            return;
        }

        AllowAnyOrigin(context);
        var issuer = legacy ? null : services.Issuers.V2(context, segment.Tenant?.Id.ToString() ?? "{tenantid}");
        await ErrorAnswer.WritePublicJsonAsync(context, new JsonWebKeys([services.Key.Describe(issuer)]));
    }

    public Task InstanceAsync(HttpContext context)
    {
        var host = context.Request.Host;
        if (!Uri.TryCreate(SignInRequest.Read(context.Request.Query, "authorization_endpoint"), UriKind.Absolute, out var asked) || !IsKnown(asked, host)) return ErrorAnswer.WriteAsync(context, EntraError.UnknownInstance(), services.Clock);
        var tenant = asked.Segments.Length > 1 ? asked.Segments[1].TrimEnd('/') : "common";
        var aliases = TwinAddress.IsOwn(host.Host) ? [host.Host, host.Value!] : new List<string> { "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net" };
        AllowAnyOrigin(context);
        return ErrorAnswer.WritePublicJsonAsync(context, new InstanceDiscoveryBody
        {
            TenantDiscoveryEndpoint = $"{asked.GetLeftPart(UriPartial.Authority)}/{tenant}/v2.0/.well-known/openid-configuration",
            Metadata = [new InstanceAliases { PreferredNetwork = aliases[0], PreferredCache = TwinAddress.IsOwn(host.Host) ? aliases[0] : "login.windows.net", Aliases = aliases }],
        });
    }

    public Task UserRealmAsync(HttpContext context, string user)
    {
        var domain = user.Contains('@') ? user[(user.LastIndexOf('@') + 1)..] : "";
        return ErrorAnswer.WritePublicJsonAsync(context, new UserRealmBody
        {
            AccountType = services.Directory.FindTenantByDomain(domain) is null ? "Unknown" : "Managed",
            DomainName = domain,
            CloudInstanceName = context.Request.Host.Host,
        });
    }

    private static bool IsKnown(Uri asked, HostString host) =>
        asked.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase) || TwinAddress.SignInHosts.Contains(asked.Host, StringComparer.OrdinalIgnoreCase);

    private static void AllowAnyOrigin(HttpContext context) => context.Response.Headers.AccessControlAllowOrigin = "*";
}
