using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Users.Item.GetMemberGroups;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>Routes that no story needs, each read into Microsoft's own types once.</summary>
public sealed class ConformanceTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    private const string Root = "https://graph.microsoft.com/v1.0/directoryObjects/";

    [Fact]
    public async Task Counts_casts_owners_and_sponsors_of_people_and_groups()
    {
        var graph = await people.GraphAsync();
        var owner = (await graph.Users.PostAsync(UserTests.Member("una", "Una Owner")))!;
        var group = (await graph.Groups.PostAsync(GroupTests.Security("Counted", owner.Id!)))!;
        var guest = (await graph.Invitations.PostAsync(new Invitation { InvitedUserEmailAddress = "sponsored@northwatch.example", InviteRedirectUrl = "https://security.microsoft.com/" }))!.InvitedUser!.Id!;

        await graph.Groups[group.Id].Owners.Ref.PostAsync(new ReferenceCreate { OdataId = Root + owner.Id });
        var owners = (await graph.Groups[group.Id].Owners.GetAsync())!.Value!;
        await graph.Groups[group.Id].Owners[owner.Id].Ref.DeleteAsync();

        (await graph.Groups[group.Id].GetAsync())!.DisplayName.ShouldBe("Counted");
        owners.Single().ShouldBeOfType<User>().DisplayName.ShouldBe("Una Owner");
        (await graph.Groups[group.Id].Owners.GetAsync())!.Value!.ShouldBeEmpty();
        (await graph.Groups[group.Id].Members.GraphUser.GetAsync())!.Value!.Single().UserPrincipalName.ShouldBe("una@alder.example");
        (await graph.Groups[group.Id].Members.Count.GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual"))).ShouldBe(1);
        (await graph.Groups.Count.GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual")))!.Value.ShouldBeGreaterThan(0);
        (await graph.Users.Count.GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual")))!.Value.ShouldBeGreaterThan(1);
        (await graph.ServicePrincipals.Count.GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual")))!.Value.ShouldBeGreaterThan(2);
        (await graph.Applications.Count.GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual")))!.ShouldNotBeNull();
        (await graph.Users[guest].Sponsors.GetAsync())!.Value!.ShouldBeEmpty("an application invited");
        (await graph.Users[owner.Id].GetMemberGroups.PostAsGetMemberGroupsPostResponseAsync(new GetMemberGroupsPostRequestBody { SecurityEnabledOnly = true }))!.Value!.ShouldBe([group.Id!]);
        (await graph.Users[owner.Id].RevokeSignInSessions.PostAsRevokeSignInSessionsPostResponseAsync())!.Value.ShouldBe(true);
        (await graph.Users.Delta.GetAsDeltaGetResponseAsync())!.OdataDeltaLink.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_person_reads_what_they_belong_to()
    {
        var app = await people.GraphAsync();
        var admin = (await app.Users["adam@alder.example"].GetAsync())!.Id!;
        var group = (await app.Groups.PostAsync(GroupTests.Security("Adam's", admin)))!;
        var outer = (await app.Groups.PostAsync(GroupTests.Security("Around Adam's", group.Id!)))!;
        var graph = await people.GraphOfAsync("adam@alder.example");

        (await graph.Me.MemberOf.GetAsync())!.Value!.OfType<Group>().Select(known => known.Id).ShouldContain(group.Id);
        (await graph.Me.TransitiveMemberOf.GetAsync())!.Value!.OfType<Group>().Select(known => known.Id).ShouldContain(outer.Id);
    }

    [Fact]
    public async Task Registrations_answer_under_both_keys()
    {
        var graph = await people.GraphAsync();
        var made = (await graph.Applications.PostAsync(new Application { DisplayName = "Both keys" }))!;
        var byAppId = graph.ApplicationsWithAppId(made.AppId);

        (await byAppId.GetAsync())!.Id.ShouldBe(made.Id);
        (await graph.Applications[made.Id].Owners.GetAsync())!.Value!.ShouldNotBeNull();
        var secret = (await graph.Applications[made.Id].AddPassword.PostAsync(new() { PasswordCredential = new PasswordCredential { DisplayName = "one" } }))!;
        secret.SecretText.ShouldNotBeNullOrEmpty();
        await graph.Applications[made.Id].RemovePassword.PostAsync(new() { KeyId = secret.KeyId });
        (await byAppId.GetAsync())!.PasswordCredentials!.ShouldBeEmpty();
        await byAppId.DeleteAsync();
        (await graph.Directory.DeletedItems.GraphApplication.GetAsync())!.Value!.ShouldContain(gone => gone.Id == made.Id);
    }

    [Fact]
    public async Task A_service_principal_its_roles_and_grants_answer_under_both_keys()
    {
        var graph = await people.GraphAsync();
        var app = (await graph.Applications.PostAsync(new Application { DisplayName = "Granted" }))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        var resource = (await graph.ServicePrincipalsWithAppId("00000003-0000-0000-c000-000000000000").GetAsync())!;
        var role = resource.AppRoles!.Single(known => known.Value == "SecurityAlert.Read.All");

        var assigned = (await graph.ServicePrincipals[principal.Id].AppRoleAssignments.PostAsync(new AppRoleAssignment { PrincipalId = Guid.Parse(principal.Id!), ResourceId = Guid.Parse(resource.Id!), AppRoleId = role.Id }))!;
        var grant = (await graph.Oauth2PermissionGrants.PostAsync(new OAuth2PermissionGrant { ClientId = principal.Id, ConsentType = "AllPrincipals", ResourceId = resource.Id, Scope = "User.Read" }))!;

        (await graph.ServicePrincipals[principal.Id].GetAsync())!.AppId.ShouldBe(app.AppId);
        (await graph.ServicePrincipals[principal.Id].AppRoleAssignments[assigned.Id].GetAsync())!.AppRoleId.ShouldBe(role.Id);
        (await graph.ServicePrincipalsWithAppId(app.AppId).GetAsync())!.Id.ShouldBe(principal.Id);
        (await graph.ServicePrincipals[resource.Id].AppRoleAssignedTo.GetAsync())!.Value!.ShouldContain(known => known.Id == assigned.Id);
        (await graph.Oauth2PermissionGrants[grant.Id].GetAsync())!.Scope.ShouldBe("User.Read");
        (await graph.ServicePrincipals[principal.Id].Oauth2PermissionGrants.GetAsync())!.Value!.Single().Id.ShouldBe(grant.Id);
        await graph.ServicePrincipals[principal.Id].AppRoleAssignments[assigned.Id].DeleteAsync();
        (await graph.ServicePrincipals[principal.Id].AppRoleAssignments.GetAsync())!.Value!.ShouldBeEmpty();
        await graph.ServicePrincipalsWithAppId(app.AppId).PatchAsync(new ServicePrincipal { AppRoleAssignmentRequired = true });
        (await graph.ServicePrincipals[principal.Id].GetAsync())!.AppRoleAssignmentRequired.ShouldBe(true);
        await graph.ServicePrincipals[principal.Id].DeleteAsync();
    }

    [Theory]
    [InlineData("users/delta")]
    [InlineData("groups/delta")]
    public async Task Delta_is_spelled_without_parentheses_too(string path)
    {
        using var http = await people.HttpAsync(people.Twin.Alder);

        (await http.GetStringAsync(path)).ShouldContain("@odata.deltaLink");
    }

    [Fact]
    public async Task Things_are_removed_by_their_other_keys()
    {
        var graph = await people.GraphAsync();
        using var http = await people.HttpAsync(people.Twin.Alder);
        var group = GroupTests.Security("Keyed");
        group.UniqueName = "keyed";
        await graph.Groups.PostAsync(group);
        var app = (await graph.Applications.PostAsync(new Application { DisplayName = "Keyed" }))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        var resource = (await graph.ServicePrincipalsWithAppId("00000003-0000-0000-c000-000000000000").GetAsync())!;
        var role = resource.AppRoles!.Single(known => known.Value == "SecurityAlert.Read.All").Id;
        var reader = Bailiwick.Twin.World.DirectoryRoles.GlobalReader.ToString();
        var admin = (await graph.Users["adam@alder.example"].GetAsync())!.Id!;

        await graph.GroupsWithUniqueName("keyed").DeleteAsync();
        foreach (var side in new[] { $"servicePrincipals(appId='{app.AppId}')/appRoleAssignments", $"servicePrincipals(appId='{resource.AppId}')/appRoleAssignedTo" })
        {
            var assigned = (await graph.ServicePrincipals[principal.Id].AppRoleAssignments.PostAsync(new AppRoleAssignment { PrincipalId = Guid.Parse(principal.Id!), ResourceId = Guid.Parse(resource.Id!), AppRoleId = role }))!;
            using var removed = await http.DeleteAsync($"{side}/{assigned.Id}");
            removed.StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent, side);
        }

        await graph.RoleManagement.Directory.RoleAssignments.PostAsync(new UnifiedRoleAssignment { RoleDefinitionId = reader, PrincipalId = admin, DirectoryScopeId = "/" });
        using var left = await http.DeleteAsync($"directoryRoles(roleTemplateId='{reader}')/members/{admin}/$ref");

        left.StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await graph.ServicePrincipals[principal.Id].AppRoleAssignments.GetAsync())!.Value!.ShouldBeEmpty();
        (await graph.Groups.GetAsync(request => request.QueryParameters.Filter = "displayName eq 'Keyed'"))!.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Roles_and_policies_that_stories_do_not_read()
    {
        var graph = await people.GraphAsync();
        var reader = Bailiwick.Twin.World.DirectoryRoles.SecurityReader.ToString();
        var admin = (await graph.Users["adam@alder.example"].GetAsync())!.Id!;

        var assignment = (await graph.RoleManagement.Directory.RoleAssignments.PostAsync(new UnifiedRoleAssignment { RoleDefinitionId = reader, PrincipalId = admin, DirectoryScopeId = "/" }))!;
        (await graph.RoleManagement.Directory.RoleAssignments[assignment.Id].GetAsync())!.PrincipalId.ShouldBe(admin);
        (await graph.RoleManagement.Directory.RoleDefinitions[reader].GetAsync())!.DisplayName.ShouldBe("Security Reader");
        var active = (await graph.DirectoryRoles.GetAsync())!.Value!.Single(role => role.RoleTemplateId == reader);
        (await graph.DirectoryRoles[active.Id].GetAsync())!.DisplayName.ShouldBe("Security Reader");
        (await graph.DirectoryRolesWithRoleTemplateId(reader).GetAsync())!.Id.ShouldBe(active.Id);
        (await graph.Policies.CrossTenantAccessPolicy.GetAsync())!.ShouldNotBeNull();
        var partner = Guid.NewGuid().ToString();
        await graph.Policies.CrossTenantAccessPolicy.Partners.PostAsync(new CrossTenantAccessPolicyConfigurationPartner { TenantId = partner, InboundTrust = new CrossTenantAccessPolicyInboundTrust { IsMfaAccepted = true } });
        var synchronization = graph.Policies.CrossTenantAccessPolicy.Partners[partner].IdentitySynchronization;
        await synchronization.PutAsync(new CrossTenantIdentitySyncPolicyPartner { DisplayName = "sync", UserSyncInbound = new CrossTenantUserSyncInbound { IsSyncAllowed = true } });
        (await synchronization.GetAsync())!.UserSyncInbound!.IsSyncAllowed.ShouldBe(true);
        await synchronization.DeleteAsync();
        await graph.Policies.CrossTenantAccessPolicy.Partners[partner].DeleteAsync();
        (await graph.Policies.CrossTenantAccessPolicy.Partners.GetAsync())!.Value!.ShouldNotBeNull();
    }
}
