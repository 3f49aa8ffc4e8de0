using Bailiwick.Twin.Entra.Endpoints;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Pages;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Entra;

/// <summary>The sign-in service at the root of the TLS port.</summary>
internal sealed class SignInPlane
{
    private readonly EntraServices _services;
    private readonly TokenEndpoint _tokens;
    private readonly DiscoveryEndpoints _discovery;
    private readonly AuthorizeEndpoint _authorize;
    private readonly BrowserSessions _sessions;
    private readonly SignInFlow _flow;
    private readonly RedeemEndpoint _redeem;

    public SignInPlane(EntraServices services)
    {
        _services = services;
        var userTokens = new UserTokens(services);
        var devices = new DeviceCodeGrant(services, userTokens);
        _sessions = new BrowserSessions(services);
        _flow = new SignInFlow(services, new SignInTransactions(services.Clock), _sessions, userTokens, devices);
        _redeem = new RedeemEndpoint(services, _flow);
        _authorize = new AuthorizeEndpoint(services, _flow);
        _discovery = new DiscoveryEndpoints(services);
        _tokens = new TokenEndpoint(services, new ClientAuthentication(services.Directory, services.Clock), new ClientCredentialsGrant(services), new CodeGrant(services, userTokens), new RefreshGrant(services, userTokens), devices);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (version, legacy) in new[] { ("/v2.0", false), ("", true) })
        {
            routes.Map($"/{{t}}/oauth2{version}/token", (HttpContext context, string t) => _tokens.HandleAsync(context, t, legacy)).From("auth-code-flow 2025, v1 code flow 2019");
            routes.MapPost($"/{{t}}/oauth2{version}/devicecode", (HttpContext context, string t) => _tokens.StartDeviceAsync(context, t, legacy)).DisableAntiforgery().From("device-code 2025");
            routes.MapMethods($"/{{t}}/oauth2{version}/authorize", ["GET", "POST"], (HttpContext context, string t) => _authorize.AuthorizeAsync(context, t, legacy)).From("auth-code-flow 2025, v1 code flow 2019");
            routes.MapMethods($"/{{t}}/oauth2{version}/logout", ["GET", "POST"], (HttpContext context, string t) => LogoutAsync(context)).From("protocols-oidc 2025");
            routes.MapGet($"/{{t}}{version}/adminconsent", (HttpContext context, string t) => _authorize.AdminConsentAsync(context, t, legacy)).From("v2-admin-consent 2025");
            routes.MapGet($"/{{t}}{version}/.well-known/openid-configuration", (HttpContext context, string t) => _discovery.OpenIdAsync(context, t, legacy)).From("protocols-oidc 2025");
            routes.MapGet($"/{{t}}/discovery{version}/keys", (HttpContext context, string t) => _discovery.KeysAsync(context, t, legacy)).From("access-tokens 2025");
        }

        routes.MapGet("/redeem", (HttpContext context) => _redeem.HandleAsync(context)).From("invitation resource 2024");
        routes.MapGet("/common/discovery/instance", (HttpContext context) => _discovery.InstanceAsync(context)).From("seen on the wire of MSAL.NET 4.92");
        routes.MapGet("/common/userrealm/{user}", (HttpContext context, string user) => _discovery.UserRealmAsync(context, user)).From("seen on the wire of MSAL.NET 4.92");
        MapForm(routes, "/{t}/login", _flow.LoginAsync);
        MapForm(routes, "/{t}/pick", _flow.PickAsync);
        MapForm(routes, "/{t}/review", _flow.ReviewAsync);
        MapForm(routes, "/{t}/consent", _flow.ConsentAsync);
        MapForm(routes, "/{t}/deviceconfirm", _flow.ConfirmDeviceAsync);
        MapForm(routes, "/devicelogin", _flow.EnterDeviceCodeAsync);
        foreach (var path in new[] { "/devicelogin", "/device", "/common/oauth2/deviceauth" }) routes.MapGet(path, (HttpContext context) => SignInPages.DeviceCodeAsync(context)).From("device-code 2025");
        routes.MapGet("/twin", (HttpContext context) => SignInPages.DoneAsync(context, "home", "Twin", $"A stand-in for rehearsals. It knows {_services.Directory.Tenants.Count} tenants.")).From("the twin itself");
        routes.MapGet("/error", (HttpContext context) => SignInPages.DoneAsync(context, "error-help", "About this error", "Codes are listed in Microsoft's reference-error-codes page; the twin answers the same ones.")).From("error reference 2025");
        routes.MapGet("/twin/style.css", (HttpContext context) => TextAsync(context, "text/css; charset=utf-8", Html.Style)).From("the twin itself");
        routes.MapGet("/twin/post.js", (HttpContext context) => TextAsync(context, "text/javascript; charset=utf-8", Html.PostScript)).From("the twin itself");
        routes.MapGet("/graph/oidc/userinfo", (HttpContext context) => UserInfoAsync(context)).From("userinfo 2024");
    }

    /// <summary>Set by the host once the reader exists; UserInfo is on the Graph host. Source: userinfo, 2024.</summary>
    public required ITwinTokenReader Reader { get; init; }

    private static void MapForm(IEndpointRouteBuilder routes, string path, Func<HttpContext, IFormCollection, Task> handler) =>
        routes.MapPost(path, async (HttpContext context) => await handler(context, context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty)).From("the twin itself");

    private static Task TextAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private Task LogoutAsync(HttpContext context)
    {
        _sessions.End(context);
        var parameters = context.Request.Query;
        var back = SignInRequest.Read(parameters, "post_logout_redirect_uri");
        if (back is null || !_services.Directory.Apps.Any(app => app.Redirects.Any(redirect => RedirectRules.Matches(redirect.Uri, back)))) return SignInPages.DoneAsync(context, "signed-out", "You signed out", "It is a good idea to close all browser windows.");
        var state = SignInRequest.Read(parameters, "state");
        context.Response.Redirect(state is null ? back : $"{back}{(back.Contains('?', StringComparison.Ordinal) ? '&' : '?')}state={Uri.EscapeDataString(state)}");
        return Task.CompletedTask;
    }

    private Task UserInfoAsync(HttpContext context)
    {
        if (Reader.Read(context.Request.Headers.Authorization, [TwinResource.Graph.Identifier], out var caller) is not null || caller!.IsApplication || _services.Directory.FindUser(caller.TenantId, caller.ObjectId) is not { } user)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        }

        var names = user.DisplayName.Split(' ', 2);
        return ErrorAnswer.WriteJsonAsync(context, new { sub = user.Id.ToString(), name = user.DisplayName, given_name = names[0], family_name = names.Length > 1 ? names[1] : "", email = user.Mail });
    }
}
