using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>Device groups by rank: promote, demote, delete with what it does to mail rules. Source: machine-groups 2020 and 2025-12.</summary>
internal sealed class DeviceGroupsPage(DefenderPortals portals, TwinDirectory directory, PlaneServices planes)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings/device-groups", Show, ActAsync);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.RequireRoles();
        var devices = planes.Alerts.WorldOf(visit.Tenant.Id).Devices;
        var groups = directory.Groups(visit.Tenant.Id);
        var rank = 0;
        return new PortalPage("portal-device-groups", "Device groups", Markup.Of($"""
            <p class="soft">A device belongs to the highest-ranked group whose rule takes it. Alerts keep the group their device had when they were raised.</p>
            <table><thead><tr><th>Rank</th><th>Device group</th><th>Devices</th><th>Rule</th><th>Automation level</th><th>Who sees it</th><th></th></tr></thead><tbody>
            {Markup.Each(visit.State.DeviceGroups, group => Markup.Of($"""
                <tr><td data-name="Rank">{(group.IsUnassigned ? "last" : $"{++rank}")}</td><td class="lead">{visit.Link($"/settings/device-groups/{group.Id}", group.Label)}<br><small>{group.Description}</small></td>
                <td data-name="Devices">{devices.Count(device => device.Group == group.Name)}</td><td data-name="Rule">{RuleText(group)}</td><td data-name="Automation level">{NameOf(group.Remediation)}</td>
                <td data-name="Who sees it">{(group.Access.Count == 0 ? "Everybody with access to the portal" : FormParts.Names(groups, group.Access))}</td><td>{Markup.When(!group.IsUnassigned, $"{Acts(visit, group)}")}</td></tr>
                """))}
            </tbody></table>
            <p><a class="button" href="{visit.Root}/settings/device-groups/new">Add device group</a></p>
            """), Notice: visit.Query("done") switch { "saved" => "The device group was saved.", "moved" => "The rank was changed.", "deleted" => "The device group was deleted.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.RequireRoles();
        var id = form.Number("id");
        switch (form.Text("act"))
        {
            case "up" or "down":
                portals.Change(visit.Tenant.Id, state => PortalRules.Move(state, id, form.Text("act") == "up"));
                return PortalOutcome.To("/settings/device-groups?done=moved");
            case "ask":
                return Task.FromResult<PortalOutcome>(new PortalOutcome.Show(Confirm(visit, id)));
            case "delete":
                portals.Change(visit.Tenant.Id, state => PortalRules.DeleteDeviceGroup(state, id));
                return PortalOutcome.To("/settings/device-groups?done=deleted");
            default:
                throw new PortalRefusedException("The form asks for nothing that is known here.");
        }
    }

    /// <summary>Says what a deletion does to mail rules before it is done.</summary>
    private static PortalPage Confirm(PortalVisit visit, int id)
    {
        var after = PortalRules.DeleteDeviceGroup(visit.State, id);
        var group = visit.State.DeviceGroups.First(known => known.Id == id);
        var touched = visit.State.MailRules.Where(rule => rule.DeviceGroups?.Contains(id) == true).ToList();
        var gone = touched.Where(rule => after.MailRules.All(left => left.Id != rule.Id)).ToList();
        return new PortalPage("portal-device-group-delete", $"Delete {group.Label}?", Markup.Of($"""
            <section><ul class="plain"><li>Its devices go to the next group whose rule takes them.</li>
            {Markup.Each(touched.Except(gone), rule => Markup.Of($"<li>The notification rule <b>{rule.Name}</b> loses this group.</li>"))}
            {Markup.Each(gone, rule => Markup.Of($"<li>The notification rule <b>{rule.Name}</b> has no other group and <strong>is deleted</strong> with it.</li>"))}</ul>
            {visit.Form("/settings/device-groups", Markup.Of($"""
                <input type="hidden" name="id" value="{id}"><button class="danger" name="act" value="delete">Delete</button>
                <a class="button quiet" href="{visit.Root}/settings/device-groups">Cancel</a>
                """))}</section>
            """));
    }

    private static Markup Acts(PortalVisit visit, DeviceGroup group) => visit.Form("/settings/device-groups", Markup.Of($"""
        <input type="hidden" name="id" value="{group.Id}"><button class="quiet" name="act" value="up" aria-label="Promote {group.Name}">↑</button>
        <button class="quiet" name="act" value="down" aria-label="Demote {group.Name}">↓</button>
        <button class="danger" name="act" value="ask" aria-label="Delete {group.Name}">Delete</button>
        """), "acts");

    private static string RuleText(DeviceGroup group) => group.IsUnassigned ? "Every device that no group takes" : group.Rule.Count == 0 ? "No rule: takes no device"
        : string.Join(" and ", group.Rule.GroupBy(row => row.Property).Select(rows => string.Join(" or ", rows.Select(row => $"{rows.Key.ToString().ToLowerInvariant()} {OperatorName(row.Operator)} {row.Value}"))));

    internal static string OperatorName(DeviceOperator compared) => compared switch { DeviceOperator.Equals => "is", DeviceOperator.StartsWith => "starts with", DeviceOperator.EndsWith => "ends with", _ => "contains" };

    internal static string NameOf(RemediationLevel level) => level switch
    {
        RemediationLevel.None => "No automated response",
        RemediationLevel.SemiAll => "Semi – approval for all folders",
        RemediationLevel.SemiNonTemporary => "Semi – approval for non-temporary folders",
        RemediationLevel.SemiSystem => "Semi – approval for system folders",
        _ => "Full remediation",
    };
}
