using System.Globalization;
using System.Text.Json;
using Bailiwick.Wire.Entra;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra;

/// <summary>Writes the standard error body of the sign-in service.</summary>
internal static class ErrorAnswer
{
    private const string JsonType = "application/json; charset=utf-8";

    /// <summary>Description with the parts that newer answers separate by spaces.</summary>
    public static (string Description, Guid Trace, Guid Correlation, string Timestamp) Describe(HttpContext context, EntraError error, TimeProvider clock)
    {
        var trace = Guid.NewGuid();
        var correlation = Correlation(context);
        var timestamp = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return ($"AADSTS{error.Code}: {error.Text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}", trace, correlation, timestamp);
    }

    public static Task WriteAsync(HttpContext context, EntraError error, TimeProvider clock)
    {
        var (description, trace, correlation, timestamp) = Describe(context, error, clock);
        var body = new TokenErrorBody
        {
            Error = error.Error,
            ErrorDescription = description,
            ErrorCodes = [error.Code],
            Timestamp = timestamp,
            TraceId = trace.ToString(),
            CorrelationId = correlation.ToString(),
            ErrorUri = $"{TwinAddress.Origin(context)}/error?code={error.Code}",
            SubError = error.SubError,
        };
        context.Response.StatusCode = error.Status;
        context.Response.Headers["x-ms-request-id"] = trace.ToString();
        return WriteJsonAsync(context, body);
    }

    /// <summary>Writes a JSON body that no cache may keep.</summary>
    public static Task WriteJsonAsync<T>(HttpContext context, T body)
    {
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.Pragma = "no-cache";
        return WritePublicJsonAsync(context, body);
    }

    /// <summary>Writes a JSON body that caches may keep.</summary>
    public static async Task WritePublicJsonAsync<T>(HttpContext context, T body)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(body);
        if (context.Request.Headers.ContainsKey("return-client-request-id")) context.Response.Headers["client-request-id"] = Correlation(context).ToString();
        context.Response.ContentType = JsonType;
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    private static Guid Correlation(HttpContext context) =>
        Guid.TryParse(context.Request.Headers["client-request-id"], out var given) || Guid.TryParse(context.Request.Query["client-request-id"], out given) ? given : Guid.NewGuid();
}
