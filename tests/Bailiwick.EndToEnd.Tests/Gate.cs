using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A point of one exchange between the hub and whoever answers it.</summary>
internal enum GatePoint
{
    /// <summary>Half of the request's body is read; whoever answers knows nothing of it.</summary>
    InRequest,

    /// <summary>The request is answered and what it brought is stored; nothing of the answer is sent.</summary>
    BeforeAnswer,

    /// <summary>Half of the answer's body is sent.</summary>
    InAnswer,

    /// <summary>The answer is sent to its end.</summary>
    AfterAnswer,
}

/// <summary>Stops one of the requests to a path at a point, and those that come after it at the door, so that the hub can be killed at that moment. Open at first. Thread safe.</summary>
internal sealed class Gate(string path)
{
    private Closed? _closed;

    /// <summary>The end of the paths it is about.</summary>
    public string Path => path;

    /// <summary>Whether a request stands at the point.</summary>
    public bool IsReached => Volatile.Read(ref _closed) is { IsReached: true };

    /// <summary>Stops a request at that point, after so many others.</summary>
    public void Close(GatePoint point, int after) => Volatile.Write(ref _closed, new Closed(point, after));

    /// <summary>Breaks the connections of what was stopped and lets everything pass.</summary>
    public void Open() => Interlocked.Exchange(ref _closed, null)?.Opened.SetResult();

    /// <summary>Stands around an answer.</summary>
    public async Task AroundAsync(HttpContext context, RequestDelegate next)
    {
        var closed = context.Request.Path.Value!.EndsWith(path, StringComparison.Ordinal) ? Volatile.Read(ref _closed) : null;
        var turn = closed?.Next() ?? -1;
        if (closed is null || turn < 0)
        {
            await next(context);
            return;
        }

        if (turn == 0) await GoToAsync(closed, context, next);
        await closed.Opened.Task;
        context.Abort();
    }

    private static async Task GoToAsync(Closed closed, HttpContext context, RequestDelegate next)
    {
        switch (closed.Point)
        {
            case GatePoint.InRequest:
                await context.Request.Body.ReadExactlyAsync(new byte[context.Request.ContentLength!.Value / 2]);
                break;
            case GatePoint.BeforeAnswer:
                await RunAsync(context, next);
                break;
            case GatePoint.InAnswer:
                var answer = await RunAsync(context, next);
                context.Response.ContentLength = answer.Length;
                await context.Response.Body.WriteAsync(answer.AsMemory(0, answer.Length / 2));
                await context.Response.Body.FlushAsync();
                break;
            case GatePoint.AfterAnswer:
                await next(context);
                await context.Response.CompleteAsync();
                break;
        }

        closed.IsReached = true;
    }

    /// <summary>Has the request answered into memory, so that nothing of it is sent.</summary>
    private static async Task<byte[]> RunAsync(HttpContext context, RequestDelegate next)
    {
        var real = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var whole = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(whole));
        await next(context);
        await context.Response.CompleteAsync();
        context.Features.Set(real);
        return whole.ToArray();
    }

    private sealed class Closed(GatePoint point, int after)
    {
        private int _seen;
        private volatile bool _isReached;

        public GatePoint Point => point;

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsReached
        {
            get => _isReached;
            set => _isReached = value;
        }

        /// <summary>Which request this is: negative passes, 0 goes to the point, the others wait at the door.</summary>
        public int Next() => Interlocked.Increment(ref _seen) - 1 - after;
    }
}
