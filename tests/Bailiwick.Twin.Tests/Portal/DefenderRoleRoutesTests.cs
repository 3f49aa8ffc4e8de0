using System.Text.Json;
using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>Unified roles through Graph beta, as scripts of others write them.</summary>
public sealed class DefenderRoleRoutesTests
{
    private const string Roles = "/graph/beta/roleManagement/defender/roleDefinitions";
    private const string Assignments = "/graph/beta/roleManagement/defender/roleAssignments";

    [Fact]
    public async Task A_role_made_and_assigned_by_a_program_opens_the_portal()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.PutAsync(new { model = "Unified" });
        var token = await AppAsync(world, "RoleManagement.ReadWrite.Defender");

        var (status, role) = await world.CallAsync(token, Roles, HttpMethod.Post, """
            {"displayName":"Tier 1 Analyst","description":"Reads","isEnabled":true,"rolePermissions":[{"allowedResourceActions":["microsoft.xdr/secops/*/read","microsoft.xdr/secops/securitydata/read","microsoft.xdr/secops/securitydata/alerts/manage"]}]}
            """);
        status.ShouldBe(201);
        role.GetProperty("rolePermissions")[0].GetProperty("allowedResourceActions").EnumerateArray().Select(action => action.GetString()).ShouldBe(["microsoft.xdr/secops/*/read", "microsoft.xdr/secops/securitydata/alerts/manage"], "what the wildcard covers is dropped");
        var id = role.Str("id");
        var (made, assignment) = await world.CallAsync(token, Assignments, HttpMethod.Post, $$"""{"displayName":"Tier 1","roleDefinitionId":"{{id}}","principalIds":["{{world.TierOne.Id}}"],"appScopeIds":["Mde"]}""");
        made.ShouldBe(201, assignment.ToString());
        (await world.CallAsync(token, $"{Roles}/{id}")).Body.Str("displayName").ShouldBe("Tier 1 Analyst");
        (await world.CallAsync(token, Assignments)).Body.Values().Single().Str("roleDefinitionId").ShouldBe(id);
        (await world.CallAsync(token, $"{Assignments}/{assignment.Str("id")}", HttpMethod.Patch, """{"displayName":"Tier one"}""")).Status.ShouldBe(200);
        (await world.CallAsync(token, $"{Assignments}/{assignment.Str("id")}")).Body.Str("displayName").ShouldBe("Tier one");

        using var one = await world.OpenAsync(PortalWorld.One);
        one.Kind.ShouldBe("portal-alerts");
        (await world.CallAsync(token, $"{Roles}?$filter=displayName eq 'Tier 1 Analyst'")).Body.Values().Single().Str("id").ShouldBe(id);
        (await world.CallAsync(token, $"{Roles}?$filter=displayName eq 'Other'")).Body.Values().ShouldBeEmpty();
        (await world.CallAsync(token, $"{Roles}/{id}", HttpMethod.Patch, """{"isEnabled":false}""")).Status.ShouldBe(200);
        (await one.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("portal-no-role");

        (await world.CallAsync(token, $"{Roles}/{id}", HttpMethod.Delete)).Status.ShouldBe(400, "it is assigned");
        (await world.CallAsync(token, $"{Assignments}/{assignment.Str("id")}", HttpMethod.Delete)).Status.ShouldBe(204);
        (await world.CallAsync(token, $"{Roles}/{id}", HttpMethod.Delete)).Status.ShouldBe(204);
        (await world.CallAsync(token, $"{Roles}/{id}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Reading_does_not_allow_writing_and_v1_knows_nothing_of_it()
    {
        await using var world = await PortalWorld.StartAsync();
        var token = await AppAsync(world, "RoleManagement.Read.Defender");

        (await world.CallAsync(token, Roles)).Status.ShouldBe(200);
        var (status, body) = await world.CallAsync(token, Roles, HttpMethod.Post, "{}");
        (status, body.GetProperty("error").Str("code")).ShouldBe((403, "Authorization_RequestDenied"));
        using var client = world.Twin.CreateClient();
        (await client.GetAsync("/graph/v1.0/roleManagement/defender/roleDefinitions")).StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"displayName":5}""")]
    [InlineData("""{"displayName":"x","rolePermissions":{}}""")]
    [InlineData("""{"displayName":"x","rolePermissions":[5]}""")]
    [InlineData("""{"displayName":"x","rolePermissions":[{}]}""")]
    [InlineData("""{"displayName":"x","rolePermissions":[{"allowedResourceActions":[1]}]}""")]
    [InlineData("""{"displayName":"x","rolePermissions":[{"allowedResourceActions":["microsoft.directory/users/read"]}]}""")]
    [InlineData("""{"displayName":"x","isEnabled":"yes","rolePermissions":[{"allowedResourceActions":["microsoft.xdr/secops/*/read"]}]}""")]
    [InlineData("""{"displayName":"x","colour":"red"}""")]
    public async Task A_bad_role_is_refused_in_Graphs_words_and_nothing_changes(string body)
    {
        await using var world = await PortalWorld.StartAsync();
        var token = await AppAsync(world, "RoleManagement.ReadWrite.Defender");
        var before = world.Planes.Portals!.Of(world.Tenant);

        var (status, answer) = await world.CallAsync(token, Roles, HttpMethod.Post, body);

        status.ShouldBe(400);
        answer.GetProperty("error").Str("message").ShouldNotBeEmpty();
        (await world.CallAsync(token, Assignments, HttpMethod.Post, body)).Status.ShouldBe(400);
        (await world.CallAsync(token, $"{Roles}/x", HttpMethod.Patch, body)).Status.ShouldBe(404);
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    private static async Task<string> AppAsync(PortalWorld world, string permission)
    {
        var app = await world.Twin.CreateAppAsync("Roles", app => app with { Permissions = [new TwinPermission("https://graph.microsoft.com", permission, true)] });
        await world.Twin.Control.ConsentAsync(world.Tenant, new() { AppId = app.AppId }, default);
        return (await world.Twin.TokenAsync(world.Tenant, world.Twin.AppOnly(app: app))).Body.GetProperty("access_token").GetString()!;
    }
}
