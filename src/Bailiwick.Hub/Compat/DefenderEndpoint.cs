using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Defender;
using Bailiwick.Hub.Operators;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Bailiwick.Hub.Compat;

/// <summary>Defender's alert list, answered for every customer that the caller may see: the present state of each alert.</summary>
internal static class DefenderEndpoint
{
    private const int FlushBytes = 64 * 1024;

    public static async Task<IResult> GetAsync(HttpContext http, CompatMarks marks, CompatRows rows, CancellationToken cancellationToken)
    {
        DefenderQuery query;
        try
        {
            query = DefenderQuery.Read(http.Request.Query);
        }
        catch (DefenderFilterException fault)
        {
            return Refuse(fault.Message);
        }

        var owners = await rows.TenantsAsync(http.GetPrincipal(), cancellationToken);
        await marks.AdvanceAsync(cancellationToken);
        var all = await FindAsync(query, rows, owners, cancellationToken);
        var page = all.Take(query.Top ?? DefenderQuery.MaxTop).ToList();
        http.Response.ContentType = "application/json; odata.metadata=minimal; charset=utf-8";
        await WriteAsync(http, query, page, all.Count > page.Count, rows, owners, cancellationToken);
        return Results.Empty;
    }

    /// <summary>The places of one page and one more, if there is more.</summary>
    private static async Task<IReadOnlyList<CompatKey>> FindAsync(
        DefenderQuery query, CompatRows rows, Dictionary<long, Customers.TenantRecord> owners, CancellationToken cancellationToken)
    {
        var values = new DynamicParameters();
        var found = rows.ListAsync(Select(query, owners.Keys, values), values, cancellationToken);
        var rest = query.Filter?.Conjuncts.Where(part => !part.IsSql).ToList() ?? [];
        return rest.Count == 0 ? await found.Select(one => one.Key).ToListAsync(cancellationToken) : await SiftAsync(query, rest, found, rows, owners, cancellationToken);
    }

    /// <summary>
    /// What SQL decides of a question. Reads the alerts of these tenants and, of the log, only what must be known of them; with parts that SQL does not
    /// decide, all that the others leave.
    /// </summary>
    internal static string Select(DefenderQuery query, IEnumerable<long> tenantKeys, DynamicParameters values)
    {
        var conjuncts = query.Filter?.Conjuncts.ToList() ?? [];
        var decides = conjuncts.TrueForAll(part => part.IsSql);
        values.Add("skip", decides ? query.Skip : 0);
        values.Add("take", decides ? (query.Top ?? DefenderQuery.MaxTop) + 1 : int.MaxValue);
        var end = conjuncts.OfType<DefenderFilter.Compare>().FirstOrDefault(DefenderFilter.IsEnd);
        var where = string.Concat(conjuncts.Where(part => part.IsSql).Select(part => $" AND {part.ToSql(values, end)}"));
        var late = ""; // what holds only because it came into sight late stands behind what holds by its own time, so a short page never loses the latter
        if (conjuncts.OfType<DefenderFilter.Compare>().FirstOrDefault(DefenderFilter.IsCursor) is { } cursor)
        {
            values.Add("cursor", ((DateTimeOffset)cursor.Value!).UtcTicks);
            late = $"CASE WHEN a.updated_at {(cursor.Operator == "gt" ? ">" : ">=")} @cursor THEN 0 ELSE 1 END, ";
        }

        var seen =
            $"""
            (SELECT {CompatMarks.SeenAt} FROM compat_marks k JOIN alert_log l ON l.tenant_key = a.tenant_key AND l.log_number = a.log_number
             WHERE k.tenant_key = a.tenant_key AND k.log_number >= a.log_number ORDER BY k.log_number LIMIT 1)
            """;
        return
            $"""
            SELECT a.tenant_key AS TenantKey, a.log_number AS LogNumber, {(decides ? "0" : seen)} AS SeenAt, a.alert_id AS AlertId, a.updated_at AS UpdatedAt,
                   a.created_at AS CreatedAt, a.severity AS Severity, a.status AS Status
            FROM alerts a
            WHERE {CompatRows.Only("a.tenant_key", tenantKeys)} AND a.source <> 'GraphIncidents'
                AND a.log_number <= COALESCE((SELECT MAX(k.log_number) FROM compat_marks k WHERE k.tenant_key = a.tenant_key), 0)
                AND (a.source = 'DefenderAlerts' OR NOT EXISTS (
                    SELECT 1 FROM alerts d WHERE d.tenant_key = a.tenant_key AND d.source = 'DefenderAlerts' AND d.alert_id = a.alert_id)){where}
            ORDER BY {late}a.{query.Order}, a.tenant_key, a.source, a.alert_id LIMIT @take OFFSET @skip
            """;
    }

    /// <summary>Keeps what the parts of the filter hold for that only the alert itself can tell.</summary>
    private static async Task<IReadOnlyList<CompatKey>> SiftAsync(
        DefenderQuery query,
        List<DefenderFilter> rest,
        IAsyncEnumerable<(CompatKey Key, DefenderRow Row)> found,
        CompatRows rows,
        Dictionary<long, Customers.TenantRecord> owners,
        CancellationToken cancellationToken)
    {
        var kept = new List<CompatKey>();
        var passed = 0;
        await foreach (var chunk in found.Chunk(CompatRows.Chunk).WithCancellation(cancellationToken))
        {
            var byKey = chunk.ToDictionary(one => one.Key, one => one.Row);
            await foreach (var (key, alert) in rows.ReadAsync([.. chunk.Select(one => one.Key)], owners, cancellationToken))
            {
                if (!Holds(rest, alert, byKey[key])) continue;
                if (passed++ < query.Skip) continue;
                kept.Add(key);
                if (kept.Count > (query.Top ?? DefenderQuery.MaxTop)) return kept;
            }
        }

        return kept;
    }

    private static bool Holds(List<DefenderFilter> rest, AlertRecord alert, DefenderRow row)
    {
        try
        {
            using var view = AlertView.Rent(alert.Version.Raw);
            return rest.TrueForAll(part => part.Holds(view, row));
        }
        catch (UnreadableAlertException)
        {
            return true; // what cannot be read is shown rather than left out
        }
    }

    private static async Task WriteAsync(
        HttpContext http,
        DefenderQuery query,
        IReadOnlyList<CompatKey> page,
        bool more,
        CompatRows rows,
        IReadOnlyDictionary<long, Customers.TenantRecord> owners,
        CancellationToken cancellationToken)
    {
        var output = http.Response.BodyWriter;
        var root = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}/compat/defender/api/";
        output.Write("{\"@odata.context\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(root + "$metadata#Alerts"));
        output.Write(",\"value\":["u8);
        var record = new ArrayBufferWriter<byte>();
        var (written, unflushed) = (0, 0);
        await foreach (var (_, alert) in rows.ReadAsync(page, owners, cancellationToken))
        {
            record.ResetWrittenCount();
            WriteAlert(record, alert);
            if (written++ > 0) output.Write(","u8);
            output.Write(record.WrittenSpan);
            if ((unflushed += record.WrittenCount) < FlushBytes) continue;
            unflushed = 0;
            await output.FlushAsync(cancellationToken);
        }

        output.Write("]"u8);
        if (more && query.Top is null)
        {
            var left = http.Request.Query.Where(pair => !pair.Key.Equals("$skip", StringComparison.OrdinalIgnoreCase))
                .Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value.ToString()))
                .Append(KeyValuePair.Create<string, string?>("$skip", (query.Skip + page.Count).ToString(System.Globalization.CultureInfo.InvariantCulture)));
            output.Write(",\"@odata.nextLink\":"u8);
            output.Write(JsonSerializer.SerializeToUtf8Bytes(QueryHelpers.AddQueryString(root + "alerts", left)));
        }

        output.Write("}"u8);
        await output.FlushAsync(cancellationToken);
    }

    private static void WriteAlert(ArrayBufferWriter<byte> output, AlertRecord alert)
    {
        try
        {
            DefenderAlert.Write(output, alert);
        }
        catch (UnreadableAlertException)
        {
            output.ResetWrittenCount();
            using var json = new Utf8JsonWriter(output);
            json.WriteStartObject();
            json.WriteString("id", alert.Version.AlertId);
            json.WriteString("title", "(the hub cannot read this record)");
            json.WriteString("lastUpdateTime", alert.Version.UpdatedAt.UtcDateTime);
            json.WriteString("aadTenantId", alert.Version.Tenant.Value);
            json.WriteEndObject();
        }
    }

    private static IResult Refuse(string message) => TypedResults.Json(
        new Dictionary<string, object> { ["error"] = new Dictionary<string, string> { ["code"] = "BadRequest", ["message"] = message, ["target"] = Guid.NewGuid().ToString("D") } },
        (JsonSerializerOptions?)null,
        "application/json",
        StatusCodes.Status400BadRequest);
}
