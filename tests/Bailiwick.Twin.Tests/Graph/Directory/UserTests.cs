using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Graph.Users.Item.CheckMemberGroups;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>Users through Microsoft.Graph.</summary>
public sealed class UserTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task A_member_is_made_read_by_both_keys_changed_and_deleted()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);

        var made = (await graph.Users.PostAsync(Member("petra", "Petra Planner")))!;
        var byName = (await graph.Users["petra@alder.example"].GetAsync(request => request.QueryParameters.Select = ["id", "userType", "accountEnabled", "createdDateTime", "identities"]))!;
        await graph.Users[made.Id].PatchAsync(new User { JobTitle = "Planner", AccountEnabled = false });
        var changed = (await graph.Users[made.Id].GetAsync(request => request.QueryParameters.Select = ["jobTitle", "accountEnabled"]))!;
        await graph.Users[made.Id].DeleteAsync();
        var gone = await Should.ThrowAsync<ODataError>(() => graph.Users[made.Id].GetAsync());

        (byName.Id, byName.UserType, byName.AccountEnabled).ShouldBe((made.Id, "Member", true));
        byName.Identities!.Single().IssuerAssignedId.ShouldBe("petra@alder.example");
        (changed.JobTitle, changed.AccountEnabled).ShouldBe(("Planner", false));
        (gone.ResponseStatusCode, gone.Error!.Code).ShouldBe((404, "Request_ResourceNotFound"));
    }

    [Fact]
    public async Task Only_default_properties_come_without_select()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);

        var plain = (await graph.Users["adam@alder.example"].GetAsync())!;

        plain.DisplayName.ShouldBe("Adam Admin");
        plain.UserType.ShouldBeNull();
        plain.AccountEnabled.ShouldBeNull();
    }

    [Fact]
    public async Task A_list_is_filtered_counted_searched_and_paged()
    {
        var graph = await people.GraphAsync(people.Twin.Birch);
        foreach (var n in Enumerable.Range(1, 7)) await graph.Users.PostAsync(new User { AccountEnabled = true, DisplayName = $"Lister {n}", MailNickname = $"lister{n}", UserPrincipalName = $"lister{n}@birch.example", PasswordProfile = new PasswordProfile { Password = "Long-Enough-1" } });

        var guests = (await graph.Users.GetAsync(request => request.QueryParameters.Filter = "userType eq 'Guest'"))!;
        var counted = (await graph.Users.GetAsync(request =>
        {
            request.Headers.Add("ConsistencyLevel", "eventual");
            (request.QueryParameters.Count, request.QueryParameters.Filter, request.QueryParameters.Orderby, request.QueryParameters.Top) = (true, "startsWith(displayName,'Lister') and not(displayName eq 'Lister 4')", ["displayName desc"], 4);
        }))!;
        var next = (await graph.Users.WithUrl(counted.OdataNextLink!).GetAsync(request => request.Headers.Add("ConsistencyLevel", "eventual")))!;
        var found = (await graph.Users.GetAsync(request =>
        {
            request.Headers.Add("ConsistencyLevel", "eventual");
            request.QueryParameters.Search = "\"displayName:lister\"";
        }))!;

        guests.Value!.Single().UserPrincipalName.ShouldBe("ann_northwatch.example#EXT#@birch.example");
        counted.OdataCount.ShouldBe(6);
        counted.Value!.Concat(next.Value!).Select(user => user.DisplayName).ShouldBe(["Lister 7", "Lister 6", "Lister 5", "Lister 3", "Lister 2", "Lister 1"]);
        next.OdataNextLink.ShouldBeNull();
        found.Value!.Count.ShouldBe(7);
    }

    [Theory]
    [InlineData("displayName ne 'x'", "Request_UnsupportedQuery")]
    [InlineData("endsWith(mail,'x')", "Request_UnsupportedQuery")]
    [InlineData("jobTitle gt 'x'", "Request_UnsupportedQuery")]
    [InlineData("nothing eq 'x'", "BadRequest")]
    [InlineData("displayName eq", "BadRequest")]
    public async Task What_a_filter_may_not_ask_is_refused(string filter, string code)
    {
        var graph = await people.GraphAsync(people.Twin.Alder);

        var refused = await Should.ThrowAsync<ODataError>(() => graph.Users.GetAsync(request => request.QueryParameters.Filter = filter));

        (refused.ResponseStatusCode, refused.Error!.Code).ShouldBe((400, code));
    }

    [Fact]
    public async Task A_name_outside_the_domain_or_taken_is_refused_and_nothing_is_made()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);

        var foreign = await Should.ThrowAsync<ODataError>(() => graph.Users.PostAsync(Member("olaf", "Olaf", "birch.example")));
        var taken = await Should.ThrowAsync<ODataError>(() => graph.Users.PostAsync(Member("adam", "Second Adam")));

        foreign.Error!.Message!.ShouldContain("verified domain");
        taken.Error!.Message!.ShouldContain("already exists");
        (await graph.Users["adam@alder.example"].GetAsync())!.DisplayName.ShouldBe("Adam Admin");
    }

    [Fact]
    public async Task A_person_sees_what_their_role_allows_and_a_guest_does_not_list()
    {
        var admin = await people.GraphOfAsync("adam@alder.example", people.Twin.Alder);
        var guest = await people.GraphOfAsync("ann@northwatch.example", people.Twin.Alder);

        (await admin.Me.GetAsync())!.UserPrincipalName.ShouldBe("adam@alder.example");
        (await admin.Users.GetAsync())!.Value!.ShouldNotBeEmpty();
        (await guest.Me.GetAsync())!.UserPrincipalName.ShouldBe("ann_northwatch.example#EXT#@alder.example");
        (await Should.ThrowAsync<ODataError>(() => guest.Users.GetAsync())).Error!.Code.ShouldBe("Authorization_RequestDenied");
        (await Should.ThrowAsync<ODataError>(() => guest.Users["adam@alder.example"].PatchAsync(new User { JobTitle = "x" }))).ResponseStatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task Groups_of_a_user_are_found_through_nesting()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        var user = (await graph.Users.PostAsync(Member("nested", "Nested Nora")))!;
        var inner = (await graph.Groups.PostAsync(GroupTests.Security("Inner", user.Id!)))!;
        var outer = (await graph.Groups.PostAsync(GroupTests.Security("Outer", inner.Id!)))!;

        var direct = (await graph.Users[user.Id].MemberOf.GetAsync())!.Value!.Select(group => group.Id);
        var all = (await graph.Users[user.Id].TransitiveMemberOf.GetAsync())!.Value!.Select(group => group.Id);
        var asked = (await graph.Users[user.Id].CheckMemberGroups.PostAsCheckMemberGroupsPostResponseAsync(new CheckMemberGroupsPostRequestBody { GroupIds = [outer.Id!, Guid.NewGuid().ToString()] }))!.Value!;

        direct.ShouldBe([inner.Id]);
        all.ShouldBe([inner.Id, outer.Id], ignoreOrder: true);
        asked.ShouldBe([outer.Id!]);
    }

    [Fact]
    public async Task A_new_object_is_not_found_before_replication()
    {
        await using var twin = await RunningTwin.StartAsync();
        await twin.Control.ChangeClockAsync(new Bailiwick.Twin.Control.ClockChange { Frozen = true }, default);
        await twin.Control.SwitchAsync(new Bailiwick.Twin.Control.SwitchesView(ReplicationLagSeconds: 20), default);
        var app = await twin.CreateAppAsync("Lag", app => app with { Permissions = [new("https://graph.microsoft.com", "User.ReadWrite.All", true)] });
        await twin.Control.ConsentAsync(twin.Alder.Id, new Bailiwick.Twin.Control.NewConsent { AppId = app.AppId }, default);
        using var http = twin.CreateClient();
        var token = (await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app))).Body.GetProperty("access_token").GetString();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var body = """{"accountEnabled":true,"displayName":"Late","mailNickname":"late","userPrincipalName":"late@alder.example","passwordProfile":{"password":"Long-Enough-1"}}""";
        using var made = await http.PostAsync("/graph/v1.0/users", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        using var early = await http.GetAsync("/graph/v1.0/users/late@alder.example");
        await twin.Control.ChangeClockAsync(new Bailiwick.Twin.Control.ClockChange { AdvanceSeconds = 20 }, default);
        using var later = await http.GetAsync("/graph/v1.0/users/late@alder.example");

        ((int)made.StatusCode, (int)early.StatusCode, (int)later.StatusCode).ShouldBe((201, 404, 200));
    }

    internal static User Member(string name, string displayName, string domain = "alder.example") => new()
    {
        AccountEnabled = true,
        DisplayName = displayName,
        MailNickname = name,
        UserPrincipalName = $"{name}@{domain}",
        PasswordProfile = new PasswordProfile { Password = "Long-Enough-1", ForceChangePasswordNextSignIn = false },
    };
}
