using System.Net;
using System.Text;
using System.Text.Json;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Tests.Portal;

public sealed class PortalControlTests
{
    [Fact]
    public async Task What_is_read_can_be_written_back()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync(world.GroupNames[0]);
        var before = world.Planes.Portals!.Of(world.Tenant);
        var read = await world.Twin.Control.GetAsync<JsonElement>("tenants/alder.example/portal", default);
        read.GetProperty("model").GetString().ShouldBe("MdeRbac");
        read.GetProperty("roles").GetArrayLength().ShouldBe(3);

        await world.PutAsync(new { roles = read.GetProperty("roles"), deviceGroups = read.GetProperty("deviceGroups") });

        var after = world.Planes.Portals.Of(world.Tenant);
        after.Roles.Select(role => (role.Name, role.BuiltIn, string.Join(',', role.Permissions), string.Join(',', role.Groups))).ShouldBe(before.Roles.Select(role => (role.Name, role.BuiltIn, string.Join(',', role.Permissions), string.Join(',', role.Groups))));
        after.DeviceGroups.Select(group => (group.Id, group.Name, string.Join(',', group.Access))).ShouldBe(before.DeviceGroups.Select(group => (group.Id, group.Name, string.Join(',', group.Access))));
    }

    [Fact]
    public async Task A_script_puts_device_groups_in_its_own_order_and_goes_back_to_basic_permissions()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var kept = world.GroupNames[0];

        await world.PutAsync(new { model = "Basic", deviceGroups = new object[] { new { name = "B" }, new { name = kept }, new { name = "A" } } });

        var state = world.Planes.Portals!.Of(world.Tenant);
        state.DeviceGroups.Select(group => group.Name).ShouldBe(["B", kept, "A", DeviceGroup.UnassignedName]);
        (state.Model, state.Roles.Count).ShouldBe((PermissionModel.Basic, 0));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"model":"Royal"}""")]
    [InlineData("""{"model":1}""")]
    [InlineData("""{"colour":"red"}""")]
    [InlineData("""{"roles":[{"name":"x","permissions":["AlertsInvestigation"]}]}""")]
    [InlineData("""{"model":"MdeRbac","roles":[null]}""")]
    [InlineData("""{"model":"MdeRbac","roles":[{"name":null}]}""")]
    [InlineData("""{"model":"MdeRbac","roles":[{"name":"x","permissions":[99]}]}""")]
    [InlineData("""{"model":"MdeRbac","roles":[{"name":"x","permissions":["AlertsInvestigation"],"groups":["6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01"]}]}""")]
    [InlineData("""{"deviceGroups":[{"name":"x","rule":[{"property":"Name","operator":"Equals","value":null}]}]}""")]
    [InlineData("""{"deviceGroups":[{"name":""}]}""")]
    [InlineData("""{"mailRules":[{"name":"x","severities":["high"],"recipients":[null]}]}""")]
    [InlineData("""{"mailRules":[{"name":"x","severities":["high"],"recipients":["a@b.example"],"deviceGroups":["none"]}]}""")]
    [InlineData("""{"unifiedRoles":[{"name":"x","actions":["y"]}]}""")]
    [InlineData("""{"unifiedAssignments":[{"roleId":"6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01","principals":[]}]}""")]
    [InlineData("""{"authorized":[{"applicationId":"6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01","tenantId":"x"}]}""")]
    public async Task A_bad_document_is_refused_whole(string body)
    {
        await using var world = await PortalWorld.StartAsync();
        var before = world.Planes.Portals!.Of(world.Tenant);
        using var http = new HttpClient();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await http.PutAsync(new Uri(world.Twin.Host.ControlAddress, $"tenants/{world.Tenant}/portal"), content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    [Fact]
    public async Task The_portal_is_the_same_after_a_restart()
    {
        using var folder = new TempDirectory();
        var options = new TwinOptions { DataDirectory = folder.Path };
        string before;
        await using (var first = await PortalWorld.StartAsync(options))
        {
            await first.GiveTiersAsync(first.GroupNames[0]);
            await first.PutAsync(new { mailRules = new object[] { new { name = "r", severities = new[] { "high" }, recipients = new[] { "soc@north.example" } } }, authorized = new[] { new { applicationId = first.Twin.Hub.AppId, tenantId = first.Twin.Provider.Id } } });
            before = JsonSerializer.Serialize(first.Planes.Portals!.Of(first.Tenant), ControlJson.Options);
        }

        AlertPlanes? planes = null;
        await using var second = await RunningTwin.StartAsync(options, [services => planes = new AlertPlanes(services)]);
        var alder = second.Host.Services.Directory.FindTenantByDomain("alder.example")!;
        JsonSerializer.Serialize(planes!.Portals!.Of(alder.Id), ControlJson.Options).ShouldBe(before);
        planes.Dispose();
    }
}
