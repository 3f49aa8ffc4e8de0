using System.Buffers;
using System.Text;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Bailiwick.Twin.Defender;

/// <summary>
/// Writes one page of a Defender list. <c>$top</c> above the cap answers 400; <c>@odata.nextLink</c> never comes with <c>$top</c>, and
/// without it only when the knob says so. Source: get-alerts 2025-03, field reports 2022 and 2026.
/// </summary>
internal static class DefenderPage
{
    public static Task WriteAsync(
        HttpContext context, PageOptions options, ShelfQuery query, int cap, bool linked, string kind, Func<ShelfQuery, ShelfRowHandler, int> rows, RowWriter write)
    {
        if (options.Top > cap) throw new QueryRefusedException($"The limit of '{cap}' for Top query has been exceeded. The value from the incoming request is '{options.Top}'.");
        var take = options.Top ?? cap;
        linked &= options.Top is null;
        DefenderAnswer.Begin(context, StatusCodes.Status200OK);
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{DefenderAnswer.Root(context.Request)}}/$metadata#{{kind}}","value":["""));
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

    /// <summary>Writes one row; the commas are the page's.</summary>
    internal delegate void RowWriter(IBufferWriter<byte> writer, in ShelfRow row);

    private static string Next(HttpRequest request, string kind, int skip)
    {
        var kept = request.Query.Where(pair => pair.Key is not ("$skip" or "$skiptoken")).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        return QueryHelpers.AddQueryString(
            $"{DefenderAnswer.Root(request)}/{kind.ToLowerInvariant()}", kept.Append(KeyValuePair.Create("$skiptoken", (string?)skip.ToString())));
    }
}
