using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Bailiwick.Twin.Control;

/// <summary>Keeps every control request that changed something, and plays them again. The clock's own moves are steps like others. Thread safe.</summary>
internal sealed class ScenarioRecorder(TwinServices services)
{
    private const int MostBytes = 64 * 1024 * 1024;
    private const string Own = "/scenario";
    private readonly Lock _gate = new();
    private readonly List<ScenarioStep> _steps = [];
    private DateTimeOffset _startedAt = services.Clock.GetUtcNow();
    private long _bytes;

    /// <summary>The pipeline that played steps go through; the control API sets it once.</summary>
    public RequestDelegate? Pipeline { get; set; }

    /// <summary>What was recorded so far.</summary>
    public Scenario Read()
    {
        lock (_gate) return new Scenario(services.Options.Seed, _startedAt, _bytes <= MostBytes, [.. _steps]);
    }

    /// <summary>Forgets what was recorded and begins anew.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _steps.Clear();
            (_bytes, _startedAt) = (0, services.Clock.GetUtcNow());
        }
    }

    /// <summary>Lets a request pass and keeps it when it changed something.</summary>
    public async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || request.Path.StartsWithSegments(Own))
        {
            await next(context);
            return;
        }

        var at = services.Clock.GetUtcNow();
        if (request.ContentLength > MostBytes)
        {
            await next(context);
            Keep(new ScenarioStep(at, request.Method, request.Path), request.ContentLength.Value);
            return;
        }

        using var copy = new MemoryStream();
        await request.Body.CopyToAsync(copy, context.RequestAborted);
        var body = copy.ToArray();
        request.Body = new MemoryStream(body);
        await next(context);
        if (context.Response.StatusCode is < StatusCodes.Status200OK or >= StatusCodes.Status300MultipleChoices) return;
        var (json, text) = Parse(body);
        Keep(new ScenarioStep(at, request.Method, request.Path.Value + request.QueryString.Value, json, text), body.Length);
    }

    /// <summary>Plays steps in order, moving the clock to each one's time.</summary>
    /// <exception cref="ArgumentException">The scenario is of another seed, not complete, or holds a step that is none.</exception>
    public async Task<PlayedScenario> PlayAsync(Scenario scenario, HttpContext outer)
    {
        if (scenario.Steps is null) throw new ArgumentException("The scenario has no steps.");
        if (!scenario.Complete) throw new ArgumentException("The scenario is not complete: the run had more or larger steps than are kept (64 MiB).");
        if (scenario.Seed != services.Options.Seed) throw new ArgumentException($"The scenario was recorded with seed {scenario.Seed}, this twin runs with {services.Options.Seed}: start one with --seed {scenario.Seed}.");
        if (scenario.Steps.FirstOrDefault(step => !step.Path.StartsWith('/') || step.Path.StartsWith(Own, StringComparison.Ordinal)) is { } wrong) throw new ArgumentException($"'{wrong.Path}' is not a step that can be played.");
        List<string> refused = [];
        services.Clock.Freeze();
        foreach (var step in scenario.Steps)
        {
            if (step.At != services.Clock.GetUtcNow()) services.Timeline.Advance(step.At - services.Clock.GetUtcNow());
            if (await SendAsync(step, outer) is { } sentence) refused.Add($"{step.Method} {step.Path}: {sentence}");
        }

        return new PlayedScenario(scenario.Steps.Count, refused, services.Clock.GetUtcNow());
    }

    private void Keep(ScenarioStep step, long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes + step.Path.Length;
            if (_bytes <= MostBytes) _steps.Add(step);
        }
    }

    private async Task<string?> SendAsync(ScenarioStep step, HttpContext outer)
    {
        var body = step.Body is { } json ? JsonSerializer.SerializeToUtf8Bytes(json) : Encoding.UTF8.GetBytes(step.Text ?? "");
        var question = step.Path.IndexOf('?', StringComparison.Ordinal);
        using var answer = new MemoryStream();
        var features = new FeatureCollection();
        var request = new HttpRequestFeature
        {
            Method = step.Method,
            Scheme = "http",
            Path = Uri.UnescapeDataString(question < 0 ? step.Path : step.Path[..question]),
            QueryString = question < 0 ? "" : step.Path[question..],
            Body = new MemoryStream(body),
            Headers = new HeaderDictionary { ["Host"] = "127.0.0.1", ["Content-Type"] = "application/json" },
        };
        request.Headers.ContentLength = body.Length;
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = outer.RequestAborted });
        var context = new DefaultHttpContext(features) { RequestServices = outer.RequestServices };
        await Pipeline!(context);
        await context.Response.CompleteAsync();
        if (context.Response.StatusCode < StatusCodes.Status300MultipleChoices) return null;
        return answer.Length > 0 ? JsonSerializer.Deserialize<ControlError>(answer.ToArray(), ControlJson.Options)?.Error : $"status {context.Response.StatusCode}";
    }

    private static (JsonElement? Json, string? Text) Parse(byte[] body)
    {
        if (body.Length == 0) return (null, null);
        try
        {
            using var document = JsonDocument.Parse(body);
            return (document.RootElement.Clone(), null);
        }
        catch (JsonException)
        {
            return (null, Encoding.UTF8.GetString(body));
        }
    }
}
