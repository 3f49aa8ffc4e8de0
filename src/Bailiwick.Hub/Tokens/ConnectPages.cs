using System.Buffers.Text;
using System.Security.Cryptography;
using Bailiwick.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Tokens;

/// <summary>
/// The three pages a person sees while connecting a tenant. Open to whoever holds the single-use link: the link is bound to the browser that opens it
/// first, the sign-in to that browser's session cookie. No script, everything encoded.
/// </summary>
internal static class ConnectPages
{
    private static readonly TimeSpan s_sessionLife = TimeSpan.FromMinutes(30);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.ConnectCallback, CallbackAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(Routes.ConnectPage, ShowAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(Routes.ConnectPage, GoOnAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> ShowAsync(string link, HttpContext http, ConnectService connect, CancellationToken cancellationToken)
    {
        var session = SessionOf(http) ?? StartSession(http);
        return await connect.DescribeAsync(link, session, cancellationToken) is { } description ? ConnectHtml.Describe(description) : ConnectHtml.DeadLink();
    }

    private static async Task<IResult> GoOnAsync(string link, HttpContext http, ConnectService connect, CancellationToken cancellationToken) =>
        SessionOf(http) is { } session && await connect.OpenAsync(link, session, cancellationToken) is { } address
            ? new SeeOther(address)
            : ConnectHtml.DeadLink();

    private static async Task<IResult> CallbackAsync(HttpContext http, ConnectService connect, CancellationToken cancellationToken)
    {
        var query = http.Request.Query;
        if (SessionOf(http) is not { } session || query["state"] is not [{ Length: > 0 and <= 512 } state]) return ConnectHtml.DeadLink();
        ConnectResult result;
        if (query["error"] is [{ Length: > 0 } error]) result = await connect.DeclineAsync(state, error, session, cancellationToken);
        else if (query["code"] is [{ Length: > 0 } code]) result = await connect.CompleteAsync(state, code, session, query["iss"] is [{ } issuer] ? issuer : null, cancellationToken);
        else return ConnectHtml.DeadLink();
        return result switch
        {
            ConnectResult.Connected connected => ConnectHtml.Connected(connected.Connection),
            ConnectResult.Refused refused => ConnectHtml.Refused(refused.Error, refused.Detail),
            ConnectResult.TryLater later => ConnectHtml.Refused("try_later", later.Detail),
            _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
    }

    /// <summary>Over plain http (a loopback address, tests and demo) a browser takes no <c>__Host-</c> cookie.</summary>
    private static string CookieName(HttpContext http) => http.Request.IsHttps ? "__Host-bailiwick-connect" : "bailiwick-connect";

    private static string? SessionOf(HttpContext http) => http.Request.Cookies[CookieName(http)] is { Length: 43 } session ? session : null;

    private static string StartSession(HttpContext http)
    {
        var session = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        http.Response.Cookies.Append(CookieName(http), session, new CookieOptions
        {
            HttpOnly = true,
            Secure = http.Request.IsHttps,
            SameSite = SameSiteMode.Lax, // the way back from the sign-in service is a top-level GET
            Path = "/",
            MaxAge = s_sessionLife,
        });
        return session;
    }

    private sealed class SeeOther(Uri address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address.AbsoluteUri;
            return Task.CompletedTask;
        }
    }
}
