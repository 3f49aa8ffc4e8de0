using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>Activation of unified roles by workload, and the roles that hold then. Source: activate-defender-rbac 2025-02, manage-rbac 2025-02.</summary>
internal sealed class WorkloadsPage(DefenderPortals portals, TwinDirectory directory)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings/workloads", Show, ActAsync);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.RequireRoles();
        var state = visit.State;
        var boxes = Markup.Each(Enum.GetValues<Workload>(), workload => FormParts.Box("workload", workload.ToString(), NameOf(workload), state.Unified.Contains(workload)));
        return new PortalPage("portal-workloads", "Unified RBAC", Markup.Of($"""
            <section><h2>Activate workloads</h2><p>An active workload obeys unified roles; deactivation brings the model before back. Here only endpoints have data, so only they change what people see.
            Security Readers and Global Readers keep reading, unlike with the endpoint roles.</p>
            {visit.Form("/settings/workloads", Markup.Of($"{boxes}<button name=\"act\" value=\"activate\">Save</button>"))}</section>
            <section><h2>Unified roles</h2>{(state.UnifiedRoles.Count == 0 ? Markup.Of($"<p class=\"soft\">None yet.</p>") : Roles(visit))}
            {Markup.When(state.Roles.Any(role => !role.BuiltIn), $"{visit.Form("/settings/workloads", Markup.Of($"<p>Copies the endpoint roles with their groups; later changes of those do not follow.</p><button class=\"quiet\" name=\"act\" value=\"import\">Import roles</button>"))}")}
            <p class="soft">Programs make roles with Graph beta, or the control API.</p></section>
            """), Notice: visit.Query("done") switch { "saved" => "The workloads were saved.", "imported" => "The roles were imported.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.RequireRoles();
        if (form.Text("act") == "import")
        {
            portals.Change(visit.Tenant.Id, PortalRules.ImportRoles);
            return PortalOutcome.To("/settings/workloads?done=imported");
        }

        if (form.Text("act") != "activate") throw new PortalRefusedException("The form asks for nothing that is known here.");
        if (!visit.Access.IsAdministrator) throw new PortalForbiddenException("the role of a Global Administrator or Security Administrator");
        var workloads = form.All("workload").Select(text => Enum.GetNames<Workload>().Contains(text) ? Enum.Parse<Workload>(text) : throw new PortalRefusedException($"'{text}' is not a workload.")).ToList();
        portals.Change(visit.Tenant.Id, state => PortalRules.Activate(state, workloads));
        return PortalOutcome.To("/settings/workloads?done=saved");
    }

    private Markup Roles(PortalVisit visit)
    {
        var groups = directory.Groups(visit.Tenant.Id);
        return Markup.Of($"""
            <table><thead><tr><th>Role</th><th>Actions</th><th>Assigned to</th></tr></thead><tbody>
            {Markup.Each(visit.State.UnifiedRoles, role => Markup.Of($"""
                <tr><td class="lead">{role.Name}<br><small>{role.Description}</small></td><td data-name="Actions">{Markup.Each(role.Actions, action => Markup.Of($"<code>{action}</code><br>"))}</td>
                <td data-name="Assigned to">{Markup.Each(visit.State.UnifiedAssignments.Where(assignment => assignment.RoleId == role.Id), assignment => Markup.Of($"{Principals(visit.Tenant.Id, groups, assignment)} <small>{string.Join(", ", assignment.Scopes)}</small><br>"))}</td></tr>
                """))}
            </tbody></table>
            """);
    }

    private string Principals(Guid tenant, IReadOnlyList<TwinGroup> groups, UnifiedAssignment assignment) =>
        string.Join(", ", assignment.Principals.Select(id => groups.FirstOrDefault(group => group.Id == id)?.DisplayName ?? directory.FindUser(tenant, id)?.DisplayName ?? $"deleted {id}"));

    private static string NameOf(Workload workload) => workload switch
    {
        Workload.Endpoints => "Endpoints & Vulnerability Management",
        Workload.EmailAndCollaboration => "Email & collaboration",
        Workload.Identity => "Identity",
        _ => "Cloud Apps",
    };
}
