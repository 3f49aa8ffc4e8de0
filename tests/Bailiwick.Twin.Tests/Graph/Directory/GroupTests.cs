using System.Net;
using System.Text;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>Groups, members and owners through Microsoft.Graph.</summary>
public sealed class GroupTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    private const string Root = "https://graph.microsoft.com/v1.0/directoryObjects/";

    [Fact]
    public async Task A_group_is_made_filled_listed_and_emptied()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        var group = (await graph.Groups.PostAsync(Security("Tier 1 Analyst")))!;
        var guest = await GuestAsync(graph);

        await graph.Groups[group.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = Root + guest });
        var members = (await graph.Groups[group.Id].Members.GetAsync())!.Value!;
        var again = await Should.ThrowAsync<ODataError>(() => graph.Groups[group.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = Root + guest }));
        var missing = await Should.ThrowAsync<ODataError>(() => graph.Groups[group.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = Root + Guid.NewGuid() }));
        await graph.Groups[group.Id].Members[guest].Ref.DeleteAsync();
        var left = (await graph.Groups[group.Id].Members.GetAsync())!.Value!;

        members.Single().ShouldBeOfType<User>().Id.ShouldBe(guest);
        again.Error!.Message!.ShouldContain("already exist");
        (again.ResponseStatusCode, missing.ResponseStatusCode).ShouldBe((400, 404));
        left.ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_repeat_and_a_unique_name_is_made_or_changed_in_one_call()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        using var http = await people.HttpAsync(people.Twin.Alder);
        var first = (await graph.Groups.PostAsync(Security("Same name")))!;
        var second = (await graph.Groups.PostAsync(Security("Same name")))!;

        async Task<(HttpStatusCode, string)> UpsertAsync(string name, bool create)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, "groups(uniqueName='tier1')")
            {
                Content = new StringContent($$"""{"displayName":"{{name}}","mailEnabled":false,"mailNickname":"tier1","securityEnabled":true}""", Encoding.UTF8, "application/json"),
            };
            if (create) request.Headers.Add("Prefer", "create-if-missing");
            using var answer = await http.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        var refused = await UpsertAsync("Tier", create: false);
        var made = await UpsertAsync("Tier", create: true);
        var changed = await UpsertAsync("Tier renamed", create: true);
        var read = (await graph.GroupsWithUniqueName("tier1").GetAsync())!;

        first.Id.ShouldNotBe(second.Id);
        (refused.Item1, made.Item1, changed.Item1).ShouldBe((HttpStatusCode.NotFound, HttpStatusCode.Created, HttpStatusCode.NoContent));
        read.DisplayName.ShouldBe("Tier renamed");
    }

    [Fact]
    public async Task Members_are_bound_at_creation_and_nested_groups_counted_through()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        var guest = await GuestAsync(graph);
        var inner = (await graph.Groups.PostAsync(Security("Inner of two", guest)))!;
        var outer = (await graph.Groups.PostAsync(Security("Outer of two", inner.Id!)))!;

        var all = (await graph.Groups[outer.Id].TransitiveMembers.GetAsync())!.Value!;
        var users = (await graph.Groups[outer.Id].TransitiveMembers.GraphUser.GetAsync(request =>
        {
            request.Headers.Add("ConsistencyLevel", "eventual");
            (request.QueryParameters.Count, request.QueryParameters.Filter) = (true, "userType eq 'Guest'");
        }))!;

        all.Select(member => member.Id).ShouldBe([inner.Id, guest], ignoreOrder: true);
        users.Value!.Single().Id.ShouldBe(guest);
        users.OdataCount.ShouldBe(1);
    }

    [Fact]
    public async Task Owners_change_members_and_others_do_not()
    {
        var app = await people.GraphAsync(people.Twin.Alder);
        await app.Users.PostAsync(UserTests.Member("owen", "Owen Owner"));
        await app.Users.PostAsync(UserTests.Member("otto", "Otto Other"));
        var owner = await people.GraphOfAsync("owen@alder.example", people.Twin.Alder, "Long-Enough-1");
        var other = await people.GraphOfAsync("otto@alder.example", people.Twin.Alder, "Long-Enough-1");
        var group = (await owner.Groups.PostAsync(Security("Owen's")))!;
        var member = (await app.Users["otto@alder.example"].GetAsync())!.Id!;

        await owner.Groups[group.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = Root + member });
        var denied = await Should.ThrowAsync<ODataError>(() => other.Groups[group.Id].PatchAsync(new Group { Description = "mine now" }));
        await other.Groups[group.Id].Members[member].Ref.DeleteAsync();

        denied.Error!.Code.ShouldBe("Authorization_RequestDenied");
        (await app.Groups[group.Id].Members.GetAsync())!.Value!.ShouldBeEmpty("a member may leave");
    }

    internal static Group Security(string name, params string[] members)
    {
        var group = new Group { DisplayName = name, MailEnabled = false, MailNickname = new string([.. name.Where(char.IsAsciiLetterOrDigit)]), SecurityEnabled = true };
        if (members.Length > 0) group.AdditionalData["members@odata.bind"] = members.Select(id => Root + id).ToList();
        return group;
    }

    private static async Task<string> GuestAsync(GraphServiceClient graph) =>
        (await graph.Users.GetAsync(request => request.QueryParameters.Filter = "userType eq 'Guest'"))!.Value!.First(user => user.UserPrincipalName!.StartsWith("ann_", StringComparison.Ordinal)).Id!;
}
