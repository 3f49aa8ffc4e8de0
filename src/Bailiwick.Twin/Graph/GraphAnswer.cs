using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph;

/// <summary>Graph's manner of answering: request ids, contexts, the error envelope. Source: graph errors page 2024, security-error-codes 2021.</summary>
internal static class GraphAnswer
{
    /// <summary>The service root as the caller addressed it: own host and version, the prefix only where the twin's own host was called.</summary>
    public static string Root(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        var version = path.Contains("/beta", StringComparison.OrdinalIgnoreCase) && path.IndexOf("/beta", StringComparison.OrdinalIgnoreCase) < 8 ? "beta" : "v1.0";
        return $"{TwinAddress.PlaneBase(request.HttpContext, "/graph")}/{version}";
    }

    /// <summary>Sets what every answer carries.</summary>
    public static void Begin(HttpContext context, int status)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; odata.metadata=minimal; odata.streaming=true; IEEE754Compatible=false; charset=utf-8";
        response.Headers["request-id"] = RequestId(context);
        response.Headers["client-request-id"] = ClientRequestId(context);
        response.Headers["OData-Version"] = "4.0";
    }

    /// <summary>Answers with the error envelope.</summary>
    public static Task ErrorAsync(HttpContext context, PlaneServices services, int status, string code, string message) =>
        ErrorAsync(context, services.Clock, status, code, message);

    /// <inheritdoc cref="ErrorAsync(HttpContext, PlaneServices, int, string, string)"/>
    public static Task ErrorAsync(HttpContext context, TimeProvider clock, int status, string code, string message)
    {
        Begin(context, status);
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                error = new
                {
                    code,
                    message,
                    innerError = new Dictionary<string, string>
                    {
                        ["date"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
                        ["request-id"] = RequestId(context),
                        ["client-request-id"] = ClientRequestId(context),
                    },
                },
            },
            Relaxed.Options);
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Answers with one entity: the stored object with the context in front.</summary>
    public static Task EntityAsync(HttpContext context, string kind, ReadOnlySpan<byte> body)
    {
        Begin(context, StatusCodes.Status200OK);
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{Root(context.Request)}}/$metadata#{{kind}}/$entity","""));
        writer.Write(body[(body.IndexOf((byte)'{') + 1)..]);
        return writer.FlushAsync(context.RequestAborted).AsTask();
    }

    /// <summary>Whether the caller asked for enumeration members after <c>unknownFutureValue</c>.</summary>
    public static bool WantsLateMembers(HttpContext context) =>
        context.Request.Headers.TryGetValue("Prefer", out var prefer) && prefer.ToString().Contains(GraphSecurityWords.IncludeUnknownMembers, StringComparison.OrdinalIgnoreCase);

    private static string RequestId(HttpContext context)
    {
        if (context.Items.TryGetValue(typeof(GraphAnswer), out var known)) return (string)known!;
        var id = Guid.NewGuid().ToString("D");
        context.Items[typeof(GraphAnswer)] = id;
        return id;
    }

    private static string ClientRequestId(HttpContext context) =>
        context.Request.Headers.TryGetValue("client-request-id", out var sent) && Guid.TryParse(sent.ToString(), out var id) ? id.ToString("D") : RequestId(context);
}
