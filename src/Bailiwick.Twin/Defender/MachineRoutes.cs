using System.Text.Json;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Twin.World.Generator;
using Bailiwick.Wire.Defender;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Defender;

/// <summary>
/// <c>/api/machines</c>: list and get of the devices that generated alerts speak of; 404 when the tenant has none. Source: get-machines
/// 2025-03, machine 2024.
/// </summary>
internal sealed class MachineRoutes(PlaneServices services)
{
    private static readonly HashSet<string> Filterable = new(StringComparer.OrdinalIgnoreCase)
    {
        "computerDnsName", "id", "version", "deviceValue", "aadDeviceId", "machineTags", "lastSeen", "exposureLevel", "onboardingStatus", "lastIpAddress",
        "healthStatus", "osPlatform", "riskScore", "rbacGroupId",
    };

    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/machines", (RequestDelegate)ListAsync).From("get-machines 2025-03");
        routes.MapGet($"{root}/machines/{{id}}", (RequestDelegate)GetAsync).From("get-machines 2025-03");
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await EnterAsync(context) is not { } caller) return;
        try
        {
            var options = PageOptions.Read(context.Request.Query, "$filter", "$top", "$skip");
            var cap = services.Knobs(caller.TenantId).DefenderTopCap!.Value;
            if (options.Top > cap) throw new QueryRefusedException($"The limit of '{cap}' for Top query has been exceeded. The value from the incoming request is '{options.Top}'.");
            var filter = options.Filter is null ? null : ODataFilter.Parse(options.Filter);
            var machines = Machines(caller);
            if (machines.Count == 0)
            {
                await DefenderAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound", "No recent machines were found");
                return;
            }

            var page = machines.Where(machine => filter is null || Matches(filter, machine)).Skip(options.Skip).Take(options.Top ?? cap);
            DefenderAnswer.Begin(context, StatusCodes.Status200OK);
            var body = new Dictionary<string, object?> { ["@odata.context"] = $"{DefenderAnswer.Root(context.Request)}/$metadata#Machines", ["value"] = page.ToArray() };
            await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Relaxed.Options), context.RequestAborted);
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
        var machine = Machines(caller).Find(candidate =>
            string.Equals((string)candidate["id"]!, id, StringComparison.OrdinalIgnoreCase) || string.Equals((string)candidate["computerDnsName"]!, id, StringComparison.OrdinalIgnoreCase));
        if (machine is null) await DefenderAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "ResourceNotFound", $"Machine {id} was not found");
        else await DefenderAnswer.EntityAsync(context, "Machines", JsonSerializer.SerializeToUtf8Bytes(machine, Relaxed.Options));
    }

    private ValueTask<TwinPrincipal?> EnterAsync(HttpContext context) =>
        DefenderGate.EnterAsync(context, services, DefenderWords.MachineRead, "defender-machines", knobs => (knobs.DefenderPerMinute!.Value, knobs.DefenderPerHour!.Value));

    private List<Dictionary<string, object?>> Machines(TwinPrincipal caller)
    {
        if (services.Alerts.Shelf.Generated(caller.TenantId) == 0) return [];
        var groups = services.GroupsOf(caller);
        var now = services.Clock.GetUtcNow().UtcTicks;
        return [.. services.Alerts.WorldOf(caller.TenantId).Devices.Where(device => groups is null || groups.Contains(device.Group)).Select(device => Body(device, now))];
    }

    private static Dictionary<string, object?> Body(Device device, long now) => new()
    {
        ["id"] = device.Id,
        ["computerDnsName"] = device.DnsName,
        ["firstSeen"] = WireTime.Full(now - TimeSpan.FromDays(120).Ticks),
        ["lastSeen"] = WireTime.Full(now - TimeSpan.FromHours(1 + (device.Build % 20)).Ticks),
        ["osPlatform"] = device.Os,
        ["osVersion"] = null,
        ["osProcessor"] = "x64",
        ["osArchitecture"] = "64-bit",
        ["version"] = device.Version,
        ["osBuild"] = device.Build,
        ["lastIpAddress"] = device.Address,
        ["lastExternalIpAddress"] = device.PublicAddress,
        ["healthStatus"] = AlertWords.Upper(device.Health),
        ["rbacGroupId"] = device.GroupId,
        ["rbacGroupName"] = device.Group,
        ["riskScore"] = AlertWords.Upper(device.Risk),
        ["exposureLevel"] = device.Exposure,
        ["onboardingStatus"] = "Onboarded",
        ["aadDeviceId"] = device.AadId.ToString("D"),
        ["isAadJoined"] = true,
        ["deviceValue"] = device.Value,
        ["machineTags"] = device.Tags,
        ["ipAddresses"] = new[] { new { ipAddress = device.Address, macAddress = device.Mac, operationalStatus = "Up" } },
    };

    private static bool Matches(FilterNode node, Dictionary<string, object?> machine)
    {
        if (node is FilterNode.Both both)
        {
            var (left, right) = (Matches(both.Left, machine), Matches(both.Right, machine));
            return both.And ? left && right : left || right;
        }

        var compare = (FilterNode.Compare)node;
        var name = Filterable.FirstOrDefault(candidate => string.Equals(candidate, compare.Property, StringComparison.OrdinalIgnoreCase))
            ?? throw new QueryRefusedException($"Could not filter by '{compare.Property}': the property does not support $filter.");
        var order = Order(machine[name], compare);
        return compare.Operator switch
        {
            "eq" => order == 0,
            "ne" => order != 0,
            "gt" => order > 0,
            "ge" => order >= 0,
            "lt" => order < 0,
            _ => order <= 0,
        };
    }

    private static int Order(object? value, FilterNode.Compare compare) => (value, compare.Literal) switch
    {
        (string text, FilterLiteral.Time time) when WireTime.TryParse(text, out var ticks) => ticks.CompareTo(time.Ticks),
        (string text, FilterLiteral.Text literal) => string.Compare(text, literal.Value, StringComparison.OrdinalIgnoreCase),
        (IReadOnlyList<string> tags, FilterLiteral.Text literal) => tags.Contains(literal.Value) ? 0 : 1,
        (int number, FilterLiteral.Number literal) => ((long)number).CompareTo(literal.Value),
        (int number, FilterLiteral.Text literal) => string.CompareOrdinal(number.ToString(), literal.Value),
        _ => throw new QueryRefusedException($"The value given for '{compare.Property}' has the wrong type."),
    };
}
