using System.Globalization;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Portal;

/// <summary>One page as its class makes it; the layout adds the rest.</summary>
/// <param name="Kind">Machine-readable name, in <c>&lt;meta name="twin-page"&gt;</c>.</param>
/// <param name="Title">Heading.</param>
/// <param name="Body">What stands below it.</param>
/// <param name="Fault">One sentence that stands above it in red; null for none.</param>
/// <param name="Notice">One sentence that stands above it; null for none.</param>
/// <param name="Status">HTTP status.</param>
internal sealed record PortalPage(string Kind, string Title, Markup Body, string? Fault = null, string? Notice = null, int Status = StatusCodes.Status200OK);

/// <summary>One person's request for one page of one tenant; read anew every time, so what was taken away is gone at once.</summary>
internal sealed record PortalVisit(HttpContext Context, TwinTenant Tenant, TwinUser User, TwinUser Home, DefenderAccess Access, PortalState State, string Token)
{
    /// <summary>The tenant's pages start with it.</summary>
    public string Root => $"/portal/{Tenant.Id:D}";

    /// <summary>The person as the alert planes know callers.</summary>
    public TwinPrincipal Principal => new(
        Tenant.Id, "portal", Entra.FirstPartySignIn.Portal.AppId, User.Id, false, new HashSet<string>(), new HashSet<string>(), Home.UserPrincipalName);

    /// <summary>A form of the page: posts to a path below the tenant, with the session's token.</summary>
    public Markup Form(string path, Markup fields, string css = "") =>
        Markup.Of($"<form method=\"post\" action=\"{Root}{path}\" class=\"{css}\"><input type=\"hidden\" name=\"ctx\" value=\"{Token}\">{fields}</form>");

    /// <summary>A link below the tenant.</summary>
    public Markup Link(string path, string text) => Markup.Of($"<a href=\"{Root}{path}\">{text}</a>");

    /// <summary>One value of the query, empty when absent.</summary>
    public string Query(string name) => Context.Request.Query[name].ToString();

    /// <summary>Refuses somebody without the permission.</summary>
    /// <exception cref="PortalForbiddenException">The permission is missing.</exception>
    public void Require(DefenderPermission permission)
    {
        if (!Access.Can(permission)) throw new PortalForbiddenException(DefenderPermissions.NameOf(permission));
    }

    /// <summary>Refuses somebody who may not change roles and device groups.</summary>
    /// <exception cref="PortalForbiddenException">The permission is missing.</exception>
    public void RequireRoles()
    {
        if (!Access.ManagesRoles) throw new PortalForbiddenException(State.Model == PermissionModel.Unified ? "Authorization (manage)" : "a Global or Security Administrator's role, or the administrator (default) role");
    }
}

/// <summary>A page or act needs what the person does not hold; the message names it.</summary>
internal sealed class PortalForbiddenException(string missing) : Exception(missing);

/// <summary>There is nothing at the address.</summary>
internal sealed class PortalMissingException(string message) : Exception(message);

/// <summary>The fields of a form that was sent.</summary>
internal sealed class PortalForm(IFormCollection fields)
{
    /// <summary>One field, trimmed; empty when absent.</summary>
    public string Text(string name) => fields.TryGetValue(name, out var values) && values.Count > 0 ? values[0]?.Trim() ?? "" : "";

    /// <summary>All values of a field that may come several times.</summary>
    public IReadOnlyList<string> All(string name) => fields.TryGetValue(name, out var values) ? [.. values.Select(value => value ?? "")] : [];

    /// <summary>True for a ticked box.</summary>
    public bool Has(string name) => Text(name).Length > 0;

    /// <summary>A closed list's value, or the refusal that names it.</summary>
    public T Word<T>(string name, string label)
        where T : struct, Enum => TryWord<T>(Text(name)) ?? throw new PortalRefusedException($"'{Text(name)}' is not a value of {label}.");

    /// <summary>Ids of a field.</summary>
    public IReadOnlyList<Guid> Ids(string name) =>
        [.. All(name).Select(text => Guid.TryParse(text, out var id) ? id : throw new PortalRefusedException($"'{text}' is not an id."))];

    /// <summary>The one id of a field; empty when absent.</summary>
    public Guid Id(string name) => Ids(name) is [var id, ..] ? id : Guid.Empty;

    /// <summary>The one whole number of a field.</summary>
    public int Number(string name) => Numbers(name) is [var number, ..] ? number : throw new PortalRefusedException($"The form names no {name}.");

    /// <summary>Whole numbers of a field.</summary>
    public IReadOnlyList<int> Numbers(string name) =>
        [.. All(name).Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new PortalRefusedException($"'{text}' is not a whole number."))];

    private static T? TryWord<T>(string text)
        where T : struct, Enum => Enum.GetNames<T>().Contains(text) ? Enum.Parse<T>(text) : null;
}
