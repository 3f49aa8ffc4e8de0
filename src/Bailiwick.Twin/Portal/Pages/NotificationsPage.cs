using Bailiwick.Twin.Portal.Mail;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>Settings &gt; Email notifications: the rules, and what became of the last mails. Source: configure-email-notifications 2024-07.</summary>
internal sealed class NotificationsPage(DefenderPortals portals, AlertMailer mail)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings/notifications", Show, ActAsync);

    /// <summary>
    /// True when the person may create, edit or delete the rule: administrators any, others those limited to device groups within their scope.
    /// </summary>
    public static bool MayEdit(PortalVisit visit, MailRule rule) =>
        visit.Access.IsAdministrator || (rule.DeviceGroups is { } groups && groups.All(id => visit.State.DeviceGroups.FirstOrDefault(group => group.Id == id) is { } group && visit.Access.Can(DefenderPermission.ManageSecuritySettings, group.Name)));

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ManageSecuritySettings);
        var rules = visit.State.MailRules;
        return new PortalPage("portal-notifications", "Email notifications", Markup.Of($"""
            {(mail.IsOn ? Markup.Empty : Markup.Of($"<p class=\"warn\">No mail is sent: the twin was started without a relay (<code>--smtp host:port</code>). Rules can be made all the same.</p>"))}
            {(rules.Count == 0 ? Markup.Of($"<section><p>No notification rules yet.</p></section>") : Table(visit))}
            <p><a class="button" href="{visit.Root}/settings/notifications/new">Add notification rule</a></p>
            {LastMail(visit)}
            """), Notice: visit.Query("done") switch { "saved" => "The notification rule was saved.", "deleted" => "The notification rule was deleted.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.Require(DefenderPermission.ManageSecuritySettings);
        if (form.Text("act") != "delete") throw new PortalRefusedException("The form asks for nothing that is known here.");
        var id = form.Id("id");
        if (visit.State.MailRules.FirstOrDefault(rule => rule.Id == id) is { } known && !MayEdit(visit, known)) throw new PortalForbiddenException("an administrator's role: the rule reaches beyond your device groups");
        portals.Change(visit.Tenant.Id, state => PortalRules.DeleteMailRule(state, id));
        return PortalOutcome.To("/settings/notifications?done=deleted");
    }

    private static Markup Table(PortalVisit visit) => Markup.Of($"""
        <table><thead><tr><th>Rule</th><th>Severities</th><th>Devices</th><th>Recipients</th><th>Included</th><th></th></tr></thead><tbody>
        {Markup.Each(visit.State.MailRules, rule => Markup.Of($"""
            <tr><td class="lead">{(MayEdit(visit, rule) ? visit.Link($"/settings/notifications/{rule.Id}", rule.Name) : Markup.Of($"{rule.Name}"))}</td><td data-name="Severities">{string.Join(", ", rule.Severities.Select(AlertLine.NameOf))}</td>
            <td data-name="Devices">{(rule.DeviceGroups is null ? "All" : string.Join(", ", visit.State.DeviceGroups.Where(group => rule.DeviceGroups.Contains(group.Id)).Select(group => group.Label)))}</td>
            <td data-name="Recipients">{string.Join(", ", rule.Recipients.Select(recipient => recipient.Address))}</td><td data-name="Included">{Included(rule)}</td>
            <td>{Markup.When(MayEdit(visit, rule), $"{Delete(visit, rule)}")}</td></tr>
            """))}
        </tbody></table>
        """);

    private Markup LastMail(PortalVisit visit)
    {
        var sent = mail.Sent(visit.Tenant.Id);
        return Markup.When(sent.Count > 0, $"""
            <section><h2>Last mail</h2><table><thead><tr><th>When (UTC)</th><th>Rule</th><th>Subject</th><th>Outcome</th></tr></thead><tbody>
            {Markup.Each(sent, one => Markup.Of($"""
                <tr><td data-name="When">{one.At:yyyy-MM-dd HH:mm:ss}</td><td data-name="Rule">{one.Rule}</td><td data-name="Subject">{one.Subject}</td>
                <td data-name="Outcome">{one.Fault ?? $"taken by the relay for {one.Recipients}"}</td></tr>
                """))}</tbody></table></section>
            """);
    }

    private static Markup Delete(PortalVisit visit, MailRule rule) => visit.Form(
        "/settings/notifications", Markup.Of($"<input type=\"hidden\" name=\"id\" value=\"{rule.Id}\"><button class=\"danger\" name=\"act\" value=\"delete\" aria-label=\"Delete {rule.Name}\">Delete</button>"), "acts");

    private static string Included(MailRule rule) => string.Join(", ", new[]
    {
        rule.IncludeOrganization ? "organization name" : null, rule.IncludeTenantLink ? "tenant-specific link" : null, rule.IncludeDevice ? "device information" : null,
    }.Where(part => part is not null).DefaultIfEmpty("nothing further"));
}
