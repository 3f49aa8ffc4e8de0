using System.Buffers;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Defender;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Defender;

/// <summary><c>/api/alerts</c>: list, get, update, batchUpdate. Source: get-alerts 2025-03, update-alert 2023-11, batch-update-alerts 2025-03.</summary>
internal sealed class DefenderAlertRoutes(PlaneServices services)
{
    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/alerts", (RequestDelegate)ListAsync).From("get-alerts 2025-03");
        routes.MapGet($"{root}/alerts/{{id}}", (RequestDelegate)GetAsync).From("get-alerts 2025-03");
        routes.MapPatch($"{root}/alerts/{{id}}", (RequestDelegate)PatchAsync).From("update-alert 2023-11");
        routes.MapPost($"{root}/alerts/batchUpdate", (RequestDelegate)BatchAsync).From("batch-update-alerts 2025-03");
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await EnterAsync(context, DefenderWords.AlertRead, "defender-alerts") is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$filter", "$top", "$skip", "$expand", "$orderby");
            var knobs = services.Knobs(caller.TenantId);
            var evidence = options.Expand switch
            {
                null => false,
                _ when string.Equals(options.Expand, "evidence", StringComparison.OrdinalIgnoreCase) => true,
                var other => throw new QueryRefusedException($"Could not find a property named '{other}' to expand."),
            };
            var query = services.SeenBy(caller, AlertPlane.Defender) with
            {
                Filter = options.Filter is null ? null : FilterSql.From(options.Filter, DefenderFields.Alerts),
                Order = options.Order(knobs, knobs.DefenderOrderBy == true, "lastUpdateTime", "alertCreationTime"),
            };
            await DefenderPage.WriteAsync(
                context, options, query, knobs.DefenderTopCap!.Value, knobs.DefenderNextLink == true, "Alerts", services.Alerts.Shelf.Page,
                (IBufferWriter<byte> writer, in ShelfRow row) => writer.Write(AlertBodies.Defender(row, evidence)));
        }
        catch (QueryRefusedException refused)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "ODataError", refused.Message);
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await EnterAsync(context, DefenderWords.AlertRead, "defender-alert") is not { } caller) return;
        if (Find(caller, Id(context)) is { } alert) await AnswerAsync(context, alert);
        else await MissingAsync(context, Id(context));
    }

    private async Task PatchAsync(HttpContext context)
    {
        if (await EnterAsync(context, DefenderWords.AlertWrite, "defender-update") is not { } caller || await IsForbiddenAsync(context, caller, [Id(context)])) return;
        try
        {
            var (change, _) = await DefenderBody.ReadAsync(context, ByOf(caller), batch: false);
            if (Apply(caller, Id(context), change) is { } alert) await AnswerAsync(context, alert);
            else await MissingAsync(context, Id(context));
        }
        catch (BodyRefusedException refused)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, refused.Code, refused.Message);
        }
    }

    private async Task BatchAsync(HttpContext context)
    {
        var entered = await DefenderGate.EnterAsync(
            context, services, DefenderWords.AlertWrite, "defender-batch", knobs => (knobs.BatchPerMinute!.Value, knobs.BatchPerHour!.Value));
        if (entered is not { } caller) return;
        try
        {
            var (change, ids) = await DefenderBody.ReadAsync(context, ByOf(caller), batch: true);
            if (ids.FirstOrDefault(id => Find(caller, id) is null) is { } missing)
            {
                await MissingAsync(context, missing);
                return;
            }

            if (await IsForbiddenAsync(context, caller, ids)) return;
            foreach (var id in ids) Apply(caller, id, change);
            context.Response.StatusCode = StatusCodes.Status200OK;
        }
        catch (BodyRefusedException refused)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, refused.Code, refused.Message);
        }
    }

    private ValueTask<TwinPrincipal?> EnterAsync(HttpContext context, IReadOnlyList<string> permissions, string budget) =>
        DefenderGate.EnterAsync(context, services, permissions, budget, knobs => (knobs.DefenderPerMinute!.Value, knobs.DefenderPerHour!.Value));

    private StoredRecord? Find(TwinPrincipal caller, string id) => services.Find(caller, id, AlertPlane.Defender);

    private StoredRecord? Apply(TwinPrincipal caller, string id, AlertChange change) =>
        Find(caller, id) is null
            ? null
            : services.Alerts.Shelf.Edit(
                caller.TenantId, id, record => AlertShelf.IsOn(record, AlertPlane.Defender), record => change.Apply(record, services.Clock.GetUtcNow().UtcTicks));

    /// <summary>Answers 403 when the caller sees one of the alerts but may not change it.</summary>
    private async Task<bool> IsForbiddenAsync(HttpContext context, TwinPrincipal caller, IEnumerable<string> ids)
    {
        if (ids.Select(id => Find(caller, id) is { } alert ? services.Refusal(caller, context.Request.Method, alert) : null).FirstOrDefault(fault => fault is not null) is not { } refusal) return false;
        await DefenderAnswer.ErrorAsync(context, StatusCodes.Status403Forbidden, "Forbidden", refusal);
        return true;
    }

    private static Task AnswerAsync(HttpContext context, StoredRecord alert) =>
        DefenderAnswer.EntityAsync(context, "Alerts", AlertBodies.Defender(alert.Shape, alert.Body, alert.Investigation, evidence: true));

    private static Task MissingAsync(HttpContext context, string id) =>
        DefenderAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound", $"Alert {id} was not found");

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;

    private static string ByOf(TwinPrincipal caller) => caller.UserName ?? $"API-{caller.AppId:D}";
}
