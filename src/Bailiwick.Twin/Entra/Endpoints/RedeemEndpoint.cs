using Bailiwick.Twin.Entra.Pages;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Bailiwick.Twin.Entra.Endpoints;

/// <summary>
/// <c>/redeem?rd=…</c>, the link of an invitation: sign-in at home, the first-visit question of the inviting tenant, then on to where the invitation points.
/// The link's inner address is opaque to everybody but the service. Source: invitation resource type, 2024.
/// </summary>
internal sealed class RedeemEndpoint(EntraServices services, SignInFlow flow)
{
    /// <summary>The service that redeems, as sign-in logs name it. Source: first-party apps page, 2025.</summary>
    private static readonly TwinApp Portal = new()
    {
        AppId = new("4660504c-45b3-4674-a709-71951a6b0763"),
        ObjectId = Guid.Empty,
        HomeTenantId = Guid.Empty,
        DisplayName = "Microsoft Invitation Acceptance Portal",
        MultiTenant = true,
    };

    /// <summary>The link for a guest.</summary>
    /// <param name="origin">The sign-in origin that the client knows.</param>
    /// <param name="guest">Whom it is for.</param>
    /// <param name="redirect">Where it leads in the end.</param>
    /// <param name="random">Draws the ticket.</param>
    public static string Link(string origin, TwinUser guest, string redirect, TwinRandom random) =>
        $"{origin}/redeem?rd={Uri.EscapeDataString($"https://invitations.microsoft.com/redeem/?tenant={guest.TenantId:D}&user={guest.Id:D}&ticket={Ticket(guest, redirect, random)}&ver=2.0&url={Uri.EscapeDataString(redirect)}")}";

    public async Task HandleAsync(HttpContext context)
    {
        if (!Uri.TryCreate(context.Request.Query["rd"].ToString(), UriKind.Absolute, out var inner) || Find(QueryHelpers.ParseQuery(inner.Query), out var redirect) is not { } guest)
        {
            await SignInPages.DoneAsync(context, "redeem-invalid", "This invitation is not valid", "It was taken back, or the link is not complete. Ask whoever invited you for a new one.");
            return;
        }

        var segment = guest.TenantId.ToString("D");
        var request = new SignInRequest { Segment = segment, ClientId = Portal.AppId, Legacy = false, RedirectUri = redirect, LoginHint = guest.Mail };
        await flow.StartAsync(context, new SignInTransaction { Purpose = SignInPurpose.Redeem, Segment = new TenantSegment(segment, services.Directory.FindTenant(guest.TenantId)), Request = request, App = Portal });
    }

    private TwinUser? Find(Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query, out string redirect)
    {
        redirect = query.TryGetValue("url", out var url) ? url.ToString() : "";
        if (!Guid.TryParse(query.GetValueOrDefault("tenant").ToString(), out var tenant) || !Guid.TryParse(query.GetValueOrDefault("user").ToString(), out var user)) return null;
        return services.Directory.FindUser(tenant, user) is { IsGuest: true } guest && query.GetValueOrDefault("ticket").ToString() == Ticket(guest, redirect, services.Random) ? guest : null;
    }

    private static string Ticket(TwinUser guest, string redirect, TwinRandom random) => random.Id("ticket", guest.Id.ToString(), redirect).ToString("N");
}
