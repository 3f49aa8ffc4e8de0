using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Generator;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>The devices that the person's device groups open. Source: machines-view-overview 2024.</summary>
internal sealed class DevicesPage(PlaneServices planes)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/devices", Show);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ViewDataSecurityOperations);
        var groups = planes.GroupsOf(visit.Principal);
        IReadOnlyList<Device> devices = planes.Alerts.Shelf.Generated(visit.Tenant.Id) == 0 ? []
            : [.. planes.Alerts.WorldOf(visit.Tenant.Id).Devices.Where(device => groups is null || groups.Contains(device.Group)).OrderBy(device => device.HostName, StringComparer.Ordinal)];
        return new PortalPage("portal-devices", "Devices", Markup.Of($"""
            <p class="soft">{devices.Count} device{Markup.When(devices.Count != 1, $"s")} that you may see{Markup.When(visit.Access.ManagesRoles, $". {visit.Link("/settings/device-groups", "Device groups")}")}</p>
            {(devices.Count == 0 ? Markup.Of($"<section><p>No devices. A tenant has devices once alerts were generated.</p></section>") : Table(devices))}
            """));
    }

    private static Markup Table(IReadOnlyList<Device> devices) => Markup.Of($"""
        <table><thead><tr><th>Device</th><th>Domain</th><th>System</th><th>Device group</th><th>Risk</th><th>Health</th><th>Tags</th></tr></thead><tbody>
        {Markup.Each(devices, device => Markup.Of($"""
            <tr><td class="lead">{device.HostName}</td><td data-name="Domain">{device.Domain}</td><td data-name="System">{device.Os} {device.Version}</td>
            <td data-name="Device group">{(device.Group == DeviceGroup.UnassignedName ? "Ungrouped" : device.Group)}</td><td data-name="Risk">{AlertLine.NameOf(device.Risk)}</td><td data-name="Health">{AlertLine.NameOf(device.Health)}</td>
            <td data-name="Tags">{string.Join(", ", device.Tags.Append(device.Department).Where(tag => tag.Length > 0))}</td></tr>
            """))}
        </tbody></table>
        """);
}
