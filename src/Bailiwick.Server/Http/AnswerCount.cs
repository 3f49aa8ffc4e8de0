using System.Diagnostics.Metrics;
using Bailiwick.Hub.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Server.Http;

/// <summary>Counts answers by class of status.</summary>
internal sealed class AnswerCount : IDisposable
{
    private readonly Meter _meter = new(Meters.Server);
    private readonly Counter<long> _answers;

    public AnswerCount() => _answers = Instruments.Answers.Counter(_meter);

    public async Task Count(HttpContext context, RequestDelegate next)
    {
        await next(context);
        _answers.Add(1, KeyValuePair.Create<string, object?>(Labels.Result, (context.Response.StatusCode / 100) switch { 2 => "2xx", 3 => "3xx", 4 => "4xx", _ => "5xx" }));
    }

    public void Dispose() => _meter.Dispose();
}
