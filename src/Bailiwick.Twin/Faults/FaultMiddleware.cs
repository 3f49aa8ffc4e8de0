using System.Globalization;
using System.Text;
using Bailiwick.Twin.Defender;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Bailiwick.Twin.Faults;

/// <summary>Counts each request of the TLS port and applies the fault that strikes it.</summary>
internal sealed class FaultMiddleware(TwinFaults faults, RequestCounters counters, TokenReader tokens, TwinDirectory directory, TwinClock clock, TimeProvider machine)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var plane = PlaneOf(context.Request.Path);
        var tenant = TenantOf(context, plane);
        counters.Begin();
        try
        {
            if (faults.Any && faults.Take(plane, tenant, context.Request.Path.Value + context.Request.QueryString.Value) is { } fault) await StrikeAsync(fault, plane, context, next);
            else await next(context);
        }
        finally
        {
            counters.End();
            counters.Count(plane, tenant, context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? 0 : context.Response.StatusCode);
        }
    }

    private static string PlaneOf(PathString path)
    {
        if (path.StartsWithSegments("/graph", StringComparison.OrdinalIgnoreCase)) return "graph";
        if (path.StartsWithSegments("/defender", StringComparison.OrdinalIgnoreCase)) return "defender";
        return path.StartsWithSegments("/exporter", StringComparison.OrdinalIgnoreCase) ? "exporter" : "signin";
    }

    private Guid? TenantOf(HttpContext context, string plane)
    {
        if (plane != "signin") return tokens.TenantOf(context.Request.Headers.Authorization);
        var path = context.Request.Path.Value.AsSpan().TrimStart('/');
        var slash = path.IndexOf('/');
        if (slash <= 0) return null;
        var segment = path[..slash];
        return Guid.TryParse(segment, out var id) ? id : segment.Contains('.') ? directory.FindTenantByDomain(segment.ToString())?.Id : null;
    }

    private async Task StrikeAsync(TwinFault fault, string plane, HttpContext context, RequestDelegate next)
    {
        switch (fault.Kind)
        {
            case TwinFaultKind.Throttle429:
                if (fault.Value > 0) context.Response.Headers.RetryAfter = fault.Value.ToString(CultureInfo.InvariantCulture);
                await RefuseAsync(context, plane, StatusCodes.Status429TooManyRequests);
                return;
            case TwinFaultKind.Status:
                await RefuseAsync(context, plane, fault.Value);
                return;
            case TwinFaultKind.Slow:
                await Task.Delay(TimeSpan.FromMilliseconds(fault.Value), machine, context.RequestAborted);
                await next(context);
                return;
            case TwinFaultKind.Hang:
                await WaitForAbortAsync(context);
                return;
            case TwinFaultKind.CloseConnection:
                context.Abort();
                return;
            case TwinFaultKind.Warning206:
                context.Response.OnStarting(() =>
                {
                    if (context.Response.StatusCode != StatusCodes.Status200OK) return Task.CompletedTask;
                    context.Response.StatusCode = StatusCodes.Status206PartialContent;
                    context.Response.Headers.Warning = "199 - \"Microsoft/WDATP/504/10000\"";
                    return Task.CompletedTask;
                });
                await next(context);
                return;
            case TwinFaultKind.InsufficientClaims:
                var claims = $"{{\"access_token\":{{\"nbf\":{{\"essential\":true,\"value\":\"{clock.GetUtcNow().ToUnixTimeSeconds()}\"}}}}}}";
                context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims))}\"";
                await RefuseAsync(context, plane, StatusCodes.Status401Unauthorized);
                return;
            case TwinFaultKind.TornBody:
                await TearAsync(context, next, fault.Value);
                return;
        }
    }

    private async Task RefuseAsync(HttpContext context, string plane, int status)
    {
        if (plane == "signin")
        {
            var error = status == 429 ? EntraError.TooManyRequests() : EntraError.Transient() with { Status = status };
            await ErrorAnswer.WriteAsync(context, error, clock);
            return;
        }

        var (code, message) = status switch
        {
            429 => ("TooManyRequests", "Too many requests. Wait before the next one."),
            503 => ("ServiceUnavailable", "The service is not available just now."),
            504 => ("GatewayTimeout", "The service behind did not answer in time."),
            500 => ("InternalServerError", "An internal error occurred."),
            401 => (plane == "defender" ? "Unauthorized" : "InvalidAuthenticationToken", "Access token validation failure."),
            403 => ("Forbidden", "The caller may not do this."),
            _ => ("UnknownError", "An error was asked for."),
        };
        await (plane switch
        {
            "graph" => GraphAnswer.ErrorAsync(context, clock, status, code, message),
            "defender" => DefenderAnswer.ErrorAsync(context, status, code, message),
            _ => ExporterRoutes.FaultAsync(context, status, message),
        });
    }

    private static async Task WaitForAbortAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>Runs the request into memory, promises the whole body and sends its beginning; Kestrel then closes the connection, because the promise was not kept.</summary>
    private static async Task TearAsync(HttpContext context, RequestDelegate next, int bytes)
    {
        var real = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var whole = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(whole));
        await next(context);
        await context.Response.CompleteAsync();
        context.Features.Set(real);
        var sent = (int)Math.Min(bytes, whole.Length);
        context.Response.ContentLength = Math.Max(whole.Length, sent + 1);
        await real.Stream.WriteAsync(whole.GetBuffer().AsMemory(0, sent), context.RequestAborted);
        await real.Stream.FlushAsync(context.RequestAborted);
    }
}
