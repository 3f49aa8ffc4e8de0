using System.Text;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Alerts;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;
using Bailiwick.Wire;
using Bailiwick.Wire.Graph;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A tenant's sources are compared every hour: what one shows and another does not is named, and cleared when it comes.</summary>
public sealed class ReconciliationTests
{
    private static readonly TimeSpan OverAnHour = TimeSpan.FromMinutes(70);

    [Fact]
    public async Task An_alert_that_one_source_shows_and_the_other_does_not_is_named_and_cleared_when_it_comes()
    {
        await using var world = await CoverageWorld.ConnectedAsync(AlertSources.GraphAlerts, AlertSources.DefenderAlerts);
        for (var seed = 1; seed <= 10; seed++) world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: seed);
        var at = (await world.AskAsync()).To;
        Import(world, $$"""{"id":"da-one-sided","aadTenantId":"{{world.Tenant.Id}}","lastUpdateTime":"{{at:O}}","alertCreationTime":"{{at:O}}","severity":"High","status":"New","title":"One side"}""");
        await ComparedAsync(world);
        var found = (await DifferencesAsync(world)).ShouldHaveSingleItem();
        (found.RecordId, found.MissingIn, found.Source, found.Other).ShouldBe(("da-one-sided", AlertSources.GraphAlerts, AlertSources.GraphAlerts, AlertSources.DefenderAlerts));
        (await world.Client.ListCoverageAsync(new CoverageQuery { Holes = true }, CancellationToken.None)).Items.ShouldHaveSingleItem().Comparisons.Single().Differences.ShouldBe(1);
        (await world.Client.ListAlertsAsync(new Api.V1.AlertQuery(), CancellationToken.None)).Items.ShouldAllBe(alert => alert.Source == AlertSources.GraphAlerts && alert.AlertId != "da-one-sided");

        Import(
            world,
            $$"""{"id":"da-one-sided","providerAlertId":"da-one-sided","tenantId":"{{world.Tenant.Id}}","serviceSource":"microsoftDefenderForEndpoint","createdDateTime":"{{at.UtcDateTime:O}}","lastUpdateDateTime":"{{at.UtcDateTime:O}}","severity":"high","status":"new","title":"One side"}""");
        await ComparedAsync(world);
        (await DifferencesAsync(world)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_comparison_that_fails_says_why_and_keeps_what_was_found()
    {
        await using var world = await CoverageWorld.ConnectedAsync(AlertSources.GraphAlerts, AlertSources.DefenderAlerts);
        var at = (await world.AskAsync()).To;
        Import(world, $$"""{"id":"da-one-sided","aadTenantId":"{{world.Tenant.Id}}","lastUpdateTime":"{{at:O}}","alertCreationTime":"{{at:O}}","severity":"High","status":"New","title":"One side"}""");
        await ComparedAsync(world);
        await world.Twin.Control.AddFaultAsync(new TwinFault { Plane = "defender", Tenant = world.Tenant.Id, Kind = TwinFaultKind.Status, Value = 500 }, CancellationToken.None);
        await world.AdvanceAsync(OverAnHour);
        await Until.TrueAsync(async () => (await world.AskAsync()).Comparisons.SingleOrDefault()?.Reason == "servererror", "the failure is the answer");
        (await DifferencesAsync(world)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_a_persons_device_groups_leave_out_is_named_and_cleared_when_the_person_sees_it()
    {
        await using var world = await CoverageWorld.ConnectedAsync();
        var user = await world.ConnectPersonAsync(compare: true);
        for (var seed = 1; seed <= 20; seed++) world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: seed);
        await ComparedAsync(world);
        (await DifferencesAsync(world)).ShouldBeEmpty();

        world.Twin.Planes.SetScope(world.Tenant.Id, user, []);
        await ComparedAsync(world);
        var found = await DifferencesAsync(world);
        found.ShouldNotBeEmpty();
        found.ShouldAllBe(one => one.Source == AlertSources.GraphAlerts && one.Other == "GraphAlerts as the person sees it" && one.MissingIn == one.Other && one.Likely.Contains("device groups"));
        (await world.AskAsync()).Trouble.ShouldBeNull("the application collects them all the same");

        world.Twin.Planes.SetScope(world.Tenant.Id, user, null);
        await ComparedAsync(world);
        (await DifferencesAsync(world)).ShouldBeEmpty();
        (await world.Client.GetConnectionAsync(world.Id, CancellationToken.None)).Comparing!.Kind.ShouldBe(ConnectionKind.Code);
        await world.Client.DisconnectAsync(world.Id, onlyComparing: true, CancellationToken.None);
        (await world.Client.GetConnectionAsync(world.Id, CancellationToken.None)).Comparing.ShouldBeNull();
    }

    [Fact]
    public async Task Incidents_are_collected_beside_the_alerts_and_each_belongs_to_one()
    {
        await using var world = await CoverageWorld.StartAsync();
        await world.Twin.Control.ConsentAsync(
            world.Tenant.Id,
            new NewConsent
            {
                AppId = world.Twin.App.AppId,
                Permissions =
                [
                    new TwinPermission(Planes.GraphResource, GraphPermissions.AlertRead, Application: true),
                    new TwinPermission(Planes.GraphResource, GraphPermissions.IncidentRead, Application: true),
                ],
            },
            CancellationToken.None);
        await world.Hub.ConnectAsync(await world.Hub.AddApplicationAsync(world.Twin), [world.Tenant], AlertSources.GraphAlerts, AlertSources.GraphIncidents);
        for (var seed = 1; seed <= 10; seed++) world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: seed);
        await world.AdvanceAsync(OverAnHour);
        await world.WellAsync(TimeSpan.FromMinutes(1));
        await Until.TrueAsync(async () => (await world.AskAsync(AlertSources.GraphIncidents)).Spans.Sum(span => span.Versions) > 0, "incidents are in the log");
        await ComparedAsync(world);
        (await DifferencesAsync(world)).ShouldBeEmpty();
        (await world.Client.GetConnectionAsync(world.Id, CancellationToken.None)).Also.ShouldBe([AlertSources.GraphIncidents]);
    }

    /// <summary>Over an hour passes, and the comparison that is due then has been made.</summary>
    private static async Task ComparedAsync(CoverageWorld world)
    {
        await world.AdvanceAsync(OverAnHour);
        var now = (await world.AskAsync()).To;
        await Until.TrueAsync(
            async () =>
            {
                if ((await world.AskAsync(AlertSources.GraphAlerts)).Comparisons.SingleOrDefault()?.ComparedAt > now - TimeSpan.FromMinutes(5)) return true;
                await world.AdvanceAsync(TimeSpan.FromMinutes(1)); // one that was under way when the time jumped began too early: the next is due a minute later
                return false;
            },
            "compared");
    }

    private static async Task<IReadOnlyList<CoverageDifference>> DifferencesAsync(CoverageWorld world) =>
        (await world.Client.ListDifferencesAsync(null, world.Id, null, CancellationToken.None)).Items;

    private static void Import(CoverageWorld world, string record)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(record));
        world.Twin.Planes.Alerts.Import(world.Tenant.Id, file).Records.Count.ShouldBe(1);
    }
}
