using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>
/// Settings &gt; Permissions &gt; Roles: who has basic permissions, turning roles on, the list of roles. Administrators only. Source: rbac 2024, user-roles 2024-06,
/// assign-portal-access 2018-11.
/// </summary>
internal sealed class RolesPage(DefenderPortals portals, TwinDirectory directory, TimeProvider clock)
{
    private static readonly IReadOnlyList<(Guid Role, string Name, string Level)> Levels =
    [
        (DirectoryRoles.GlobalAdministrator, "Global Administrator", "Full access"), (DirectoryRoles.SecurityAdministrator, "Security Administrator", "Full access"),
        (DirectoryRoles.SecurityReader, "Security Reader", "Read-only access"), (DefenderAccess.GlobalReader, "Global Reader", "Read-only access"),
    ];

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings/roles", Show, ActAsync);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.RequireRoles();
        var state = visit.State;
        return new PortalPage("portal-roles", "Roles", Markup.Of($"""
            {Markup.When(state.Model == PermissionModel.Unified, $"<p class=\"warn\">Unified roles decide about endpoints now; the roles below hold again when the workload is deactivated. {visit.Link("/settings/workloads", "Workloads")}</p>")}
            {(state.RolesOn ? List(visit) : TurnOn(visit))}
            {Basic(visit)}
            """), Notice: visit.Query("done") switch { "on" => "Roles are on.", "saved" => "The role was saved.", "deleted" => "The role was deleted.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.RequireRoles();
        if (form.Text("act") == "delete")
        {
            var id = form.Id("id");
            portals.Change(visit.Tenant.Id, state => PortalRules.DeleteRole(state, id));
            return PortalOutcome.To("/settings/roles?done=deleted");
        }

        if (form.Text("act") != "turn-on") throw new PortalRefusedException("The form asks for nothing that is known here.");
        if (!visit.Access.IsAdministrator) throw new PortalForbiddenException("the role of a Global Administrator or Security Administrator");
        if (!form.Has("confirm")) throw new PortalRefusedException("Tick the box: turning roles on cannot be undone.");
        portals.Change(visit.Tenant.Id, state => PortalRules.TurnOnRoles(state, visit.Home.UserPrincipalName, clock.GetUtcNow()));
        return PortalOutcome.To("/settings/roles?done=on");
    }

    private Markup TurnOn(PortalVisit visit)
    {
        var losing = Holders(visit.Tenant.Id).Where(holder => holder.Level == "Read-only access").Select(holder => holder.User.DisplayName).Distinct().ToList();
        return Markup.Of($"""
            <section><h2>Basic permissions</h2><p>This tenant uses basic permissions: the directory roles below decide who sees and changes what. To give people less than everything, turn roles on.</p>
            <div class="warn"><p><strong>Before you turn on roles</strong></p><ul class="plain">
            <li>You cannot go back to basic permissions.</li>
            <li>Read-only users lose access until a role is given to one of their security groups{Markup.When(losing.Count > 0, $": {string.Join(", ", losing)}")}.</li>
            <li>Global and Security Administrators keep full access through the built-in role <em>{DefenderRole.BuiltInName}</em>.</li>
            <li>Roles are given to security groups only. Have the groups ready first, or people are locked out.</li></ul></div>
            {visit.Form("/settings/roles", Markup.Of($"{FormParts.Box("confirm", "yes", "I understand that this cannot be undone", ticked: false)}<button name=\"act\" value=\"turn-on\">Turn on roles</button>"))}
            </section>
            """);
    }

    private Markup List(PortalVisit visit)
    {
        var groups = directory.Groups(visit.Tenant.Id);
        return Markup.Of($"""
            <p class="soft">Turned on by {visit.State.RolesOnBy} at {visit.State.RolesOnAt.GetValueOrDefault():yyyy-MM-dd HH:mm} UTC. There is no way back to basic permissions.</p>
            <table><thead><tr><th>Role</th><th>Permissions</th><th>Security groups</th><th></th></tr></thead><tbody>
            {Markup.Each(visit.State.Roles, role => Markup.Of($"""
                <tr><td class="lead">{visit.Link($"/settings/roles/{role.Id}", role.Name)}<br><small>{role.Description}</small></td>
                <td data-name="Permissions">{(role.BuiltIn ? "All" : string.Join("; ", role.Permissions.Select(DefenderPermissions.NameOf)))}</td>
                <td data-name="Security groups">{FormParts.Names(groups, role.Groups)}</td><td>{Markup.When(!role.BuiltIn, $"{Delete(visit, role)}")}</td></tr>
                """))}
            </tbody></table>
            <p><a class="button" href="{visit.Root}/settings/roles/new">Add role</a></p>
            """);
    }

    private static Markup Delete(PortalVisit visit, DefenderRole role) =>
        visit.Form("/settings/roles", Markup.Of($"<input type=\"hidden\" name=\"id\" value=\"{role.Id}\"><button class=\"danger\" name=\"act\" value=\"delete\">Delete</button>"), "acts");

    private Markup Basic(PortalVisit visit) => Markup.Of($"""
        <section><h2>Directory roles</h2><p class="soft">Given in the tenant's directory, not here.{Markup.When(visit.State.RolesOn && visit.State.Model == PermissionModel.MdeRbac, $" Since roles are on, read-only roles open nothing.")}</p>
        <table><thead><tr><th>Person</th><th>Directory role</th><th>Access</th></tr></thead><tbody>
        {Markup.Each(Holders(visit.Tenant.Id), holder => Markup.Of($"""
            <tr><td class="lead">{holder.User.DisplayName} <small>{holder.User.Mail}{Markup.When(holder.User.IsGuest, $", guest")}</small></td><td data-name="Directory role">{holder.Role}</td>
            <td data-name="Access">{(visit.State.Model == PermissionModel.MdeRbac && holder.Level == "Read-only access" ? "None until a role is given" : holder.Level)}</td></tr>
            """))}
        </tbody></table></section>
        """);

    private IReadOnlyList<(TwinUser User, string Role, string Level)> Holders(Guid tenant) =>
    [
        .. from user in directory.Users(tenant).OrderBy(user => user.DisplayName, StringComparer.OrdinalIgnoreCase)
           from level in Levels
           where user.Roles.Contains(level.Role)
           select (user, level.Name, level.Level),
    ];
}
