using Bailiwick.Twin.Control;
using Microsoft.Graph;
using Microsoft.Graph.DirectoryObjects.GetByIds;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class DeletedTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task Deleted_users_groups_and_registrations_are_listed_restored_and_ended()
    {
        var graph = await twin.GraphAsync();
        var user = await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, new NewUser { Name = "Dora Deleted", Upn = "dora@alder.example", Password = RunningTwin.Password }, default);
        var group = (await graph.Groups.PostAsync(new Group { DisplayName = "Deleted", MailEnabled = false, MailNickname = "deleted", SecurityEnabled = true }))!;
        var app = (await graph.Applications.PostAsync(new Application { DisplayName = "Deleted" }))!;
        await graph.Users[user.Id.ToString()].DeleteAsync();
        await graph.Groups[group.Id].DeleteAsync();
        await graph.Applications[app.Id].DeleteAsync();
        var deleted = graph.Directory.DeletedItems;

        (await deleted.GraphUser.GetAsync())!.Value!.ShouldContain(known => known.Id == user.Id.ToString() && known.DeletedDateTime != null);
        (await deleted.GraphGroup.GetAsync())!.Value!.ShouldContain(known => known.Id == group.Id);
        (await deleted.GraphApplication.GetAsync())!.Value!.ShouldContain(known => known.AppId == app.AppId);
        (await deleted[app.Id].GetAsync()).ShouldBeOfType<Application>();
        (await deleted[user.Id.ToString()].Restore.PostAsync()).ShouldBeOfType<User>();
        (await graph.Users[user.Id.ToString()].GetAsync())!.DisplayName.ShouldBe("Dora Deleted");
        await deleted[app.Id].Restore.PostAsync();
        (await graph.Applications[app.Id].GetAsync())!.AppId.ShouldBe(app.AppId);
        await deleted[group.Id].DeleteAsync();
        (await Should.ThrowAsync<ODataError>(() => deleted[group.Id].Restore.PostAsync())).ResponseStatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task A_name_taken_since_stands_against_a_restoration()
    {
        var graph = await twin.GraphAsync();
        NewUser Named() => new() { Name = "Tom Twice", Upn = "tom@alder.example", Password = RunningTwin.Password };
        var first = await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, Named(), default);
        await graph.Users[first.Id.ToString()].PatchAsync(new User { UserPrincipalName = "tim@alder.example" });
        await graph.Users[first.Id.ToString()].DeleteAsync();
        await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, Named() with { Upn = "tim@alder.example" }, default);

        (await Should.ThrowAsync<ODataError>(() => graph.Directory.DeletedItems[first.Id.ToString()].Restore.PostAsync())).ResponseStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task Objects_of_any_type_are_read_by_id()
    {
        var graph = await twin.GraphAsync();
        var principal = (await graph.ServicePrincipalsWithAppId("00000003-0000-0000-c000-000000000000").GetAsync())!;
        var admin = twin.Twin.AlderAdmin.Id.ToString();

        (await graph.DirectoryObjects[admin].GetAsync()).ShouldBeOfType<User>();
        var found = (await graph.DirectoryObjects.GetByIds.PostAsGetByIdsPostResponseAsync(new GetByIdsPostRequestBody { Ids = [admin, principal.Id!, Guid.NewGuid().ToString()] }))!.Value!;
        found.Select(item => item.GetType()).ShouldBe([typeof(User), typeof(ServicePrincipal)]);
        (await graph.DirectoryObjects.GetByIds.PostAsGetByIdsPostResponseAsync(new GetByIdsPostRequestBody { Ids = [admin, principal.Id!], Types = ["user"] }))!.Value!.Single().Id.ShouldBe(admin);
    }
}
