using Bailiwick.Twin.Tests.Planes;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Defender;



namespace Bailiwick.Twin.Tests.Defender;

public sealed class ExporterTests
{
    private static readonly AlertKnobs Open = new() { ExporterApps = [PlaneHost.App] };

    [Fact]
    public async Task A_detection_has_the_fifty_fields_in_order_and_no_tenant()
    {
        await using var host = await PlaneHost.StartAsync(Open);
        host.Alerts.Generate(PlaneHost.Harrowgate, 60);
        var (status, body, _) = await host.ExporterAsync("?ago=P40D");
        status.ShouldBe(200);
        DetectionFields.Order.Count.ShouldBe(50);
        body.Values().Count.ShouldBeGreaterThan(40);
        body.Values().ShouldAllBe(row => row.EnumerateObject().Select(property => property.Name).SequenceEqual(DetectionFields.Order));
        var row = body.Values()[0];
        row.Str("FullId").ShouldBe($"{row.Str("AlertId")}:{row.Str("IocUniqueId")}");
        var alert = (await host.DefenderAsync($"/alerts/{row.Str("AlertId")}")).Body;
        alert.Str("title").ShouldBe(row.Str("AlertTitle"));
        alert.Str("machineId").ShouldBe(row.Str("DeviceID"));
    }

    [Fact]
    public async Task Without_a_window_only_the_last_two_hours_come_back()
    {
        await using var host = await PlaneHost.StartAsync(Open);
        var now = host.Time.GetUtcNow();
        host.Alerts.Generate(PlaneHost.Harrowgate, 200, now.AddHours(-10), now);
        var recent = (await host.ExporterAsync()).Body.Values().ConvertAll(row => DateTimeOffset.Parse(row.Str("LastProcessedTimeUtc")));
        var all = (await host.ExporterAsync("?ago=P1D")).Body.Values().ConvertAll(row => DateTimeOffset.Parse(row.Str("LastProcessedTimeUtc")));
        recent.ShouldNotBeEmpty();
        recent.ShouldBe(all.Where(time => time >= now.AddHours(-2)).ToList());
        recent.Count.ShouldBeLessThan(all.Count);
    }

    [Fact]
    public async Task Window_limit_and_groups_narrow_the_rows()
    {
        await using var host = await PlaneHost.StartAsync(Open);
        var now = host.Time.GetUtcNow();
        host.Alerts.Generate(PlaneHost.Harrowgate, 200, now.AddHours(-10), now);
        var all = (await host.ExporterAsync("?ago=P1D")).Body.Values();
        var (since, until) = ("2026-03-11T01:00:00.000", "2026-03-11T03:00:00");
        (await host.ExporterAsync($"?sinceTimeUtc={since}&untilTimeUtc={until}")).Body.Values().ConvertAll(row => row.Str("FullId"))
            .ShouldBe(all.Where(row => string.CompareOrdinal(row.Str("LastProcessedTimeUtc"), since) >= 0 && string.CompareOrdinal(row.Str("LastProcessedTimeUtc"), until) <= 0).Select(row => row.Str("FullId")).ToList());
        (await host.ExporterAsync("?ago=P1D&limit=5")).Body.Values().ConvertAll(row => row.Str("FullId")).ShouldBe(all.TakeLast(5).Select(row => row.Str("FullId")).ToList());
        var groups = all.Select(row => row.Str("MachineGroup")).Distinct().Take(2).ToList();
        (await host.ExporterAsync($"?ago=P1D&machinegroups={Uri.EscapeDataString(groups[0])}&machinegroups={Uri.EscapeDataString(groups[1])}")).Body.Values().Count
            .ShouldBe(all.Count(row => groups.Contains(row.Str("MachineGroup"))));
        var tag = all.Select(row => row.Str("CloudCreatedMachineTags")).First(tags => tags.Length > 0);
        (await host.ExporterAsync($"?ago=P1D&CloudCreatedMachineTags={Uri.EscapeDataString(tag)}")).Body.Values().ShouldAllBe(row => row.GetProperty("CloudCreatedMachineTags").GetString() == tag);
        (await host.ExporterAsync("?ago=yesterday")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Detections_never_change_when_their_alert_does()
    {
        await using var host = await PlaneHost.StartAsync(Open with { DuplicateDetections = 2 });
        host.Alerts.Generate(PlaneHost.Harrowgate, 20);
        var before = (await host.ExporterAsync("?ago=P40D")).Body.GetRawText();
        (await host.ExporterAsync("?ago=P40D")).Body.Values().GroupBy(row => row.Str("AlertId")).ShouldAllBe(rows => rows.Count() == 3 && rows.Select(row => row.Str("FullId")).Distinct().Count() == 3);
        host.Alerts.Storm(PlaneHost.Harrowgate, 20).ShouldBe(20);
        (await host.ExporterAsync("?ago=P40D")).Body.GetRawText().ShouldBe(before);
    }

    [Fact]
    public async Task Only_an_authorized_application_may_fetch()
    {
        await using var host = await PlaneHost.StartAsync();
        (await host.ExporterAsync()).Status.ShouldBe(403);
        (await host.ControlAsync(HttpMethod.Put, $"/planes/knobs?tenant={PlaneHost.Harrowgate}", $$"""{"exporterApps":["{{PlaneHost.App}}"]}""")).Status.ShouldBe(200);
        (await host.ExporterAsync()).Status.ShouldBe(200);
        (await host.SendAsync(HttpMethod.Get, "/EXPORTER/api/Alerts/?ago=PT45M", PlaneHost.Token(PlaneHost.Exporter, ""))).Status.ShouldBe(200);
        (await host.SendAsync(HttpMethod.Get, "/exporter/api/alerts", PlaneHost.Token(PlaneHost.Graph, ""))).Status.ShouldBe(401);
        (await host.ControlAsync(HttpMethod.Put, $"/planes/knobs?tenant={PlaneHost.Harrowgate}", $$"""{"exporterApps":["{{PlaneHost.App}}"],"exporterOn":false}""")).Status.ShouldBe(200);
        (await host.ExporterAsync()).Status.ShouldBe(403);
    }
}
