using System.Text;
using Bailiwick.Twin.Import;

namespace Bailiwick.Twin.Tests.Planes;

public sealed class GeneratorAndImportTests
{
    [Fact]
    public async Task The_same_seed_makes_the_same_alerts_and_another_makes_others()
    {
        await using var one = await PlaneWorld.StartAsync();
        await using var two = await PlaneWorld.StartAsync();
        var (from, to) = (one.Host.Services.Clock.GetUtcNow().AddHours(-5), one.Host.Services.Clock.GetUtcNow().AddMinutes(-5));
        one.Alerts.Generate(one.Tenant.Id, 50, from, to, seed: 4);
        two.Alerts.Generate(two.Tenant.Id, 50, from, to, seed: 4);
        var first = one.Alerts.Truth(one.Tenant.Id).Select(line => line.Sha256).ToList();
        two.Alerts.Truth(two.Tenant.Id).Select(line => line.Sha256).ShouldBe(first);
        one.Alerts.Generate(one.Tenant.Id, 50, from, to, seed: 5);
        one.Alerts.Truth(one.Tenant.Id).Select(line => line.Sha256).Distinct().Count().ShouldBeGreaterThan(first.Count);
    }

    [Fact]
    public async Task Alerts_are_varied_linked_and_invented()
    {
        await using var world = await PlaneWorld.StartAsync();
        world.Alerts.Generate(world.Tenant.Id, 200);
        var alerts = (await world.GetAsync("/graph/v1.0/security/alerts_v2?$top=1000")).Value;
        alerts.Select(alert => alert.GetProperty("title").GetString()).Distinct().Count().ShouldBeGreaterThan(20);
        alerts.Average(alert => alert.GetRawText().Length).ShouldBeInRange(2000, 6000);
        var usersOfDevice = alerts.SelectMany(alert => alert.GetProperty("evidence").EnumerateArray())
            .Where(evidence => evidence.GetProperty("@odata.type").GetString()!.EndsWith("deviceEvidence", StringComparison.Ordinal))
            .GroupBy(device => device.GetProperty("deviceDnsName").GetString())
            .Where(group => group.Count() > 3)
            .Select(group => group.SelectMany(device => device.GetProperty("loggedOnUsers").EnumerateArray().Select(user => user.GetProperty("accountName").GetString())).Distinct().Count())
            .ToList();
        usersOfDevice.ShouldNotBeEmpty();
        usersOfDevice.ShouldAllBe(count => count <= 4, "a device keeps its users");
        foreach (var name in alerts.SelectMany(alert => alert.GetProperty("evidence").EnumerateArray()).Where(evidence => evidence.TryGetProperty("deviceDnsName", out _)))
        {
            name.GetProperty("deviceDnsName").GetString()!.ShouldEndWith(".example");
        }
    }

    [Fact]
    public async Task Import_changes_the_tenant_and_nothing_else()
    {
        await using var world = await PlaneWorld.StartAsync();
        const string Alert =
            """{"id":"da1_2" , "aadTenantId":"11111111-2222-3333-4444-555555555555","title":"T\u00e5","lastUpdateTime":"2026-11-20T10:00:00.47Z","alertCreationTime":"2026-11-20T09:00:00Z","big":1.0e400,"unknown":{"b":1,"a":[ 1 ]},"evidence":[],"severity":"High","status":"New"}""";
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(Alert));
        world.Alerts.Import(world.Tenant.Id, file);
        var stored = (await world.GetAsync("/defender/api/alerts?$expand=evidence")).Text;
        stored.ShouldContain(Alert.Replace("11111111-2222-3333-4444-555555555555", world.Tenant.Id.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_keeps_a_foreign_tenant_when_told()
    {
        await using var world = await PlaneWorld.StartAsync();
        using var file = new MemoryStream("""{"value":[{"id":"a1","tenantId":"11111111-2222-3333-4444-555555555555","title":"T","lastUpdateDateTime":"2026-11-20T10:00:00Z","createdDateTime":"2026-11-20T09:00:00Z","severity":"high","status":"new","serviceSource":"microsoftDefenderForIdentity","evidence":[]}]}"""u8.ToArray());
        world.Alerts.Import(world.Tenant.Id, file, keepTenant: true);
        (await world.GetAsync("/graph/v1.0/security/alerts_v2")).Value.Single().GetProperty("tenantId").GetString().ShouldBe("11111111-2222-3333-4444-555555555555");
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"aadTenantId\":\"x\",\"title\":\"t\",\"alertCreationTime\":\"2026-01-01T00:00:00Z\",\"lastUpdateTime\":\"2026-01-01T00:00:00Z\"}\n{\"id\":", 2)]
    [InlineData("not json", 1)]
    [InlineData("{\"hello\":1}", 1)]
    public async Task A_bad_file_names_the_line_and_imports_nothing(string text, int line)
    {
        await using var world = await PlaneWorld.StartAsync();
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(text));
        Should.Throw<ImportException>(() => world.Alerts.Import(world.Tenant.Id, file)).Line.ShouldBe(line);
        world.Alerts.Truth(world.Tenant.Id).ShouldBeEmpty();
    }
}
