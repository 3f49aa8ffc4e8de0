using System.Text.Json;
using Bailiwick.Twin.Tests.Planes;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>What people's tokens reach on Graph, Defender and the exporter, by the portal of the tenant.</summary>
public sealed class DelegatedAccessTests
{
    private const string Alerts = "/graph/v1.0/security/alerts_v2";

    [Fact]
    public async Task A_guest_without_a_role_is_refused_and_a_reader_may_read_only()
    {
        await using var world = await PortalWorld.StartAsync();
        var (guest, reader, admin) = (await world.TokenAsync(PortalWorld.One), await world.TokenAsync(PortalWorld.Reader), await world.TokenAsync(PortalWorld.Admin));

        var (status, body) = await world.CallAsync(guest, Alerts);
        status.ShouldBe(403);
        body.GetProperty("error").Str("code").ShouldBe("Forbidden");
        body.GetProperty("error").Str("message").ShouldContain("View data – Security operations");

        var all = (await world.CallAsync(admin, Alerts)).Body.Ids();
        all.Count.ShouldBe(60);
        (await world.CallAsync(reader, Alerts)).Body.Ids().ShouldBe(all);
        var (refused, why) = await world.CallAsync(reader, $"{Alerts}/{all[0]}", HttpMethod.Patch, """{"status":"resolved"}""");
        refused.ShouldBe(403);
        why.GetProperty("error").Str("message").ShouldContain("Alerts investigation");
        (await world.CallAsync(admin, $"{Alerts}/{all[0]}", HttpMethod.Patch, """{"status":"resolved"}""")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Turning_roles_on_takes_the_reader_out_and_lets_the_tiers_in()
    {
        await using var world = await PortalWorld.StartAsync();
        var closed = world.GroupNames[0];
        var (reader, one, two, admin) = (await world.TokenAsync(PortalWorld.Reader), await world.TokenAsync(PortalWorld.One), await world.TokenAsync(PortalWorld.Two), await world.TokenAsync(PortalWorld.Admin));
        (await world.CallAsync(reader, Alerts)).Status.ShouldBe(200);

        await world.GiveTiersAsync(closed);

        (await world.CallAsync(reader, Alerts)).Status.ShouldBe(403);
        var all = (await world.CallAsync(admin, Alerts)).Body.Values();
        (await world.CallAsync(two, Alerts)).Body.Ids().ShouldBe(all.ConvertAll(alert => alert.Str("id")));
        var hidden = all.Where(alert => GroupOf(alert) == closed).Select(alert => alert.Str("id")).ToList();
        hidden.ShouldNotBeEmpty();
        (await world.CallAsync(one, Alerts)).Body.Ids().ShouldBe(all.ConvertAll(alert => alert.Str("id")).Except(hidden));
        (await world.CallAsync(one, $"{Alerts}/{hidden[0]}")).Status.ShouldBe(404);
        (await world.CallAsync(two, $"{Alerts}/{hidden[0]}/comments", HttpMethod.Post, """{"comment":"mine"}""")).Status.ShouldBe(200);
        (await world.CallAsync(one, $"{Alerts}/{all.First(alert => GroupOf(alert) != closed).Str("id")}/comments", HttpMethod.Post, """{"comment":"mine"}""")).Status.ShouldBe(403);
    }

    [Fact]
    public async Task Defender_lists_only_devices_and_alerts_of_groups_that_are_open()
    {
        await using var world = await PortalWorld.StartAsync();
        var closed = world.GroupNames[0];
        await world.GiveTiersAsync(closed);
        const string Scope = "https://api.securitycenter.microsoft.com/.default";
        var (one, two) = (await world.TokenAsync(PortalWorld.One, Scope), await world.TokenAsync(PortalWorld.Two, Scope));

        var some = (await world.CallAsync(one, "/defender/api/machines")).Body.Values();
        var all = (await world.CallAsync(two, "/defender/api/machines")).Body.Values();
        all.Select(machine => machine.Str("rbacGroupName")).ShouldContain(closed);
        some.ConvertAll(machine => machine.Str("id")).ShouldBe(all.Where(machine => machine.Str("rbacGroupName") != closed).Select(machine => machine.Str("id")).ToList());
        (await world.CallAsync(one, "/defender/api/alerts")).Body.Values().ShouldAllBe(alert => alert.GetProperty("rbacGroupName").GetString() != closed);
        var id = (await world.CallAsync(one, "/defender/api/alerts?$top=1")).Body.Values()[0].Str("id");
        var (status, body) = await world.CallAsync(one, $"/defender/api/alerts/{id}", HttpMethod.Patch, """{"status":"Resolved"}""");
        (status, body.GetProperty("error").Str("code")).ShouldBe((403, "Forbidden"));
        (await world.CallAsync(one, "/defender/api/alerts/batchUpdate", HttpMethod.Post, $$"""{"alertIds":["{{id}}"],"status":"Resolved"}""")).Status.ShouldBe(403);
        (await world.CallAsync(two, "/defender/api/alerts/batchUpdate", HttpMethod.Post, $$"""{"alertIds":["{{id}}"],"status":"Resolved"}""")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_scope_of_the_control_API_narrows_what_roles_open_and_never_widens_it()
    {
        await using var world = await PortalWorld.StartAsync();
        var (closed, open) = (world.GroupNames[0], world.GroupNames[1]);
        await world.GiveTiersAsync(closed);
        var one = await world.TokenAsync(PortalWorld.One);

        world.Planes.SetScope(world.Tenant, world.OneId, [closed, open]);

        (await world.CallAsync(one, Alerts)).Body.Values().ConvertAll(GroupOf).Distinct().ShouldBe([open, null], ignoreOrder: true);
        world.Planes.SetScope(world.Tenant, world.OneId, [closed]);
        (await world.CallAsync(one, Alerts)).Body.Values().ShouldAllBe(alert => GroupOf(alert) == null);
    }

    [Fact]
    public async Task New_alerts_bear_the_group_their_device_is_in_now()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.PutAsync(new { deviceGroups = new[] { new { name = "Everything", rule = new[] { new { property = "Domain", @operator = "EndsWith", value = "alder.example" } } } } });
        var admin = await world.TokenAsync(PortalWorld.Admin);

        for (var i = 0; i < 12; i++) world.Planes.Alerts.Raise(world.Tenant, seed: i);

        var groups = (await world.CallAsync(admin, $"{Alerts}?$top=12")).Body.Values().ConvertAll(GroupOf).Where(group => group is not null).Distinct().ToList();
        groups.ShouldBe(["Everything"]);
    }

    private static string? GroupOf(JsonElement alert) => alert.GetProperty("evidence").EnumerateArray()
        .Select(item => item.TryGetProperty("rbacGroupName", out var name) ? name.GetString() : null).FirstOrDefault(name => name is not null);
}
