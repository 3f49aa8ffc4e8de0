using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>Guests from invitation to first visit.</summary>
public sealed class InvitationTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task A_guest_is_pending_until_the_first_visit_and_inviting_again_finds_the_same()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        await people.Twin.Control.CreateUserAsync(people.Twin.Provider.Id, new() { Name = "Gina Guest", Upn = "gina@northwatch.example", Password = RunningTwin.Password }, default);

        var first = (await graph.Invitations.PostAsync(Invite("gina@northwatch.example")))!;
        var pending = await StateAsync();
        var second = (await graph.Invitations.PostAsync(Invite("gina@northwatch.example")))!;
        await people.GraphOfAsync("gina@northwatch.example", people.Twin.Alder); // walks through "Review permissions"
        var accepted = await StateAsync();

        first.Status.ShouldBe("PendingAcceptance");
        first.InviteRedeemUrl!.ShouldContain("/redeem?rd=");
        second.InvitedUser!.Id.ShouldBe(first.InvitedUser!.Id);
        (pending.UserPrincipalName, pending.ExternalUserState, pending.Identities![0].Issuer).ShouldBe(("gina_northwatch.example#EXT#@alder.example", "PendingAcceptance", "mail"));
        (accepted.ExternalUserState, accepted.Identities![0].Issuer).ShouldBe(("Accepted", "ExternalAzureAD"));

        async Task<User> StateAsync() => (await graph.Users[first.InvitedUser!.Id].GetAsync(request => request.QueryParameters.Select = ["userPrincipalName", "externalUserState", "identities"]))!;
    }

    [Fact]
    public async Task An_address_nobody_has_yet_is_tied_to_the_person_who_signs_in_with_it()
    {
        var graph = await people.GraphAsync(people.Twin.Birch);
        var invited = (await graph.Invitations.PostAsync(Invite("later@northwatch.example")))!;
        await people.Twin.Control.CreateUserAsync(people.Twin.Provider.Id, new() { Name = "Later Lars", Upn = "later@northwatch.example", Password = RunningTwin.Password }, default);

        var person = await people.GraphOfAsync("later@northwatch.example", people.Twin.Birch);

        (await person.Me.GetAsync())!.Id.ShouldBe(invited.InvitedUser!.Id);
    }

    [Fact]
    public async Task The_link_leads_through_sign_in_and_the_first_visit_to_where_it_points()
    {
        var graph = await people.GraphAsync(people.Twin.Birch);
        await people.Twin.Control.CreateUserAsync(people.Twin.Provider.Id, new() { Name = "Liv Link", Upn = "liv@northwatch.example", Password = RunningTwin.Password }, default);
        var invited = (await graph.Invitations.PostAsync(Invite("liv@northwatch.example")))!;
        using var walker = new Walker(people.Twin);

        await walker.GetAsync(invited.InviteRedeemUrl!);
        await walker.SignInAsync("liv@northwatch.example");
        walker.Kind.ShouldBe("review");
        await walker.AcceptAsync();
        var landed = walker.Location;
        await walker.GetAsync(invited.InviteRedeemUrl!.Replace("url%3D", "url%3Dhttps%253A%252F%252Fevil.example%252F", StringComparison.Ordinal));

        landed.ShouldBe(new Uri("https://security.microsoft.com/"));
        walker.Kind.ShouldBe("redeem-invalid", "a link leads only where the invitation pointed");
        (await graph.Users[invited.InvitedUser!.Id].GetAsync(request => request.QueryParameters.Select = ["externalUserState"]))!.ExternalUserState.ShouldBe("Accepted");
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("\"quoted\"@northwatch.example")]
    [InlineData("adam@alder.example")]
    [InlineData("")]
    public async Task An_address_that_cannot_be_invited_is_refused(string address)
    {
        var graph = await people.GraphAsync(people.Twin.Alder);

        (await Should.ThrowAsync<ODataError>(() => graph.Invitations.PostAsync(Invite(address)))).ResponseStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task Guests_invite_only_where_the_policy_lets_everyone()
    {
        var directory = people.Twin.Host.Services.Directory;
        var guest = await people.GraphOfAsync("ann@northwatch.example", people.Twin.Alder);

        (await guest.Invitations.PostAsync(Invite("pal@northwatch.example")))!.Status.ShouldBe("PendingAcceptance");
        directory.PutPolicy(directory.AuthorizationPolicy(people.Twin.Alder.Id) with { AllowInvitesFrom = "adminsGuestInvitersAndAllMembers" });
        var refused = await Should.ThrowAsync<ODataError>(() => guest.Invitations.PostAsync(Invite("pal2@northwatch.example")));
        directory.PutPolicy(directory.AuthorizationPolicy(people.Twin.Alder.Id) with { AllowInvitesFrom = "everyone" });

        refused.ResponseStatusCode.ShouldBe(403);
        refused.Error!.Message!.ShouldContain("Guest invitations not allowed");
    }

    private static Invitation Invite(string address) => new() { InvitedUserEmailAddress = address, InviteRedirectUrl = "https://security.microsoft.com/", SendInvitationMessage = false };
}
