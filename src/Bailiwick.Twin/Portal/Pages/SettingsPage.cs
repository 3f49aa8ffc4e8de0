using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>What can be set, with who may.</summary>
internal sealed class SettingsPage
{
    private static readonly IReadOnlyList<(string Path, string Name, string What, Func<DefenderAccess, bool> May)> Places =
    [
        ("/settings/roles", "Permissions: roles", "Who may do what: basic permissions, roles, built-in administrator role.", access => access.ManagesRoles),
        ("/settings/workloads", "Permissions: unified RBAC", "Workloads under unified roles; activation can be undone.", access => access.ManagesRoles),
        ("/settings/device-groups", "Device groups", "Rank, matching rules, automation level, who sees the devices.", access => access.ManagesRoles),
        ("/settings/siem", "SIEM", "Connector application, tokens, authorized providers, connector files.", access => access.Can(DefenderPermission.ManagePortalSystemSettings)),
        ("/settings/notifications", "Email notifications", "Rules that send mail when a new alert is raised.", access => access.Can(DefenderPermission.ManageSecuritySettings)),
        ("/settings/retention", "Data retention", "How long alerts are kept.", access => access.Can(DefenderPermission.ManagePortalSystemSettings)),
    ];

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings", Show);

    private static PortalPage Show(PortalVisit visit, PortalForm? sent) => new("portal-settings", "Settings", Markup.Of($"""
        <div class="tiles">{Markup.Each(Places, place => Markup.Of($"""
            <div class="card"><h2>{(place.May(visit.Access) ? visit.Link(place.Path, place.Name) : Markup.Of($"{place.Name}"))}</h2><p class="soft">{place.What}{Markup.When(!place.May(visit.Access), $" Not within your permissions.")}</p></div>
            """))}</div>
        """));
}
