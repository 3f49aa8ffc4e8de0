using System.Buffers;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph;

/// <summary><c>/security/incidents</c>: list, get, update, comment, alerts. Source: list-incidents 2022–23, security-incident 2022, migration page 2026-05.</summary>
internal sealed class GraphIncidentRoutes(PlaneServices services)
{
    private const string Kind = "security/incidents";
    private const string Budget = "graph-incidents";
    private const int Standard = 50;
    private static readonly string[] Read = [GraphPermissions.IncidentRead, GraphPermissions.IncidentReadWrite];
    private static readonly string[] Write = [GraphPermissions.IncidentReadWrite];

    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/security/incidents", (RequestDelegate)ListAsync).From("list-incidents 2023");
        routes.MapGet($"{root}/security/incidents/{{id}}", (RequestDelegate)GetAsync).From("security-incident 2022");
        routes.MapPatch($"{root}/security/incidents/{{id}}", (RequestDelegate)PatchAsync).From("security-incident 2022");
        routes.MapPost($"{root}/security/incidents/{{id}}/comments", (RequestDelegate)CommentAsync).From("security-incident 2022");
        routes.MapGet($"{root}/security/incidents/{{id}}/alerts", (RequestDelegate)AlertsAsync).From("security-incident 2022");
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Read, Budget) is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$filter", "$top", "$skip", "$count", "$orderby", "$expand");
            var knobs = services.Knobs(caller.TenantId);
            var query = services.SeenBy(caller) with
            {
                Filter = options.Filter is null ? null : FilterSql.From(options.Filter, GraphFields.Incidents),
                Order = options.Order(knobs, knobs.GraphOrderBy == true, "lastUpdateDateTime", "createdDateTime"),
            };
            var expand = Expands(options);
            var (standard, cap) = (knobs.GraphTopDefault ?? Standard, knobs.IncidentTopCap!.Value);
            if (expand && AlertsOnPage(caller, query with { Skip = options.Start, Take = Math.Min(options.Top ?? standard, cap) }) > knobs.ExpandAlertsLimit)
            {
                await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status500InternalServerError, "InternalServerError", "An internal server error occurred.");
                return;
            }

            var open = GraphAnswer.WantsLateMembers(context);
            var shelf = services.Alerts.Shelf;
            await GraphPage.WriteAsync(
                context, options, knobs, query, cap, standard, Kind, shelf.IncidentPage, shelf.CountIncidents,
                (IBufferWriter<byte> writer, in ShelfRow row) => WriteIncident(writer, row.Body, row.Late, open, expand ? caller : null));
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Read, Budget) is not { } caller) return;
        try
        {
            var expand = Expands(PageOptions.Read(context.Request.Query, "$expand"));
            if (Find(context, caller) is not { } incident)
            {
                await MissingAsync(context);
                return;
            }

            var buffer = new ArrayBufferWriter<byte>();
            WriteIncident(buffer, incident.Body, incident.Late, GraphAnswer.WantsLateMembers(context), expand ? caller : null);
            await GraphAnswer.EntityAsync(context, Kind, buffer.WrittenSpan);
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private async Task PatchAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Write, Budget) is not { } caller) return;
        try
        {
            var body = await GraphBody.ReadAsync(context);
            var by = GraphAlertRoutes.ByOf(caller);
            var change = GraphBody.Change(body, incident: true, by);
            var further = body.EnumerateObject().Where(property => GraphBody.IncidentTexts.Contains(property.Name)).Select(property => (property.Name, property.Value.GetRawText()));
            var incident = Edit(context, caller, record => JsonEdit.Set(
                change.Apply(record, services.Clock.GetUtcNow().UtcTicks), [.. further, ("lastModifiedBy", JsonEdit.Quote(by))]));
            if (incident is null) await MissingAsync(context);
            else await GraphAnswer.EntityAsync(context, Kind, AlertBodies.Graph(incident.Body, incident.Late, GraphAnswer.WantsLateMembers(context), incident: true));
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private async Task CommentAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Write, Budget) is not { } caller) return;
        try
        {
            var body = await GraphBody.ReadAsync(context);
            if (DefenderShape.Text(body, "comment") is not { Length: > 0 } comment) throw new QueryRefusedException("The property 'comment' is required.");
            var change = new AlertChange { Comment = comment, By = GraphAlertRoutes.ByOf(caller) };
            var incident = Edit(context, caller, record => change.Apply(record, services.Clock.GetUtcNow().UtcTicks));
            if (incident is null) await MissingAsync(context);
            else await GraphAlertRoutes.CommentsAsync(context, incident.Body, Kind);
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private async Task AlertsAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, Read, Budget) is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$top", "$skip", "$count");
            if (Find(context, caller) is not { } incident)
            {
                await MissingAsync(context);
                return;
            }

            var open = GraphAnswer.WantsLateMembers(context);
            var knobs = services.Knobs(caller.TenantId);
            var shelf = services.Alerts.Shelf;
            await GraphPage.WriteAsync(
                context, options, knobs, OfIncident(incident.Id, caller), knobs.GraphTopCap!.Value, knobs.GraphTopDefault ?? 1000,
                $"{Kind}/{incident.Id}/alerts", shelf.Page, shelf.Count,
                (IBufferWriter<byte> writer, in ShelfRow row) => writer.Write(AlertBodies.Graph(row.Body, row.Late, open)));
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private void WriteIncident(IBufferWriter<byte> writer, ReadOnlySpan<byte> body, bool late, bool open, TwinPrincipal? expandFor)
    {
        var shown = AlertBodies.Graph(body, late, open, incident: true);
        if (expandFor is null)
        {
            writer.Write(shown);
            return;
        }

        writer.Write(shown[..shown.LastIndexOf((byte)'}')]);
        writer.Write(",\"alerts\":["u8);
        var written = 0;
        services.Alerts.Shelf.Page(OfIncident(AlertColumns.Read(RecordShape.GraphIncident, body).Id!, expandFor), (in ShelfRow row) =>
        {
            if (written++ > 0) writer.Write(","u8);
            writer.Write(AlertBodies.Graph(row.Body, row.Late, open));
        });
        writer.Write("]}"u8);
    }

    private long AlertsOnPage(TwinPrincipal caller, ShelfQuery query)
    {
        long alerts = 0;
        services.Alerts.Shelf.IncidentPage(query, (in ShelfRow row) =>
            alerts += services.Alerts.Shelf.Count(OfIncident(AlertColumns.Read(row.Shape, row.Body).Id!, caller)));
        return alerts;
    }

    private ShelfQuery OfIncident(string id, TwinPrincipal caller) => services.SeenBy(caller, AlertPlane.Graph) with { Incident = NumberOf(id) };

    private static long NumberOf(string id) => long.TryParse(id, out var number) ? number : -1;

    private static bool Expands(PageOptions options) => options.Expand switch
    {
        null => false,
        "alerts" => true,
        var other => throw new QueryRefusedException($"'{other}' cannot be expanded."),
    };

    private StoredRecord? Find(HttpContext context, TwinPrincipal caller) => services.FindIncident(caller, (string)context.GetRouteValue("id")!, RecordShape.GraphIncident);

    private StoredRecord? Edit(HttpContext context, TwinPrincipal caller, Func<StoredRecord, byte[]> change) =>
        Find(context, caller) is { } incident ? services.Alerts.Shelf.EditIncident(caller.TenantId, incident.Id, change) : null;

    private Task MissingAsync(HttpContext context) =>
        GraphAnswer.ErrorAsync(context, services, StatusCodes.Status404NotFound, "NotFound", $"Incident {context.GetRouteValue("id")} was not found.");
}
