using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class RoleTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task A_role_is_given_found_by_its_holder_and_taken_back()
    {
        var graph = await twin.GraphAsync();
        var user = await PersonAsync("Rita Reader");
        UnifiedRoleAssignment Wanted() => new() { RoleDefinitionId = DirectoryRoles.SecurityReader.ToString(), PrincipalId = user.Id.ToString(), DirectoryScopeId = "/" };

        var made = (await graph.RoleManagement.Directory.RoleAssignments.PostAsync(Wanted()))!;

        twin.Directory.FindUser(twin.Twin.Alder.Id, user.Id)!.Roles.ShouldBe([DirectoryRoles.SecurityReader]);
        var found = (await graph.RoleManagement.Directory.RoleAssignments.GetAsync(request =>
        {
            request.QueryParameters.Filter = $"principalId eq '{user.Id}'";
            request.QueryParameters.Expand = ["principal", "roleDefinition"];
        }))!.Value!.Single();
        (found.Id, found.RoleDefinition!.DisplayName).ShouldBe((made.Id, "Security Reader"));
        found.Principal.ShouldBeOfType<User>().DisplayName.ShouldBe("Rita Reader");
        var again = await Should.ThrowAsync<ODataError>(() => graph.RoleManagement.Directory.RoleAssignments.PostAsync(Wanted()));
        again.ResponseStatusCode.ShouldBe(400);
        again.Error!.Message.ShouldBe("A conflicting object with one or more of the specified property values is present in the directory.");
        await graph.RoleManagement.Directory.RoleAssignments[made.Id].DeleteAsync();
        twin.Directory.FindUser(twin.Twin.Alder.Id, user.Id)!.Roles.ShouldBeEmpty();
        (await Should.ThrowAsync<ODataError>(() => graph.RoleManagement.Directory.RoleAssignments[made.Id].GetAsync())).ResponseStatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task The_last_Global_Administrator_stays()
    {
        var graph = await twin.GraphAsync();
        var only = (await graph.RoleManagement.Directory.RoleAssignments.GetAsync(request => request.QueryParameters.Filter = $"roleDefinitionId eq '{DirectoryRoles.GlobalAdministrator}'"))!.Value!.Single();

        (await Should.ThrowAsync<ODataError>(() => graph.RoleManagement.Directory.RoleAssignments[only.Id].DeleteAsync())).ResponseStatusCode.ShouldBe(400);

        twin.Directory.RoleAssignments(twin.Twin.Alder.Id).ShouldContain(assignment => assignment.Id == only.Id);
    }

    [Fact]
    public async Task Only_a_role_assignable_group_holds_a_role_and_its_members_have_it()
    {
        var graph = await twin.GraphAsync();
        var user = await PersonAsync("Gus Group");
        async Task<string> GroupAsync(bool assignable) => (await graph.Groups.PostAsync(new Group { DisplayName = "Admins", MailEnabled = false, MailNickname = "admins", SecurityEnabled = true, IsAssignableToRole = assignable }))!.Id!;
        var (plain, assignable) = (await GroupAsync(false), await GroupAsync(true));
        await graph.Groups[assignable].Members.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/directoryObjects/{user.Id}" });
        UnifiedRoleAssignment To(string group) => new() { RoleDefinitionId = DirectoryRoles.UserAdministrator.ToString(), PrincipalId = group, DirectoryScopeId = "/" };

        await graph.RoleManagement.Directory.RoleAssignments.PostAsync(To(assignable));

        (await Should.ThrowAsync<ODataError>(() => graph.RoleManagement.Directory.RoleAssignments.PostAsync(To(plain)))).ResponseStatusCode.ShouldBe(400);
        twin.Directory.RolesOf(twin.Directory.FindUser(twin.Twin.Alder.Id, user.Id)!).ShouldContain(DirectoryRoles.UserAdministrator);
    }

    [Fact]
    public async Task A_directory_role_shows_once_it_is_activated_and_takes_members()
    {
        var graph = await twin.GraphAsync();
        var user = await PersonAsync("Ina Inviter");
        var template = DirectoryRoles.GuestInviter.ToString();
        (await Should.ThrowAsync<ODataError>(() => graph.DirectoryRolesWithRoleTemplateId(template).GetAsync())).ResponseStatusCode.ShouldBe(404);

        var role = (await graph.DirectoryRoles.PostAsync(new DirectoryRole { RoleTemplateId = template }))!;
        await graph.DirectoryRoles[role.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/users/{user.Id}" });

        (await graph.DirectoryRolesWithRoleTemplateId(template).GetAsync())!.Id.ShouldBe(role.Id);
        (await graph.DirectoryRoles[role.Id].Members.GetAsync())!.Value!.Single().Id.ShouldBe(user.Id.ToString());
        (await graph.DirectoryRoles.GetAsync())!.Value!.ShouldContain(known => known.RoleTemplateId == DirectoryRoles.GlobalAdministrator.ToString());
        await graph.DirectoryRoles[role.Id].Members[user.Id.ToString()].Ref.DeleteAsync();
        (await graph.DirectoryRoles[role.Id].Members.GetAsync())!.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_member_without_a_role_reads_roles_but_gives_none()
    {
        var user = await PersonAsync("Mia Member");
        var graph = await twin.GraphOfAsync(user.Upn);

        (await graph.RoleManagement.Directory.RoleDefinitions.GetAsync(request => request.QueryParameters.Filter = "displayName eq 'Security Reader'"))!.Value!.Single().Id.ShouldBe(DirectoryRoles.SecurityReader.ToString());
        var refused = await Should.ThrowAsync<ODataError>(() => graph.RoleManagement.Directory.RoleAssignments.PostAsync(new UnifiedRoleAssignment { RoleDefinitionId = DirectoryRoles.GlobalAdministrator.ToString(), PrincipalId = user.Id.ToString(), DirectoryScopeId = "/" }));

        (refused.ResponseStatusCode, refused.Error!.Code).ShouldBe((403, "Authorization_RequestDenied"));
    }

    private Task<UserView> PersonAsync(string name) =>
        twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, new NewUser { Name = name, Upn = $"u{Guid.NewGuid():N}@alder.example", Password = RunningTwin.Password }, default);
}
