using System.Buffers;
using System.Text;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// Writes one page of a Graph list, stitched from stored bytes. <c>$top</c> above the cap is clamped, <c>$skip</c> above the cap is refused.
/// Source: list-alerts_v2 2023, field reports 2026-07.
/// </summary>
internal static class GraphPage
{
    /// <summary>Runs the query of a page and hands each row to the handler.</summary>
    internal delegate int Rows(ShelfQuery query, ShelfRowHandler handler);

    /// <summary>Writes one row; the commas are the page's.</summary>
    internal delegate void RowWriter(IBufferWriter<byte> writer, in ShelfRow row);

    public static Task WriteAsync(
        HttpContext context, PageOptions options, AlertKnobs knobs, ShelfQuery query, int cap, int standard, string kind, Rows rows, Func<ShelfQuery, long> count,
        RowWriter write)
    {
        if (options.Skip > knobs.GraphSkipCap) throw new QueryRefusedException($"$skip={options.Skip} cannot exceed {knobs.GraphSkipCap}", code: "");
        var take = Math.Min(options.Top ?? standard, cap);
        GraphAnswer.Begin(context, StatusCodes.Status200OK);
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{GraphAnswer.Root(context.Request)}}/$metadata#{{kind}}","""));
        if (options.Count) writer.Write(Encoding.UTF8.GetBytes($"\"@odata.count\":{count(query)},"));
        writer.Write("\"value\":["u8);
        var linked = knobs.GraphNextLink == true && take > 0;
        var (written, more) = (0, false);
        rows(query with { Skip = options.Start, Take = linked ? take + 1 : take }, (in ShelfRow row) =>
        {
            if (written == take)
            {
                more = true;
                return;
            }

            if (written++ > 0) writer.Write(","u8);
            write(writer, row);
        });
        writer.Write("]"u8);
        if (more) writer.Write(Encoding.UTF8.GetBytes($",\"@odata.nextLink\":{JsonEdit.Quote(Next(context.Request, kind, options.Start + take))}"));
        writer.Write("}"u8);
        return writer.FlushAsync(context.RequestAborted).AsTask();
    }

    private static string Next(HttpRequest request, string kind, int skip)
    {
        var kept = request.Query.Where(pair => pair.Key is not ("$skip" or "$skiptoken")).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        return QueryHelpers.AddQueryString($"{GraphAnswer.Root(request)}/{kind}", kept.Append(KeyValuePair.Create("$skiptoken", (string?)skip.ToString())));
    }
}
