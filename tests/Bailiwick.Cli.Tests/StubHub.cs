using System.Collections.Concurrent;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Cli.Tests;

/// <summary>A web server on 127.0.0.1 that plays the hub's REST API: each address answers what a test laid out, and every request is kept.</summary>
internal sealed class StubHub : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new(StringComparer.Ordinal);

    private LocalWeb _web = null!;

    private StubHub()
    {
    }

    public Uri Address => _web.Address();

    public ConcurrentQueue<Seen> Requests { get; } = new();

    public static async Task<StubHub> StartAsync()
    {
        var hub = new StubHub();
        hub._web = await LocalWeb.StartAsync(hub.AnswerAsync);
        return hub;
    }

    public StubHub Answers<T>(string method, string path, T answer) =>
        Answers(method, path, context => context.Response.WriteAsync(JsonSerializer.Serialize(answer, ApiJson.Strict)), "application/json");

    public StubHub Refuses(string method, string path, ProblemType type, string detail, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Answers(
            method,
            path,
            context =>
            {
                context.Response.StatusCode = type.Status;
                return context.Response.WriteAsync(JsonSerializer.Serialize(new Problem(type.Uri, type.Title, type.Status, detail, errors, "trace-1"), ApiJson.Strict));
            },
            "application/problem+json");

    public StubHub Answers(string method, string path, Func<HttpContext, Task> answer, string contentType)
    {
        _answers[$"{method} {path}"] = context =>
        {
            context.Response.ContentType = contentType;
            return answer(context);
        };
        return this;
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = context.Request;
        Requests.Enqueue(new Seen(request.Method, request.Path, request.QueryString.Value ?? "", request.Headers.Authorization.ToString(), await reader.ReadToEndAsync()));
        if (_answers.TryGetValue($"{request.Method} {request.Path}", out var answer)) await answer(context);
        else context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    public sealed record Seen(string Method, string Path, string Query, string Authorization, string Body);
}
