using System.Buffers;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Wire.Defender;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Defender;

/// <summary>
/// The XDR API's <c>/api/incidents</c> for imported incidents of that shape: list of at most 100, get; 50 requests a minute. Source:
/// api-list-incidents 2026-08.
/// </summary>
internal sealed class XdrIncidentRoutes(PlaneServices services)
{
    private const int Cap = 100;

    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/incidents", (RequestDelegate)ListAsync).From("api-list-incidents 2026-08");
        routes.MapGet($"{root}/incidents/{{id}}", (RequestDelegate)GetAsync).From("api-list-incidents 2026-08");
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await EnterAsync(context) is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$filter", "$top", "$skip");
            var query = services.SeenBy(caller) with
            {
                IncidentShape = RecordShape.XdrIncident,
                Filter = options.Filter is null ? null : FilterSql.From(options.Filter, DefenderFields.Incidents),
            };
            await DefenderPage.WriteAsync(
                context, options, query, Cap, linked: false, "Incidents", services.Alerts.Shelf.IncidentPage,
                (IBufferWriter<byte> writer, in ShelfRow row) => writer.Write(row.Body));
        }
        catch (QueryRefusedException refused)
        {
            await DefenderAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "ODataError", refused.Message);
        }
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await EnterAsync(context) is not { } caller) return;
        var id = (string)context.GetRouteValue("id")!;
        if (services.FindIncident(caller, id, RecordShape.XdrIncident) is { } incident)
            await DefenderAnswer.EntityAsync(context, "Incidents", incident.Body);
        else await DefenderAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound", $"Incident {id} was not found");
    }

    private ValueTask<World.TwinPrincipal?> EnterAsync(HttpContext context) =>
        DefenderGate.EnterAsync(context, services, DefenderWords.IncidentRead, "xdr-incidents", knobs => (knobs.XdrPerMinute!.Value, knobs.DefenderPerHour!.Value));
}
