using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>The role editor: name, description, permissions with their sub-areas, security groups. Source: user-roles 2024-06.</summary>
internal sealed class RolePage(DefenderPortals portals, TwinDirectory directory)
{
    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes)
    {
        portal.Page(routes, "/settings/roles/new", Show, SaveAsync);
        portal.Page(routes, "/settings/roles/{id:guid}", Show, SaveAsync);
    }

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.RequireRoles();
        if (!visit.State.RolesOn) throw new PortalMissingException("Roles are not turned on in this tenant.");
        var role = Role(visit) is { } known ? known : new DefenderRole { Name = "" };
        if (sent is not null) role = Sent(role, sent, strict: false);
        var fields = Markup.Of($"""
            {(role.BuiltIn ? Markup.Of($"<p>{role.Description}</p><p class=\"soft\">Holds every permission; only its groups can be changed.</p>") : Editable(role))}
            <fieldset><legend>Security groups</legend>{FormParts.Groups(directory.Groups(visit.Tenant.Id), "group", role.Groups, "The tenant has no security groups yet; make them in its directory first.")}</fieldset>
            <div class="acts"><button>Save</button> <a class="button quiet" href="{visit.Root}/settings/roles">Cancel</a></div>
            """);
        return new PortalPage("portal-role", role.Id == Guid.Empty ? "Add role" : role.Name, Markup.Of($"<section>{visit.Form(PathOf(role), fields)}</section>"));
    }

    private Task<PortalOutcome> SaveAsync(PortalVisit visit, PortalForm form)
    {
        visit.RequireRoles();
        var role = Sent(Role(visit) ?? new DefenderRole { Name = "" }, form, strict: true);
        portals.Change(visit.Tenant.Id, state => PortalRules.SaveRole(state, role, portals.GroupIds(visit.Tenant.Id)));
        return PortalOutcome.To("/settings/roles?done=saved");
    }

    private static Markup Editable(DefenderRole role) => Markup.Of($"""
        <label>Name <input type="text" name="name" value="{role.Name}" maxlength="{PortalRules.MaxName}" required></label>
        <label>Description <textarea name="description" maxlength="{PortalRules.MaxDescription}">{role.Description}</textarea></label>
        <fieldset><legend>Permissions</legend>{Markup.Each(DefenderPermissions.Assignable, permission => FormParts.Box("permission", permission.ToString(), DefenderPermissions.NameOf(permission), role.Permissions.Contains(permission)))}
        <p class="soft">Manage portal system settings is available in the administrator (default) role only.</p></fieldset>
        """);

    private static DefenderRole Sent(DefenderRole role, PortalForm form, bool strict)
    {
        var groups = strict ? form.Ids("group") : [.. form.All("group").Select(text => Guid.TryParse(text, out var id) ? id : Guid.Empty)];
        if (role.BuiltIn) return role with { Groups = groups };
        List<DefenderPermission> permissions = [];
        foreach (var text in form.All("permission"))
        {
            if (Enum.GetNames<DefenderPermission>().Contains(text)) permissions.Add(Enum.Parse<DefenderPermission>(text));
            else if (strict) throw new PortalRefusedException($"'{text}' is not a permission.");
        }

        return role with { Name = form.Text("name"), Description = form.Text("description"), Permissions = permissions, Groups = groups };
    }

    private static DefenderRole? Role(PortalVisit visit) => visit.Context.Request.RouteValues["id"] is string text && Guid.TryParse(text, out var id)
        ? visit.State.Roles.FirstOrDefault(role => role.Id == id) ?? throw new PortalMissingException("There is no such role.")
        : null;

    private static string PathOf(DefenderRole role) => role.Id == Guid.Empty ? "/settings/roles/new" : $"/settings/roles/{role.Id}";
}
