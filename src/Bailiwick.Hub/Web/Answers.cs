using Bailiwick.Api;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Web;

/// <summary>The refusals that endpoints answer with; the only way a problem leaves the hub.</summary>
public static class Answers
{
    /// <summary>The content type of every refusal.</summary>
    public const string ProblemContentType = "application/problem+json";

    /// <summary>A refusal of a kind.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="detail">What is wrong with this request and what to change; no secret, no path, no SQL.</param>
    /// <param name="errors">Faults by field.</param>
    /// <param name="retryAfter">When to ask again.</param>
    public static IResult Refuse(ProblemType type, string detail, IReadOnlyDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null) =>
        new ProblemAnswer(type, detail, errors, retryAfter);

    /// <summary>Unknown, or foreign: the same words for both.</summary>
    /// <param name="what">A fixed noun such as <c>sink</c>.</param>
    public static IResult NotFound(string what) => Refuse(Problems.NotFound, $"There is no such {what}, or it is not yours to see.");

    /// <summary>A rule is broken in one field.</summary>
    public static IResult RuleBroken(string field, string fault) =>
        Refuse(Problems.RuleBroken, fault, new Dictionary<string, string[]> { [field] = [fault] });

    /// <summary>Writes a refusal to an answer that has not begun.</summary>
    public static Task WriteAsync(
        HttpContext context, ProblemType type, string? detail, IReadOnlyDictionary<string, string[]>? errors = null, TimeSpan? retryAfter = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(type);
        context.Response.StatusCode = type.Status;
        if (retryAfter is { } after)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var traceId = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        var problem = new Problem(type.Uri, type.Title, type.Status, detail, errors, traceId);
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Strict, ProblemContentType, context.RequestAborted);
    }

    private sealed class ProblemAnswer(ProblemType type, string detail, IReadOnlyDictionary<string, string[]>? errors, TimeSpan? retryAfter) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => type.Status;

        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, type, detail, errors, retryAfter);
    }
}
