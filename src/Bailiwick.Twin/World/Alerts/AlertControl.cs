using System.Globalization;
using System.Text.Json;
using Bailiwick.Twin.Import;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// The alert planes' part of the control API. Faults answer 400 or 404 with <c>{"error":"one sentence"}</c>; an import also with
/// <c>line</c> and <c>column</c>.
/// </summary>
internal sealed class AlertControl(AlertPlanes planes)
{
    private const int MostAtOnce = 5_000_000;
    private const int MostDays = 36_500;

    public void Map(IEndpointRouteBuilder control)
    {
        control.MapGet("/planes/knobs", Safe(GetKnobs));
        control.MapPut("/planes/knobs", Safe(PutKnobsAsync));
        control.MapPost("/tenants/{tenant}/alerts/generate", Safe(GenerateAsync));
        control.MapPost("/tenants/{tenant}/alerts/raise", Safe(RaiseAsync));
        control.MapPost("/tenants/{tenant}/alerts/storm", Safe(StormAsync));
        control.MapPost("/tenants/{tenant}/alerts/purge", Safe(PurgeAsync));
        control.MapPost("/tenants/{tenant}/alerts/{id}/update", Safe(UpdateAsync));
        control.MapPost("/tenants/{tenant}/alerts/{id}/suppress", Safe(SuppressAsync));
        control.MapGet("/tenants/{tenant}/alerts/count", Safe(CountAsync));
        control.MapPost("/tenants/{tenant}/import", Safe(ImportAsync));
        control.MapPut("/tenants/{tenant}/scopes/{user}", Safe(ScopeAsync));
        control.MapPost("/incidents/merge", Safe(MergeAsync));
        control.MapGet("/alerts/{tenant}/truth", Safe(TruthAsync));
    }

    private Task GetKnobs(HttpContext context)
    {
        var tenant = QueryTenant(context);
        return AnswerAsync(context, new { set = planes.GetKnobs(tenant), effective = planes.EffectiveKnobs(tenant ?? Guid.Empty) });
    }

    private async Task PutKnobsAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        planes.SetKnobs(QueryTenant(context), AlertKnobs.Parse(await reader.ReadToEndAsync(context.RequestAborted)));
        await GetKnobs(context);
    }

    private async Task GenerateAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "count", "from", "to", "seed");
        var count = Count(body, "count", 1, MostAtOnce) ?? throw new FormatException("'count' is required.");
        var tenant = Tenant(context);
        var (from, to, seed) = (Time(body, "from"), Time(body, "to"), Number(body, "seed") ?? 1);
        var generated = await Task.Run(() => planes.Alerts.Generate(tenant, count, from, to, seed), context.RequestAborted);
        await AnswerAsync(context, new { generated });
    }

    private async Task RaiseAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "title", "severity", "description", "category", "recommendedActions", "mitreTechniques", "customDetails", "seed");
        var overrides = body.Where(pair => pair.Key != "seed").ToDictionary();
        await AnswerAsync(context, new { id = planes.Alerts.Raise(Tenant(context), overrides, Number(body, "seed") ?? 1) });
    }

    private async Task StormAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "count");
        await AnswerAsync(context, new { updated = planes.Alerts.Storm(Tenant(context), Count(body, "count", 0, MostAtOnce) ?? 100) });
    }

    private async Task PurgeAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "olderThanDays");
        await AnswerAsync(context, new { removed = planes.Alerts.Purge(Tenant(context), Count(body, "olderThanDays", 0, MostDays) ?? 180) });
    }

    private async Task UpdateAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "status", "assignedTo", "comment", "addEvidence");
        var evidence = !body.TryGetValue("addEvidence", out var add) || add.ValueKind != JsonValueKind.False;
        var id = (string)context.GetRouteValue("id")!;
        if (!planes.Alerts.Update(Tenant(context), id, Text(body, "status"), Text(body, "assignedTo"), Text(body, "comment"), evidence))
            throw new KeyNotFoundException($"There is no alert {id}.");
        await AnswerAsync(context, new { id });
    }

    private async Task SuppressAsync(HttpContext context)
    {
        var id = (string)context.GetRouteValue("id")!;
        if (!planes.Alerts.Suppress(Tenant(context), id)) throw new KeyNotFoundException($"There is no alert {id}.");
        await AnswerAsync(context, new { id });
    }

    private Task CountAsync(HttpContext context)
    {
        var (graph, defender, exporter, incidents) = planes.Alerts.Count(Tenant(context));
        return AnswerAsync(context, new { graph, defender, exporter, incidents });
    }

    private async Task ImportAsync(HttpContext context)
    {
        var (retime, keep) = (Flag(context, "retime"), Flag(context, "keepTenant"));
        using var file = new MemoryStream();
        await context.Request.Body.CopyToAsync(file, context.RequestAborted);
        file.Position = 0;
        var read = planes.Alerts.Import(Tenant(context), file, keep, retime);
        var kinds = read.Records.GroupBy(record => record.Shape).ToDictionary(group => JsonNamingPolicy.CamelCase.ConvertName(group.Key.ToString()), group => group.Count());
        await AnswerAsync(context, new { imported = read.Records.Count, distinct = read.Records.Select(record => (record.Shape, record.Id)).Distinct().Count(), skipped = read.Skipped, kinds });
    }

    private async Task ScopeAsync(HttpContext context)
    {
        if (!Guid.TryParse((string)context.GetRouteValue("user")!, out var user)) throw new FormatException("The person must be given by object id.");
        string[]? groups;
        try
        {
            groups = await JsonSerializer.DeserializeAsync<string[]?>(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException fault)
        {
            throw new FormatException("The body must be a JSON list of device group names, or null for all.", fault);
        }

        planes.SetScope(Tenant(context), user, groups);
        await AnswerAsync(context, new { user, groups });
    }

    private async Task MergeAsync(HttpContext context)
    {
        var body = await BodyAsync(context, "tenantId", "from", "into");
        if (!Guid.TryParse(Text(body, "tenantId"), out var tenant)) throw new FormatException("'tenantId' is required.");
        var moved = planes.Alerts.Merge(tenant, Text(body, "from") ?? "", Text(body, "into") ?? "")
            ?? throw new KeyNotFoundException("Both incidents must exist and differ.");
        await AnswerAsync(context, new { moved });
    }

    private Task TruthAsync(HttpContext context)
    {
        var source = context.Request.Query["source"].ToString();
        return AnswerAsync(context, planes.Alerts.Truth(Tenant(context)).Where(line => source.Length == 0 || line.Source == source));
    }

    private static RequestDelegate Safe(Func<HttpContext, Task> act) => async context =>
    {
        try
        {
            await act(context);
        }
        catch (ImportException fault)
        {
            await AnswerAsync(context, new { error = fault.Message, line = fault.Line, column = fault.Column }, StatusCodes.Status400BadRequest);
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            await AnswerAsync(context, new { error = fault.Message }, StatusCodes.Status400BadRequest);
        }
        catch (KeyNotFoundException fault)
        {
            await AnswerAsync(context, new { error = fault.Message }, StatusCodes.Status404NotFound);
        }
    };

    private static Task AnswerAsync<T>(HttpContext context, T answer, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, Relaxed.Options, context.RequestAborted);
    }

    private static async Task<Dictionary<string, JsonElement>> BodyAsync(HttpContext context, params IReadOnlyList<string> known)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        if (string.IsNullOrWhiteSpace(text)) return [];
        Dictionary<string, JsonElement> body;
        try
        {
            body = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text) ?? [];
        }
        catch (JsonException fault)
        {
            throw new FormatException("The body must be a JSON object.", fault);
        }

        return body.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown
            ? throw new FormatException($"'{unknown}' is not known here; known are {string.Join(", ", known)}.")
            : body;
    }

    private static Guid Tenant(HttpContext context) =>
        Guid.TryParse((string)context.GetRouteValue("tenant")!, out var tenant) ? tenant : throw new FormatException("The tenant must be given by its id.");

    private static Guid? QueryTenant(HttpContext context)
    {
        var text = context.Request.Query["tenant"].ToString();
        if (text.Length == 0) return null;
        return Guid.TryParse(text, out var tenant) ? tenant : throw new FormatException("The tenant must be given by its id.");
    }

    private static bool Flag(HttpContext context, string name) => context.Request.Query[name].ToString() switch
    {
        "" or "false" or "0" => false,
        "true" or "1" => true,
        var other => throw new FormatException($"'{name}' must be true or false, not '{other}'."),
    };

    private static string? Text(Dictionary<string, JsonElement> body, string name)
    {
        if (!body.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : throw new FormatException($"'{name}' must be a string.");
    }

    private static long? Number(Dictionary<string, JsonElement> body, string name)
    {
        if (Text(body, name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException($"'{name}' must be a whole number.");
    }

    private static int? Count(Dictionary<string, JsonElement> body, string name, int least, int most)
    {
        if (Number(body, name) is not { } number) return null;
        return number >= least && number <= most ? (int)number : throw new FormatException($"'{name}' must be between {least} and {most}.");
    }

    private static DateTimeOffset? Time(Dictionary<string, JsonElement> body, string name)
    {
        if (Text(body, name) is not { } text) return null;
        return WireTime.TryParse(text, out var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw new FormatException($"'{name}' must be a time such as 2026-03-01T06:00:00Z.");
    }
}
