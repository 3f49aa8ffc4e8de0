using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Defender;

/// <summary>Defender's manner of answering. Source: get-alerts 2025-03 (context echoes the host called), common-errors 2020-12 (envelope and codes).</summary>
internal static class DefenderAnswer
{
    /// <summary>The API root as the caller addressed it.</summary>
    public static string Root(HttpRequest request) => $"{TwinAddress.PlaneBase(request.HttpContext, "/defender")}/api";

    /// <summary>Sets what every answer carries.</summary>
    public static void Begin(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; odata.metadata=minimal; charset=utf-8";
        context.Response.Headers["OData-Version"] = "4.0";
    }

    /// <summary>Answers with the error envelope; <c>target</c> is a correlation id.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string code, string message)
    {
        Begin(context, status);
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = JsonSerializer.SerializeToUtf8Bytes(new { error = new { code, message, target = Guid.NewGuid().ToString("D") } }, Relaxed.Options);
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Answers with one entity: the object with the context in front.</summary>
    public static Task EntityAsync(HttpContext context, string kind, ReadOnlySpan<byte> body)
    {
        Begin(context, StatusCodes.Status200OK);
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{Root(context.Request)}}/$metadata#{{kind}}/$entity","""));
        writer.Write(body[(body.IndexOf((byte)'{') + 1)..]);
        return writer.FlushAsync(context.RequestAborted).AsTask();
    }
}
