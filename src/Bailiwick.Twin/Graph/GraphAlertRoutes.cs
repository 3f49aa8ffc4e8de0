using System.Buffers;
using System.Text;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph;

/// <summary><c>/security/alerts_v2</c>: list, get, update, comment. Source: list-alerts_v2 2023–24, alert-update 2022–23.</summary>
internal sealed class GraphAlertRoutes(PlaneServices services)
{
    private const string Kind = "security/alerts_v2";
    private const string Budget = "graph-alerts";
    private static readonly string[] Read = [GraphPermissions.AlertRead, GraphPermissions.AlertReadWrite];
    private static readonly string[] Write = [GraphPermissions.AlertReadWrite];

    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/security/alerts_v2", (RequestDelegate)ListAsync).From("list-alerts_v2 2023");
        routes.MapGet($"{root}/security/alerts_v2/{{id}}", (RequestDelegate)GetAsync).From("list-alerts_v2 2023");
        routes.MapPatch($"{root}/security/alerts_v2/{{id}}", (RequestDelegate)PatchAsync).From("alert-update 2023");
        routes.MapPost($"{root}/security/alerts_v2/{{id}}/comments", (RequestDelegate)CommentAsync).From("alert-update 2023");
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Read, Budget) is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$filter", "$top", "$skip", "$count", "$orderby");
            var knobs = services.Knobs(caller.TenantId);
            var query = services.SeenBy(caller, AlertPlane.Graph) with
            {
                Filter = options.Filter is null ? null : FilterSql.From(options.Filter, GraphFields.Alerts),
                Order = options.Order(knobs, knobs.GraphOrderBy == true, "lastUpdateDateTime", "createdDateTime"),
            };
            var open = GraphAnswer.WantsLateMembers(context);
            var shelf = services.Alerts.Shelf;
            await GraphPage.WriteAsync(
                context, options, knobs, query, knobs.GraphTopCap!.Value, knobs.GraphTopDefault ?? 1000, Kind, shelf.Page, shelf.Count,
                (IBufferWriter<byte> writer, in ShelfRow row) => writer.Write(AlertBodies.Graph(row.Body, row.Late, open)));
        }
        catch (QueryRefusedException refused)
        {
            await BadRequestAsync(context, services, refused);
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Read, Budget) is not { } caller) return;
        if (Find(context, caller) is { } alert) await AnswerAsync(context, alert);
        else await MissingAsync(context);
    }

    private async Task PatchAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Write, Budget) is not { } caller || await IsForbiddenAsync(context, caller)) return;
        try
        {
            var change = GraphBody.Change(await GraphBody.ReadAsync(context), incident: false, ByOf(caller));
            if (Apply(context, caller, change) is { } alert) await AnswerAsync(context, alert);
            else await MissingAsync(context);
        }
        catch (QueryRefusedException refused)
        {
            await BadRequestAsync(context, services, refused);
        }
    }

    private async Task CommentAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Write, Budget) is not { } caller || await IsForbiddenAsync(context, caller)) return;
        try
        {
            var body = await GraphBody.ReadAsync(context);
            if (DefenderShape.Text(body, "comment") is not { Length: > 0 } comment) throw new QueryRefusedException("The property 'comment' is required.");
            if (Apply(context, caller, new AlertChange { Comment = comment, By = ByOf(caller) }) is { } alert) await CommentsAsync(context, alert.Body, Kind);
            else await MissingAsync(context);
        }
        catch (QueryRefusedException refused)
        {
            await BadRequestAsync(context, services, refused);
        }
    }

    /// <summary>Who a comment is signed by.</summary>
    internal static string ByOf(TwinPrincipal caller) => caller.UserName ?? $"API-{caller.AppId:D}";

    /// <summary>400 with an empty code, as seen on a sibling endpoint in 2023, for paging too far; else <c>BadRequest</c>.</summary>
    internal static Task BadRequestAsync(HttpContext context, PlaneServices services, QueryRefusedException refused) =>
        GraphAnswer.ErrorAsync(
            context, services, StatusCodes.Status400BadRequest,
            refused.Code, refused.Message);

    /// <summary>Answers with a record's comments.</summary>
    internal static Task CommentsAsync(HttpContext context, byte[] body, string kind)
    {
        GraphAnswer.Begin(context, StatusCodes.Status200OK);
        var place = JsonEdit.Top(body)["comments"];
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{GraphAnswer.Root(context.Request)}}/$metadata#{{kind}}/comments","value":"""));
        writer.Write(body.AsSpan(place.Start, place.Length));
        writer.Write("}"u8);
        return writer.FlushAsync(context.RequestAborted).AsTask();
    }

    private StoredRecord? Find(HttpContext context, TwinPrincipal caller) => services.Find(caller, (string)context.GetRouteValue("id")!, AlertPlane.Graph);

    private StoredRecord? Apply(HttpContext context, TwinPrincipal caller, AlertChange change)
    {
        if (Find(context, caller) is not { } alert) return null;
        return services.Alerts.Shelf.Edit(
            caller.TenantId, alert.Id, record => AlertShelf.IsOn(record, AlertPlane.Graph), record => change.Apply(record, services.Clock.GetUtcNow().UtcTicks));
    }

    /// <summary>Answers 403 when the caller sees the alert but may not change it.</summary>
    private async Task<bool> IsForbiddenAsync(HttpContext context, TwinPrincipal caller)
    {
        if (Find(context, caller) is not { } alert || services.Refusal(caller, context.Request.Method, alert) is not { } refusal) return false;
        await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status403Forbidden, "Forbidden", refusal);
        return true;
    }

    private static Task AnswerAsync(HttpContext context, StoredRecord alert) =>
        GraphAnswer.EntityAsync(context, Kind, AlertBodies.Graph(alert.Body, alert.Late, GraphAnswer.WantsLateMembers(context)));

    private Task MissingAsync(HttpContext context) =>
        GraphAnswer.ErrorAsync(context, services, StatusCodes.Status404NotFound, "NotFound", $"Alert {context.GetRouteValue("id")} was not found.");
}
