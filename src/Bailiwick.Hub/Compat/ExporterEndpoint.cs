using System.Buffers;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Legacy;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Dapper;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Compat;

/// <summary>The retired alert exporter's address, answered for every customer that the caller may see: each version in the log as one detection.</summary>
internal static class ExporterEndpoint
{
    private const int FlushBytes = 64 * 1024;

    public static async Task<IResult> GetAsync(HttpContext http, CompatMarks marks, CompatRows rows, CancellationToken cancellationToken)
    {
        var (query, fault) = ExporterQuery.Read(http.Request.Query);
        if (query is null) return Answers.Refuse(Problems.InvalidInput, fault!);
        var owners = await rows.TenantsAsync(http.GetPrincipal(), cancellationToken);
        var (from, to) = query.Window(await marks.AdvanceAsync(cancellationToken));
        var values = new DynamicParameters();
        values.Add("from", from);
        values.Add("to", to);
        var keys = await rows.FindAsync(
            $"""
            SELECT TenantKey, LogNumber, SeenAt FROM (
                SELECT k.tenant_key AS TenantKey, l.log_number AS LogNumber, {CompatMarks.SeenAt} AS SeenAt FROM {CompatMarks.Join}
                WHERE k.ceil_at >= @from AND k.floor_at <= @to AND l.source <> 'GraphIncidents' AND {CompatRows.Only("k.tenant_key", owners.Keys)}) s
            WHERE SeenAt BETWEEN @from AND @to ORDER BY SeenAt, TenantKey, LogNumber
            """,
            values,
            cancellationToken);
        http.Response.ContentType = "application/json; charset=utf-8";
        await WriteAsync(http, query, keys, rows, owners, cancellationToken);
        return Results.Empty;
    }

    /// <summary>
    /// Writes the array as it is read. A limit with device groups counts only what the groups leave, which is known after reading: such an answer is
    /// gathered first.
    /// </summary>
    private static async Task WriteAsync(
        HttpContext http,
        ExporterQuery query,
        IReadOnlyList<CompatKey> keys,
        CompatRows rows,
        IReadOnlyDictionary<long, Customers.TenantRecord> owners,
        CancellationToken cancellationToken)
    {
        if (query is { Limit: { } few, MachineGroups.Count: 0 } && keys.Count > few) keys = [.. keys.Skip(keys.Count - few)];
        var output = http.Response.BodyWriter;
        output.Write("["u8);
        var record = new ArrayBufferWriter<byte>();
        var kept = new Queue<byte[]>();
        var (written, unflushed) = (0, 0);
        await foreach (var (key, alert) in rows.ReadAsync(keys, owners, cancellationToken))
        {
            record.ResetWrittenCount();
            if (!TryWrite(record, key, alert, query.MachineGroups)) continue;
            if (query.Limit is { } limit && query.MachineGroups.Count > 0)
            {
                kept.Enqueue(record.WrittenSpan.ToArray());
                if (kept.Count > limit) kept.Dequeue();
                continue;
            }

            Put(record.WrittenSpan);
            if ((unflushed += record.WrittenCount) < FlushBytes) continue;
            unflushed = 0;
            await output.FlushAsync(cancellationToken);
        }

        foreach (var one in kept) Put(one);
        output.Write("]"u8);
        await output.FlushAsync(cancellationToken);

        void Put(ReadOnlySpan<byte> one)
        {
            if (written++ > 0) output.Write(","u8);
            output.Write(one);
        }
    }

    private static bool TryWrite(ArrayBufferWriter<byte> output, CompatKey key, AlertRecord alert, IReadOnlyList<string> groups)
    {
        var seen = new DateTimeOffset(key.SeenAt, TimeSpan.Zero);
        try
        {
            if (groups.Count > 0 && !groups.Contains(LegacyDetection.MachineGroupOf(alert.Version), StringComparer.OrdinalIgnoreCase)) return false;
            LegacyDetection.Write(output, alert, seen);
        }
        catch (UnreadableAlertException)
        {
            output.ResetWrittenCount();
            using var json = new Utf8JsonWriter(output); // never silently left out: the hub's own page and the feeds' dead letters show the same record
            json.WriteStartObject();
            json.WriteString("AlertTitle", "(the hub cannot read this record)");
            json.WriteString("AlertId", alert.Version.AlertId);
            json.WriteString("LastProcessedTimeUtc", seen.UtcDateTime);
            json.WriteString("TenantId", alert.Version.Tenant.Value);
            json.WriteEndObject();
        }

        return true;
    }
}
