using System.Text.Json.Nodes;
using Bailiwick.Twin.Entra.Endpoints;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// <c>/invitations</c>: makes the guest object; the person redeems at the first sign-in in the tenant or through the link, there is no API for it.
/// Inviting an address again answers with the guest that is there. Source: invitation-post 2024, external-collaboration-settings 2025.
/// </summary>
internal sealed class InvitationRoutes
{
    private static readonly EntityType Message = new("invitedUserMessageInfo", Edm.Text("messageLanguage", 16), Edm.Text("customizedMessageBody", 4000), Edm.Open("ccRecipients") with { Many = true });

    private static readonly EntitySet Set = new("invitations", new EntityType(
        "invitation",
        Edm.Id("id") with { ReadOnly = true },
        Edm.Text("inviteRedeemUrl") with { ReadOnly = true },
        Edm.Text("invitedUserDisplayName", 256),
        Edm.Member("invitedUserType", "Guest", "Member"),
        Edm.Text("invitedUserEmailAddress", 256) with { Required = true },
        Edm.Flag("sendInvitationMessage"),
        Edm.Flag("resetRedemption"),
        Edm.Text("inviteRedirectUrl", 2048) with { Required = true },
        Edm.Text("status") with { ReadOnly = true },
        Edm.Complex("invitedUserMessageInfo", Message),
        Edm.Reference("invitedUser"),
        Edm.Open("invitedUserSponsors") with { Many = true }));

    public void Map(GraphRoutes routes) => routes.Post("/invitations", DirectoryNeeds.Invite, "invitation-post 2024", InviteAsync);

    private static async Task InviteAsync(GraphCall call)
    {
        var body = Set.Type.ReadNew(await call.ReadAsync());
        CheckRight(call);
        var address = body["invitedUserEmailAddress"]!.GetValue<string>();
        if (!TwinDirectory.IsAddress(address)) throw GraphRefusal.BadRequest($"The invited user email address '{address}' is not valid.", "BadRequest");
        var redirect = body["inviteRedirectUrl"]!.GetValue<string>();
        if (!Uri.TryCreate(redirect, UriKind.Absolute, out var target) || target.Scheme is not ("https" or "http")) throw GraphRefusal.BadRequest("The inviteRedirectUrl is not a valid absolute address.", "BadRequest");
        var asMember = body["invitedUserType"]?.GetValue<string>() == "Member";
        if (asMember && !call.Caller.IsApplication && !call.Directory.RolesOf(call.Person!).Overlaps([DirectoryRoles.GlobalAdministrator, DirectoryRoles.UserAdministrator])) throw GraphRefusal.Denied();
        TwinUser guest;
        try
        {
            guest = call.Directory.Invite(call.Tenant.Id, address, body["invitedUserDisplayName"]?.GetValue<string>(), call.Person?.Id);
        }
        catch (TwinDirectoryException fault)
        {
            throw GraphRefusal.BadRequest(fault.Message, "BadRequest");
        }

        if (asMember && guest.IsGuestType) call.Directory.UpdateUser(guest with { UserType = "Member" });
        call.Audit("Invite external user", "UserManagement", "Add", UserRoutes.Target(guest));
        await call.CreatedAsync(Set, Answer(call, body, guest, redirect));
    }

    /// <summary>Who may invite is the tenant's choice; an application needs its permission and a policy that is not closed to all but administrators.</summary>
    private static void CheckRight(GraphCall call)
    {
        var from = call.Directory.AuthorizationPolicy(call.Tenant.Id).AllowInvitesFrom;
        var roles = call.Person is { } person ? call.Directory.RolesOf(person) : null;
        var admin = roles?.Overlaps([DirectoryRoles.GlobalAdministrator, DirectoryRoles.UserAdministrator, DirectoryRoles.GuestInviter]) == true;
        var allowed = from switch
        {
            "none" => false,
            "adminsAndGuestInviters" => admin,
            "adminsGuestInvitersAndAllMembers" => call.Caller.IsApplication || admin || call.Person is { IsGuestType: false },
            _ => true,
        };
        if (!allowed) throw new GraphRefusal(StatusCodes.Status403Forbidden, "Forbidden", "Guest invitations not allowed for your company. Contact your company administrator for more details.");
    }

    private static JsonObject Answer(GraphCall call, JsonObject body, TwinUser guest, string redirect)
    {
        var redeem = RedeemEndpoint.Link(TwinAddress.SignInOrigin(call.Context), guest, redirect, call.Services.Random);
        return new JsonObject
        {
            ["id"] = call.Services.Random.Id("invitation", guest.Id.ToString(), call.Now.UtcTicks.ToString()).ToString("D"),
            ["inviteRedeemUrl"] = redeem,
            ["invitedUserDisplayName"] = body["invitedUserDisplayName"]?.DeepClone(),
            ["invitedUserType"] = guest.UserType ?? "Guest",
            ["invitedUserEmailAddress"] = guest.Mail,
            ["sendInvitationMessage"] = body["sendInvitationMessage"]?.DeepClone() ?? false,
            ["resetRedemption"] = body["resetRedemption"]?.DeepClone() ?? false,
            ["inviteRedirectUrl"] = redirect,
            ["status"] = guest.Accepted ? "Completed" : "PendingAcceptance",
            ["invitedUserMessageInfo"] = body["invitedUserMessageInfo"]?.DeepClone() ?? new JsonObject { ["messageLanguage"] = null, ["customizedMessageBody"] = null, ["ccRecipients"] = new JsonArray() },
            ["invitedUser"] = new JsonObject { ["id"] = guest.Id.ToString("D") },
        };
    }
}
