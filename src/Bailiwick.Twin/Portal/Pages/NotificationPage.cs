using Bailiwick.Twin.Portal.Mail;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>The editor of a notification rule, with <em>Send test email</em>. Source: configure-email-notifications 2024-07, configure-mssp-notifications 2025-03.</summary>
internal sealed class NotificationPage(DefenderPortals portals, AlertMailer mail, TimeProvider clock)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes)
    {
        portal.Page(routes, "/settings/notifications/new", Show, ActAsync);
        portal.Page(routes, "/settings/notifications/{id:guid}", Show, ActAsync);
    }

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ManageSecuritySettings);
        var known = Known(visit);
        var rule = known ?? new MailRule { Name = "", IncludeOrganization = true, IncludeTenantLink = true, Severities = ["high"], DeviceGroups = visit.Access.IsAdministrator ? null : [] };
        if (sent is not null) rule = Sent(rule, sent, strict: false);
        var fields = Markup.Of($"""
            <label>Rule name <input type="text" name="name" value="{rule.Name}" maxlength="{PortalRules.MaxName}" required></label>
            {FormParts.Box("organization", "on", "Include organization name", rule.IncludeOrganization)}
            {FormParts.Box("link", "on", "Include tenant-specific portal link", rule.IncludeTenantLink)}
            {FormParts.Box("device", "on", "Include device information (mail servers outside your data's region may process it)", rule.IncludeDevice)}
            <fieldset><legend>Devices</legend>{Devices(visit, rule)}</fieldset>
            <fieldset><legend>Alert severity</legend>{Markup.Each(PortalRules.Severities.Reverse(), severity => FormParts.Box("severity", severity, AlertLine.NameOf(severity), rule.Severities.Contains(severity)))}</fieldset>
            <label>Recipients, one address a line <textarea name="recipients" required>{string.Join('\n', rule.Recipients.Select(recipient => recipient.Address))}</textarea></label>
            <p class="soft">A provider's rule needs the first two boxes, or its people cannot tell whose alert it is. Recipients get only alerts raised after they were added.</p>
            <div class="acts"><button name="act" value="save">Save</button> <button class="quiet" name="act" value="test">Send test email</button> <a class="button quiet" href="{visit.Root}/settings/notifications">Cancel</a></div>
            """);
        return new PortalPage(
            "portal-notification", known is null ? "Add notification rule" : known.Name,
            Markup.Of($"<section>{visit.Form(known is null ? "/settings/notifications/new" : $"/settings/notifications/{known.Id}", fields)}</section>"));
    }

    private async Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.Require(DefenderPermission.ManageSecuritySettings);
        var rule = Sent(Known(visit) ?? new MailRule { Name = "" }, form, strict: true);
        if (!NotificationsPage.MayEdit(visit, rule)) throw new PortalRefusedException("Rules for all devices, or for device groups outside your scope, are made by administrators. Choose device groups of your own.");
        if (form.Text("act") != "test")
        {
            portals.Change(visit.Tenant.Id, state => PortalRules.SaveMailRule(state, rule, clock.GetUtcNow()));
            return new PortalOutcome.GoTo("/settings/notifications?done=saved");
        }

        PortalRules.SaveMailRule(visit.State, rule, clock.GetUtcNow());
        var fault = await mail.SendTestAsync(visit.Tenant, rule, visit.Context.RequestAborted);
        if (fault is not null) throw new PortalRefusedException(fault);
        return new PortalOutcome.Show(Show(visit, form) with { Notice = $"A test mail went to {rule.Recipients.Count} recipient{(rule.Recipients.Count == 1 ? "" : "s")}. The rule itself was not saved." });
    }

    private static Markup Devices(PortalVisit visit, MailRule rule)
    {
        var groups = visit.State.DeviceGroups.Where(group => visit.Access.Can(DefenderPermission.ManageSecuritySettings, group.Name));
        return Markup.Of($"""
            {Markup.When(visit.Access.IsAdministrator, $"{Radio("all", "All devices", rule.DeviceGroups is null)}{Radio("groups", "These device groups:", rule.DeviceGroups is not null)}")}
            {Markup.Each(groups, group => FormParts.Box("group", $"{group.Id}", group.Label, rule.DeviceGroups?.Contains(group.Id) == true))}
            {Markup.When(!visit.Access.IsAdministrator, $"<p class=\"soft\">Device groups within your scope. Rules for all devices are made by administrators.</p>")}
            """);
    }

    private static Markup Radio(string value, string words, bool chosen) =>
        Markup.Of($"<label class=\"check\"><input type=\"radio\" name=\"devices\" value=\"{value}\"{Markup.When(chosen, $" checked")}> <span>{words}</span></label>");

    private static MailRule Sent(MailRule rule, PortalForm form, bool strict)
    {
        var recipients = form.Text("recipients").Split(['\n', '\r', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return rule with
        {
            Name = form.Text("name"),
            IncludeOrganization = form.Has("organization"),
            IncludeTenantLink = form.Has("link"),
            IncludeDevice = form.Has("device"),
            DeviceGroups = form.Text("devices") == "all" ? null : strict ? form.Numbers("group") : [.. form.All("group").Where(text => int.TryParse(text, out _)).Select(int.Parse)],
            Severities = form.All("severity"),
            Recipients = [.. recipients.Select(address => new MailRecipient(strict ? PortalRules.Address(address) : address, default))],
        };
    }

    private static MailRule? Known(PortalVisit visit)
    {
        if (visit.Context.Request.RouteValues["id"] is not string text || !Guid.TryParse(text, out var id)) return null;
        var rule = visit.State.MailRules.FirstOrDefault(known => known.Id == id) ?? throw new PortalMissingException("There is no such notification rule.");
        return NotificationsPage.MayEdit(visit, rule) ? rule : throw new PortalForbiddenException("an administrator's role: the rule reaches beyond your device groups");
    }
}
