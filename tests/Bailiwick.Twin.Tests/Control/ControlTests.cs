using System.Net;
using System.Net.Http.Json;
using System.Text;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Control;

public sealed class ControlTests(RunningTwin twin) : IClassFixture<RunningTwin>
{
    private HttpClient Raw() => new() { BaseAddress = twin.Host.ControlAddress };

    [Fact]
    public async Task A_thousand_tenants_are_created_at_once_and_kept()
    {
        using var folder = new TempDirectory();
        IReadOnlyList<TwinTenant> tenants;
        await using (var first = await TwinHost.StartAsync(new TwinOptions { DataDirectory = folder.Path }, default))
        using (var control = new TwinControlClient(first.ControlAddress))
        {
            tenants = await control.CreateTenantsAsync([.. Enumerable.Range(0, 1000).Select(n => new NewTenant { Name = $"Customer {n}", Domain = $"customer{n}.example" })], default);
        }

        await using var second = await TwinHost.StartAsync(new TwinOptions { DataDirectory = folder.Path }, default);
        tenants.Count.ShouldBe(1000);
        second.Services.Directory.FindTenantByDomain("CUSTOMER999.example")!.Id.ShouldBe(tenants[999].Id);
    }

    [Fact]
    public async Task Tenants_are_created_all_or_none()
    {
        var refused = await Should.ThrowAsync<TwinControlException>(() => twin.Control.CreateTenantsAsync([new NewTenant { Name = "New", Domain = "new.example" }, new NewTenant { Name = "Again", Domain = "ALDER.example" }], default));

        refused.Message.ShouldContain("ALDER.example");
        twin.Host.Services.Directory.FindTenantByDomain("new.example").ShouldBeNull();
    }

    [Theory]
    [InlineData("tenants", """{"name":"Real","domain":"realcompany.com"}""", "invented names only")]
    [InlineData("tenants", """{"name":"Typo","domian":"typo.example"}""", "domian")]
    [InlineData("tenants", """{"name":""", "JSON")]
    [InlineData("faults", """{"kind":"Status","value":42}""", "42")]
    [InlineData("faults", """{"kind":"Status","value":204}""", "204")]
    [InlineData("faults", """{"kind":"Status","value":302}""", "302")]
    [InlineData("faults", """{"kind":"Sometimes"}""", "TwinFaultKind")]
    [InlineData("tenants/alder.example/users", """{"name":"X","upn":"x@birch.example","password":"p"}""", "alder.example")]
    [InlineData("tenants/alder.example/users", """{"name":"X","upn":"x@alder.example","password":"p","roles":["King"]}""", "King")]
    [InlineData("tenants/nobody.example/users", """{"guestOf":"ann@northwatch.example"}""", "nobody.example")]
    [InlineData("apps", """{"tenant":"alder.example","name":"Plain","redirectUris":["http://hub.example/cb"]}""", "plain http")]
    [InlineData("apps", """{"tenant":"alder.example","name":"Plain","certificates":["nonsense"]}""", "PEM")]
    public async Task A_mistake_is_refused_with_a_sentence_that_names_it(string path, string body, string part)
    {
        using var client = Raw();
        using var answer = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

        ((int)answer.StatusCode).ShouldBeOneOf(400, 409);
        (await answer.Content.ReadFromJsonAsync<ControlError>())!.Error.ShouldContain(part);
    }

    [Fact]
    public async Task Web_pages_cannot_drive_the_control_port()
    {
        using var client = Raw();
        using var withOrigin = new HttpRequestMessage(HttpMethod.Delete, "faults") { Headers = { { "Origin", "https://page.example" } } };
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "tenants") { Headers = { Host = "page.example" } };
        using var form = new HttpRequestMessage(HttpMethod.Post, "clock") { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };

        foreach (var request in new[] { withOrigin, rebound, form }) (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_clock_moves_freezes_and_resumes_and_expires_secrets()
    {
        await using var own = await RunningTwin.StartAsync();
        var frozen = await own.Control.ChangeClockAsync(new ClockChange { Frozen = true }, default);
        (await own.Control.ClockAsync(default)).Now.ShouldBe(frozen.Now);
        (await own.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 366 * 86400 }, default)).Now.ShouldBe(frozen.Now.AddDays(366));

        var (_, refused) = await own.TokenAsync(own.Alder.Id, own.AppOnly());

        refused.GetProperty("error_codes")[0].GetInt64().ShouldBe(7000222);
        (await own.Control.ChangeClockAsync(new ClockChange { Frozen = false }, default)).Now.ShouldBeGreaterThanOrEqualTo(frozen.Now.AddDays(366));
    }

    [Fact]
    public async Task Requests_are_counted_by_plane_tenant_and_status()
    {
        await using var own = await RunningTwin.StartAsync();
        await own.TokenAsync(own.Birch.Id, own.AppOnly());
        await own.TokenAsync(own.Birch.Id, own.AppOnly());
        await own.TokenAsync(own.Birch.Id, new(own.AppOnly()) { ["client_secret"] = "wrong" });

        var counts = (await own.Control.RequestsAsync(default)).Where(count => count.Tenant == own.Birch.Id).ToList();

        counts.Select(count => (count.Plane, count.Status, count.Requests)).ShouldBe([("signin", 200, 2L), ("signin", 401, 1L)]);
    }

    [Fact]
    public async Task Revoking_a_guest_object_has_no_effect()
    {
        var guest = (await twin.Control.UsersAsync(twin.Alder.Id, default)).Single(user => user.HomeUserId == twin.Analyst.Id);

        (await twin.Control.RevokeAsync(guest.Id, default)).Effective.ShouldBeFalse();
    }

    [Fact]
    public async Task Equal_seeds_give_equal_ids_and_another_seed_others()
    {
        await using var first = await RunningTwin.StartAsync(new TwinOptions { Seed = 7 });
        await using var second = await RunningTwin.StartAsync(new TwinOptions { Seed = 7 });
        await using var other = await RunningTwin.StartAsync(new TwinOptions { Seed = 8 });

        (first.Alder.Id, first.Hub.AppId, first.Analyst.Id).ShouldBe((second.Alder.Id, second.Hub.AppId, second.Analyst.Id));
        other.Alder.Id.ShouldNotBe(first.Alder.Id);
    }

    [Fact]
    public async Task Removing_a_user_takes_memberships_and_personal_consents_along()
    {
        await using var own = await RunningTwin.StartAsync();
        var guest = (await own.Control.UsersAsync(own.Alder.Id, default)).Single(user => user.Guest);
        await own.Control.CreateGroupAsync(own.Alder.Id, new NewGroup("Tier 1", [guest.Id]), default);
        var directory = own.Host.Services.Directory;
        directory.Grant(own.Alder.Id, directory.FindApp(own.Hub.AppId)!, [new TwinPermission("https://graph.microsoft.com", "Mail.Read", false)], guest.Id);

        await own.Control.DeleteUserAsync(guest.Id, default);

        directory.Groups(own.Alder.Id).Single().Members.ShouldBeEmpty();
        directory.Grants(own.Alder.Id, own.Hub.AppId).ShouldNotContain(grant => grant.PrincipalId == guest.Id);
        directory.Grants(own.Alder.Id, own.Hub.AppId).ShouldNotBeEmpty();
        directory.FindPresence(directory.FindUserByName(own.Analyst.Upn)!, own.Alder.Id).ShouldBeNull();
    }
}
