using System.Globalization;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>The editor of a device group: name, level, matching rule, user access, and up to ten devices that fit. Source: machine-groups 2025-12.</summary>
internal sealed class DeviceGroupPage(DefenderPortals portals, TwinDirectory directory, PlaneServices planes)
{
    private const int SpareRows = 3;
    private const int Previewed = 10;

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes)
    {
        portal.Page(routes, "/settings/device-groups/new", Show, SaveAsync);
        portal.Page(routes, "/settings/device-groups/{number:int}", Show, SaveAsync);
    }

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.RequireRoles();
        var known = Known(visit);
        var group = known ?? new DeviceGroup { Name = "" };
        if (sent is not null) group = Sent(group, sent, strict: false);
        var allowed = visit.State.GroupsWithRole();
        var offered = directory.Groups(visit.Tenant.Id).Where(candidate => allowed.Contains(candidate.Id) || group.Access.Contains(candidate.Id));
        var none = visit.State.Model == PermissionModel.Basic ? "With basic permissions everybody sees all devices. Turn roles on to choose." : "No security group holds a role yet.";
        var fields = Markup.Of($"""
            {(group.IsUnassigned ? Markup.Of($"<p class=\"soft\">Every device that no other group takes. Name and rank are fixed.</p>") : Named(group))}
            <label>Automation level {FormParts.Choice("level", null, FormParts.Members<RemediationLevel>(DeviceGroupsPage.NameOf), group.Remediation.ToString())}</label>
            {(group.IsUnassigned ? Markup.Empty : Rule(group))}
            <fieldset><legend>User access</legend>{FormParts.Groups(offered, "access", group.Access, none)}
            <p class="soft">None chosen: everybody with access to the portal sees the devices.</p></fieldset>
            <div class="acts"><button name="act" value="save">Save</button> <button class="quiet" name="act" value="preview">Show matching devices</button> <a class="button quiet" href="{visit.Root}/settings/device-groups">Cancel</a></div>
            """);
        var path = known is null ? "/settings/device-groups/new" : $"/settings/device-groups/{known.Id}";
        var preview = sent is null && known is null ? Markup.Empty : Preview(visit, group);
        return new PortalPage("portal-device-group", known is null ? "Add device group" : known.Label, Markup.Of($"<section>{visit.Form(path, fields)}</section>{preview}"));
    }

    private Task<PortalOutcome> SaveAsync(PortalVisit visit, PortalForm form)
    {
        visit.RequireRoles();
        var group = Sent(Known(visit) ?? new DeviceGroup { Name = "" }, form, strict: true);
        if (form.Text("act") == "preview") return Task.FromResult<PortalOutcome>(new PortalOutcome.Show(Show(visit, form)));
        portals.Change(visit.Tenant.Id, state => PortalRules.SaveDeviceGroup(state, group));
        return PortalOutcome.To("/settings/device-groups?done=saved");
    }

    private static Markup Named(DeviceGroup group) => Markup.Of($"""
        <label>Name <input type="text" name="name" value="{group.Name}" maxlength="{PortalRules.MaxName}" required></label>
        <label>Description <textarea name="description" maxlength="{PortalRules.MaxDescription}">{group.Description}</textarea></label>
        """);

    private static Markup Rule(DeviceGroup group)
    {
        var spare = Enumerable.Repeat(new DeviceCondition(DeviceProperty.Name, DeviceOperator.StartsWith, ""), SpareRows);
        var rows = Markup.Each(group.Rule.Concat(spare), row => Markup.Of($"""
            <div class="rule">{FormParts.Choice("property", "Kind", FormParts.Members<DeviceProperty>(property => property.ToString()), row.Property.ToString())}
            {FormParts.Choice("operator", "Comparison", FormParts.Members<DeviceOperator>(DeviceGroupsPage.OperatorName), row.Operator.ToString())}
            <input type="text" name="value" value="{row.Value}" maxlength="{PortalRules.MaxName}" aria-label="Value"></div>
            """));
        return Markup.Of($"""
            <fieldset><legend>Matching rule</legend><p class="soft">Rows of different kinds must all fit, of one kind any; at most {PortalRules.MaxRows} rows of a kind. Leave a value empty to drop its row. Save to get more rows.</p>
            {rows}</fieldset>
            """);
    }

    private Markup Preview(PortalVisit visit, DeviceGroup group)
    {
        var devices = planes.Alerts.WorldOf(visit.Tenant.Id).Devices;
        var fitting = group.IsUnassigned ? devices.Where(device => device.Group == group.Name).ToList() : [.. devices.Where(group.Takes)];
        return Markup.Of($"""
            <section><h2>Matching devices</h2><p class="soft">{fitting.Count} fit{Markup.When(fitting.Count > Previewed, $"; the first {Previewed}")}. A higher-ranked group may take some of them.</p>
            <ul class="plain">{Markup.Each(fitting.Take(Previewed), device => Markup.Of($"<li>{device.HostName} <small>{device.Os}, now in {device.Group}</small></li>"))}</ul></section>
            """);
    }

    private static DeviceGroup Sent(DeviceGroup group, PortalForm form, bool strict)
    {
        var level = strict ? form.Word<RemediationLevel>("level", "the automation level") : Enum.TryParse<RemediationLevel>(form.Text("level"), out var given) ? given : group.Remediation;
        var access = strict ? form.Ids("access") : [.. form.All("access").Where(text => Guid.TryParse(text, out _)).Select(Guid.Parse)];
        if (group.IsUnassigned) return group with { Remediation = level, Access = access };
        var (properties, operators, values) = (form.All("property"), form.All("operator"), form.All("value"));
        if (strict && (properties.Count != values.Count || operators.Count != values.Count)) throw new PortalRefusedException("Every row of the rule needs a kind, a comparison and a value.");
        List<DeviceCondition> rule = [];
        for (var i = 0; i < Math.Min(values.Count, Math.Min(properties.Count, operators.Count)); i++)
        {
            if (string.IsNullOrWhiteSpace(values[i])) continue;
            var good = Enum.GetNames<DeviceProperty>().Contains(properties[i]) & Enum.GetNames<DeviceOperator>().Contains(operators[i]);
            if (!good && strict) throw new PortalRefusedException($"'{properties[i]} {operators[i]}' is not a comparison.");
            if (good) rule.Add(new DeviceCondition(Enum.Parse<DeviceProperty>(properties[i]), Enum.Parse<DeviceOperator>(operators[i]), values[i]));
        }

        return group with { Name = form.Text("name"), Description = form.Text("description"), Remediation = level, Access = access, Rule = rule };
    }

    private static DeviceGroup? Known(PortalVisit visit) =>
        visit.Context.Request.RouteValues["number"] is string text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? visit.State.DeviceGroups.FirstOrDefault(group => group.Id == id) ?? throw new PortalMissingException("There is no such device group.")
            : visit.Context.Request.RouteValues.ContainsKey("number") ? throw new PortalMissingException("There is no such device group.") : null;
}
