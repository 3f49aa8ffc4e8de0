using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Defender;

/// <summary>
/// The retired alert exporter: a bare array of detections, filtered by <c>LastProcessedTimeUtc</c>, without a window the last two hours.
/// Source: pull-alerts 2020 (parameters, 401 for a malformed request); who may fetch: fetch-alerts-mssp 2024. Bounds are
/// taken as inclusive, and <c>sinceTimeUtc</c> wins over <c>ago</c>; neither is documented.
/// </summary>
internal sealed class ExporterRoutes(PlaneServices services)
{
    private static readonly IReadOnlyList<string> Audiences =
        [.. World.TwinResource.Exporter.Audiences, "https://WDATPAlertExport.Seville.onmicrosoft.com"];

    private static readonly TimeSpan Standard = TimeSpan.FromHours(2);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/exporter/api/alerts", (RequestDelegate)GetAsync).From("pull-alerts 2020");

    private async Task GetAsync(HttpContext context)
    {
        var fault = services.Tokens.Read(context.Request.Headers.Authorization, Audiences, out var caller);
        var tenant = caller is null ? null : services.FindTenant(caller.TenantId);
        if (fault is not null || caller is null || tenant is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            await FaultAsync(context, StatusCodes.Status401Unauthorized, fault ?? "The tenant of the token is unknown.");
            return;
        }

        var knobs = services.Knobs(caller.TenantId);
        if (knobs.ExporterOn == false || knobs.DefenderFeature == false || !tenant.DefenderLicensed)
        {
            await FaultAsync(context, StatusCodes.Status403Forbidden, "SIEM integration is not enabled for this tenant.");
            return;
        }

        if (!knobs.ExporterApps!.Contains(caller.AppId) && services.Portals?.MayExport(caller.TenantId, caller.AppId) != true)
        {
            await FaultAsync(context, StatusCodes.Status403Forbidden, $"Application {caller.AppId:D} is not authorized to fetch alerts of this tenant.");
            return;
        }

        if (services.Refusal(caller, context.Request.Method) is { } refusal)
        {
            await FaultAsync(context, StatusCodes.Status403Forbidden, refusal);
            return;
        }

        if (Window.Read(context.Request.Query, services.Clock.GetUtcNow().UtcTicks) is not { } window)
        {
            await FaultAsync(context, StatusCodes.Status401Unauthorized, "The request is malformed.");
            return;
        }

        await WriteAsync(context, Select(caller.TenantId, caller, window));
    }

    private List<ExportedDetection> Select(Guid tenant, World.TwinPrincipal caller, Window window)
    {
        var groups = services.GroupsOf(caller);
        var found = services.Alerts.Detections(tenant, window.Since, window.Until);
        found.RemoveAll(detection =>
            (window.Groups.Count > 0 && !window.Groups.Contains(detection.Group))
            || (groups is not null && detection.Group.Length > 0 && !groups.Contains(detection.Group))
            || (window.DeviceTag is { } device && !Has(detection.DeviceTags, device))
            || (window.CloudTag is { } cloud && !Has(detection.CloudTags, cloud)));
        if (window.Limit < found.Count) found.RemoveRange(0, found.Count - window.Limit.Value);
        return found;
    }

    private static bool Has(string tags, string tag) =>
        tags.Split(';', StringSplitOptions.TrimEntries).Contains(tag, StringComparer.OrdinalIgnoreCase);

    private static async Task WriteAsync(HttpContext context, List<ExportedDetection> detections)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        var writer = context.Response.BodyWriter;
        writer.Write("["u8);
        for (var i = 0; i < detections.Count; i++)
        {
            if (i > 0) writer.Write(","u8);
            writer.Write(detections[i].Body);
        }

        writer.Write("]"u8);
        await writer.FlushAsync(context.RequestAborted);
    }

    /// <summary>Answers with the exporter's error body.</summary>
    internal static Task FaultAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(new { message }, Relaxed.Options), context.RequestAborted).AsTask();
    }

    private sealed record Window(long Since, long Until, int? Limit, IReadOnlyList<string> Groups, string? DeviceTag, string? CloudTag)
    {
        public static Window? Read(IQueryCollection query, long now)
        {
            var until = now;
            if (query.TryGetValue("untilTimeUtc", out var end) && !WireTime.TryParse(end.ToString(), out until)) return null;
            var since = now - Standard.Ticks;
            if (query.TryGetValue("sinceTimeUtc", out var start))
            {
                if (!WireTime.TryParse(start.ToString(), out since)) return null;
            }
            else if (query.TryGetValue("ago", out var ago))
            {
                if (Duration(ago.ToString()) is not { } length) return null;
                (since, until) = (now - length.Ticks, now);
            }

            int? limit = null;
            if (query.TryGetValue("limit", out var most))
            {
                if (!int.TryParse(most.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
                limit = number;
            }

            string[] groups = query.TryGetValue("machinegroups", out var named) ? [.. named.Where(name => !string.IsNullOrEmpty(name)).Select(name => name!)] : [];
            return new Window(since, until, limit, groups, One(query, "DeviceCreatedMachineTags"), One(query, "CloudCreatedMachineTags"));
        }

        private static string? One(IQueryCollection query, string name) => query.TryGetValue(name, out var value) && value.ToString().Length > 0 ? value.ToString() : null;

        private static TimeSpan? Duration(string text)
        {
            try
            {
                var length = XmlConvert.ToTimeSpan(text);
                return length >= TimeSpan.Zero && length < TimeSpan.FromDays(36_500) ? length : null;
            }
            catch (Exception fault) when (fault is FormatException or OverflowException)
            {
                return null;
            }
        }
    }
}
