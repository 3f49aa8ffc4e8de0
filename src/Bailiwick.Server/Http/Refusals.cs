using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server.Http;

/// <summary>Makes a problem document out of everything that is not a good answer: exceptions, and statuses that came without a body.</summary>
internal sealed partial class Refusals(ILogger<Refusals> logger)
{
    public async Task Catch(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody is listening any more
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var (type, detail, errors) = Explain(e);
            await Answers.WriteAsync(context, type, detail, errors);
            return;
        }
        catch (VaultSealedException) when (!context.Response.HasStarted)
        {
            await OperatorProblems.Sealed().ExecuteAsync(context);
            return;
        }
        catch (SealBrokenException e) when (!context.Response.HasStarted)
        {
            Log.SealBroken(logger, e.Table, e.RowId);
            await Answers.WriteAsync(context, Problems.Unavailable, e.Message, retryAfter: TimeSpan.FromMinutes(5));
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "none", e);
            context.Response.Clear();
            await Answers.WriteAsync(context, Problems.Internal, "The hub could not answer because of a fault of its own; its log has the trace id.");
            return;
        }

        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0, ContentType: null }) await FillAsync(context);
    }

    private static Task FillAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var detail = status switch
        {
            StatusCodes.Status401Unauthorized => "Send an API key that is valid: Authorization: Bearer <key>.",
            StatusCodes.Status403Forbidden => "Your key does not allow this.",
            StatusCodes.Status404NotFound => "There is nothing at this address; see /openapi/v1.json.",
            StatusCodes.Status405MethodNotAllowed => $"This address takes {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json.",
            _ => null,
        };
        var type = Problems.OfStatus(status);
        return Answers.WriteAsync(context, type.Status == status ? type : type with { Status = status }, detail);
    }

    private static (ProblemType Type, string Detail, IReadOnlyDictionary<string, string[]>? Errors) Explain(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => (Problems.TooLarge, "Send less at once: 1 MiB, imports 10 MiB.", null),
        StatusCodes.Status415UnsupportedMediaType => (Problems.UnsupportedMediaType, "Send the body as application/json.", null),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => (Problems.HeadersTooLarge, "Send fewer or shorter headers.", null),
        _ when e.InnerException is JsonException json => ExplainJson(json),
        _ => (Problems.InvalidInput, Parameter(e.Message), null),
    };

    private static (ProblemType Type, string Detail, IReadOnlyDictionary<string, string[]>? Errors) ExplainJson(JsonException json)
    {
        var path = string.IsNullOrEmpty(json.Path) ? "$" : json.Path;
        var place = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
        var fault = json.Message switch
        {
            var text when text.Contains("could not be mapped to any .NET member", StringComparison.Ordinal) => $"unknown member{Quoted(text)}",
            var text when text.Contains("missing required properties including:", StringComparison.Ordinal) =>
                "missing " + text[(text.IndexOf("including:", StringComparison.Ordinal) + 10)..].Split(". Path", 2)[0].TrimEnd('.', ' ').Trim(),
            var text when text.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) => "the same member twice",
            var text when text.Contains("maximum configured depth", StringComparison.Ordinal) => "nested deeper than 64",
            var text when text.Contains("could not be converted", StringComparison.Ordinal) || text.Contains("cannot be null", StringComparison.OrdinalIgnoreCase)
                || text.Contains("doesn't allow null", StringComparison.OrdinalIgnoreCase) || text.Contains("does not allow null", StringComparison.OrdinalIgnoreCase) => "a value of the wrong type",
            var text when text.StartsWith("A tenant id", StringComparison.Ordinal) || text.StartsWith("A customer id", StringComparison.Ordinal) => text.Split(" Path", 2)[0],
            _ => "not valid JSON",
        };
        return (Problems.InvalidInput, $"The JSON cannot be read at {path}{place}: {fault}.", new Dictionary<string, string[]> { [path] = [fault] });
    }

    private static string Quoted(string text)
    {
        var parts = text.Split('\'');
        return parts.Length > 1 && parts[1].Length <= 64 ? $" '{parts[1]}'" : "";
    }

    /// <summary>ASP.NET's own words name the parameter and its C# type; people need only the former.</summary>
    private static string Parameter(string message)
    {
        var parts = message.Split('"');
        var name = parts.Length > 1 ? parts[1].Split(' ')[^1] : null;
        return name is null ? "The request cannot be read." : $"The value of \"{name}\" is missing or cannot be read; see /openapi/v1.json for its form.";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A fault of the hub itself ended {Method} {Endpoint}")]
        public static partial void Failed(ILogger logger, string method, string endpoint, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "Row {RowId} of {Table} was changed outside the hub and is not used")]
        public static partial void SealBroken(ILogger logger, string table, string rowId);
    }
}
