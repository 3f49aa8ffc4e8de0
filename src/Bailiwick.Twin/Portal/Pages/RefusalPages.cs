using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>What people see who may not see the rest: each says what is missing and who can give it.</summary>
internal static class RefusalPages
{
    /// <summary>Signed in, but without any role in the tenant's Defender.</summary>
    public static PortalPage NoRole(PortalVisit visit) => new("portal-no-role", "You have no access to this portal", Markup.Of($"""
        <section><p>You are signed in to <strong>{visit.Tenant.DisplayName}</strong> as {visit.Home.UserPrincipalName}, but you hold no role there that opens the portal.</p>
        <p>{Needed(visit.State.Model)}</p></section>
        """), Status: StatusCodes.Status403Forbidden);

    /// <summary>A tenant without Defender.</summary>
    public static PortalPage Unlicensed(PortalVisit visit) => new("portal-unlicensed", "Defender is not set up here", Markup.Of(
        $"<section><p><strong>{visit.Tenant.DisplayName}</strong> has no licence for Defender for Endpoint.</p></section>"), Status: StatusCodes.Status403Forbidden);

    /// <summary>A page or act that needs more than the person holds.</summary>
    public static PortalPage Missing(string what) => new("portal-forbidden", "You may not do this", Markup.Of(
        $"<section><p>It needs <strong>{what}</strong>, which you do not hold in this tenant. Nothing was changed.</p></section>"), Status: StatusCodes.Status403Forbidden);

    private static string Needed(PermissionModel model) => model switch
    {
        PermissionModel.Basic => "Missing: the directory role Security Reader (to see), Security Administrator or Global Administrator (to change). The tenant uses basic permissions; an administrator of its directory gives these roles.",
        PermissionModel.MdeRbac => "Missing: a Defender role. The tenant has turned roles on, so Security Readers see nothing until they are in a security group that a role is assigned to; an administrator of the tenant adds you to one.",
        _ => "Missing: a unified role for endpoints, assigned to you or to one of your security groups, or the directory role Security Reader.",
    };
}
