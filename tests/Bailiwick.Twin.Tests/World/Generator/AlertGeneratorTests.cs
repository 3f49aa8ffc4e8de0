using Bailiwick.Twin.Tests.Planes;

namespace Bailiwick.Twin.Tests.World.Generator;

public sealed class AlertGeneratorTests
{
    [Fact]
    public async Task The_same_seed_makes_the_same_alerts_and_another_makes_others()
    {
        await using var one = await PlaneHost.StartAsync();
        await using var two = await PlaneHost.StartAsync();
        var to = new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
        one.Alerts.Generate(PlaneHost.Harrowgate, 50, to.AddHours(-5), to, seed: 4);
        two.Alerts.Generate(PlaneHost.Harrowgate, 50, to.AddHours(-5), to, seed: 4);
        var first = one.Alerts.Truth(PlaneHost.Harrowgate).Select(line => line.Sha256).ToList();
        first.Count.ShouldBeGreaterThan(50);
        two.Alerts.Truth(PlaneHost.Harrowgate).Select(line => line.Sha256).ShouldBe(first);
        one.Alerts.Generate(PlaneHost.Harrowgate, 50, to.AddHours(-5), to, seed: 5);
        one.Alerts.Truth(PlaneHost.Harrowgate).Select(line => line.Sha256).Except(first).Count().ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task Alerts_are_varied_linked_and_invented()
    {
        await using var host = await PlaneHost.StartAsync();
        host.Alerts.Generate(PlaneHost.Harrowgate, 200);
        var alerts = (await host.GraphAsync("/security/alerts_v2?$top=1000")).Body.Values().ToList();
        alerts.Select(alert => alert.GetProperty("title").GetString()).Distinct().Count().ShouldBeGreaterThan(20);
        alerts.Average(alert => alert.GetRawText().Length).ShouldBeInRange(2000, 6000);
        var devices = alerts.SelectMany(alert => alert.GetProperty("evidence").EnumerateArray())
            .Where(evidence => evidence.GetProperty("@odata.type").GetString()!.EndsWith("deviceEvidence", StringComparison.Ordinal))
            .ToList();
        devices.ShouldAllBe(device => device.GetProperty("deviceDnsName").GetString()!.EndsWith(".example", StringComparison.Ordinal));
        var usersOfDevice = devices.GroupBy(device => device.GetProperty("deviceDnsName").GetString())
            .Where(group => group.Count() > 3)
            .Select(group => group.SelectMany(device => device.GetProperty("loggedOnUsers").EnumerateArray().Select(user => user.GetProperty("accountName").GetString())).Distinct().Count())
            .ToList();
        usersOfDevice.ShouldNotBeEmpty();
        usersOfDevice.ShouldAllBe(count => count <= 4, "a device keeps its users");
    }
}
