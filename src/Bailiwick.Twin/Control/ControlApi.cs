using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Control;

/// <summary>The control API: prepares the world, moves the clock, breaks answers. Plain HTTP on 127.0.0.1 for programs on this machine, closed to web pages.</summary>
internal sealed partial class ControlApi(TwinServices services, TwinSwitches switches, RequestCounters counters)
{
    private const double MostSeconds = 3_153_600_000;
    private readonly TwinDirectory _directory = services.Directory;
    private readonly ScenarioRecorder _scenario = new(services);

    public void Map(WebApplication app)
    {
        app.Use(RefuseBrowsersAsync);
        app.Use(next =>
        {
            _scenario.Pipeline = context => ExplainAsync(context, next);
            return context => _scenario.RecordAsync(context, _scenario.Pipeline);
        });
        app.UseRouting();
        MapWorld(app);
        MapBehaviour(app);
        MapScenario(app);
    }

    /// <summary>A web page must not drive the twin: no foreign Host (rebinding), no Origin, JSON only.</summary>
    private static Task RefuseBrowsersAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var foreign = request.Host.Host is not ("127.0.0.1" or "localhost") || request.Headers.Origin.Count > 0;
        var body = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        if (!foreign && !(body && !request.HasJsonContentType() && request.ContentType?.StartsWith("application/", StringComparison.OrdinalIgnoreCase) != true)) return next(context);
        return WriteAsync(context, new ControlError("The control API answers programs on this machine that send JSON."), StatusCodes.Status403Forbidden);
    }

    private static async Task ExplainAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (TwinDirectoryException e)
        {
            await WriteAsync(context, new ControlError(e.Message), StatusCodes.Status409Conflict);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or BadHttpRequestException)
        {
            await WriteAsync(context, new ControlError(e.Message), StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpContext context) =>
        await JsonSerializer.DeserializeAsync<T>(context.Request.Body, ControlJson.Options, context.RequestAborted) ?? throw new JsonException("The body is null.");

    /// <summary>Reads one item or an array of them.</summary>
    private static async Task<(List<T> Items, bool Many)> ReadManyAsync<T>(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (body.RootElement.ValueKind == JsonValueKind.Array) return (body.RootElement.Deserialize<List<T>>(ControlJson.Options)!, true);
        return ([body.RootElement.Deserialize<T>(ControlJson.Options) ?? throw new JsonException("The body is null.")], false);
    }

    private static Task WriteAsync<T>(HttpContext context, T value, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, ControlJson.Options, context.RequestAborted);
    }

    private static Task WriteManyAsync<T>(HttpContext context, IReadOnlyList<T> values, bool many) =>
        many ? WriteAsync(context, values, StatusCodes.Status201Created) : WriteAsync(context, values[0], StatusCodes.Status201Created);

    private static Task DoneAsync(HttpContext context, bool found)
    {
        if (!found) return WriteAsync(context, new ControlError("There is nothing by that id."), StatusCodes.Status404NotFound);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private void MapScenario(IEndpointRouteBuilder app)
    {
        app.MapGet("/tenants/{tenant}/snapshot", (HttpContext context, string tenant) => WriteAsync(context, services.Snapshots.Take(Tenant(tenant).Id)));
        app.MapPost("/snapshots", async (HttpContext context) =>
        {
            try
            {
                await WriteAsync(context, _directory.FindTenant(services.Snapshots.Restore(await ReadAsync<JsonObject>(context))));
            }
            catch (FormatException e)
            {
                throw new ArgumentException(e.Message, e);
            }
        });
        app.MapGet("/scenario", (HttpContext context) => WriteAsync(context, _scenario.Read()));
        app.MapPost("/scenario", async (HttpContext context) => await WriteAsync(context, await _scenario.PlayAsync(await ReadAsync<Scenario>(context), context)));
        app.MapDelete("/scenario", (HttpContext context) =>
        {
            _scenario.Reset();
            return DoneAsync(context, true);
        });
    }

    private void MapBehaviour(IEndpointRouteBuilder app)
    {
        app.MapGet("/health", (HttpContext context) => WriteAsync(context, new HealthView("ok", _directory.Tenants.Count, services.Clock.GetUtcNow())));
        app.MapGet("/clock", (HttpContext context) => WriteAsync(context, new ClockView(services.Clock.GetUtcNow(), Fault: services.Timeline.Fault)));
        app.MapPost("/clock", async (HttpContext context) =>
        {
            var change = await ReadAsync<ClockChange>(context);
            if (change.Frozen == true) services.Clock.Freeze();
            if (Math.Abs(change.AdvanceSeconds) > MostSeconds) throw new ArgumentException("advanceSeconds is at most a hundred years.");
            var by = change.To is { } to ? to - services.Clock.GetUtcNow() : TimeSpan.FromSeconds(change.AdvanceSeconds);
            var happened = by == TimeSpan.Zero ? 0 : services.Timeline.Advance(by);
            if (change.Frozen == false) services.Clock.Resume();
            await WriteAsync(context, new ClockView(services.Clock.GetUtcNow(), happened, services.Timeline.Fault));
        });
        app.MapGet("/faults", (HttpContext context) => WriteAsync(context, services.Faults.Rules.Select(rule => new FaultView(rule.Fault, rule.Strikes))));
        app.MapPost("/faults", async (HttpContext context) =>
        {
            var (faults, many) = await ReadManyAsync<TwinFault>(context);
            if (faults.Select(fault => fault.Validate()).FirstOrDefault(fault => fault is not null) is { } wrong) throw new ArgumentException(wrong);
            await WriteManyAsync(context, faults.Select(services.Faults.Add).ToList(), many);
        });
        app.MapDelete("/faults", (HttpContext context) =>
        {
            services.Faults.Clear();
            return DoneAsync(context, true);
        });
        app.MapDelete("/faults/{id:int}", (HttpContext context, int id) => DoneAsync(context, services.Faults.Remove(id)));
        app.MapGet("/requests", (HttpContext context) => WriteAsync(context, counters.Read()));
        app.MapDelete("/requests", (HttpContext context) =>
        {
            counters.Reset();
            return DoneAsync(context, true);
        });
        app.MapGet("/switches", (HttpContext context) => WriteAsync(context, Switches()));
        app.MapPost("/switches", async (HttpContext context) =>
        {
            var wanted = await ReadAsync<SwitchesView>(context);
            if (wanted.StrictRefreshRotation is { } strict) switches.StrictRefreshRotation = strict;
            if (wanted.ImmediateConsentRevocation is { } immediate) switches.ImmediateConsentRevocation = immediate;
            if (wanted.DirectoryLimits is { } limits) switches.DirectoryLimits = limits;
            if (wanted.DirectoryUnits is { } units) switches.DirectoryUnits = units is >= 0 and <= 1_000_000 ? units : throw new ArgumentException("directoryUnits is 0 (by the tenant's size) to 1000000.");
            if (wanted.ReplicationLagSeconds is { } lag) switches.ReplicationLag = lag is >= 0 and <= 3600 ? TimeSpan.FromSeconds(lag) : throw new ArgumentException("replicationLagSeconds is 0 to 3600.");
            await WriteAsync(context, Switches());
        });
    }

    private SwitchesView Switches() => new(switches.StrictRefreshRotation, switches.ImmediateConsentRevocation, switches.ReplicationLag.TotalSeconds, switches.DirectoryLimits, switches.DirectoryUnits);
}
