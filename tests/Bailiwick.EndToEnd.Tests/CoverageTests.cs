using System.Net;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Alerts;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire;
using Bailiwick.Wire.Graph;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A hole made on purpose is named with its cause within two polls; healed, it becomes covered and then proven, and nobody touches anything.</summary>
public sealed class CoverageTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_tenant_that_fails_for_two_hours_is_a_hole_with_its_cause_and_is_proven_in_the_end()
    {
        await using var world = await CoverageWorld.ConnectedAsync();
        var began = (await world.AskAsync()).To;
        await world.Twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", Tenant = world.Tenant.Id, Kind = TwinFaultKind.Status, Value = 503 }, CancellationToken.None);
        await world.TwoPollsAsync();
        (await world.AskAsync()).Trouble!.Cause.ShouldBe("sourceUnavailable");

        await world.AdvanceAsync(TimeSpan.FromHours(2));
        world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: 1);
        var broken = await world.AskAsync();
        broken.HoleSince!.Value.ShouldBeInRange(began.AddMinutes(-6), began.AddMinutes(2));
        broken.CompleteThrough.ShouldBe(broken.HoleSince);
        broken.Trouble!.Since.ShouldBeInRange(began, began.AddMinutes(3));
        broken.Spans[^1].State.ShouldBe(CoverageState.Open);
        (await world.Client.ListCoverageAsync(new CoverageQuery { Holes = true }, CancellationToken.None)).Items.ShouldHaveSingleItem().Tenant.ShouldBe(world.Id);

        await world.Twin.Control.ClearFaultsAsync(CancellationToken.None);
        await world.WellAsync(Minute);
        StateAt(await world.AskAsync(), began.AddMinutes(30)).ShouldBe(CoverageState.Covered);
        (await world.Client.ListCoverageAsync(new CoverageQuery { Holes = true }, CancellationToken.None)).Items.ShouldBeEmpty();

        await world.AdvanceAsync(TimeSpan.FromHours(9));
        await world.WellAsync(Minute);
        await Until.TrueAsync(async () => StateAt(await world.AskAsync(), began.AddMinutes(30)) == CoverageState.Proven, "the hours of the hole are proven");
        (await world.AskAsync()).Spans.Sum(span => span.Versions).ShouldBe(1);
    }

    [Fact]
    public async Task A_permission_taken_away_is_named_and_its_return_heals()
    {
        await using var world = await CoverageWorld.ConnectedAsync();
        var app = world.Twin.App.AppId;
        await world.Twin.Control.RevokeConsentAsync(world.Tenant.Id, app, CancellationToken.None);
        await world.Twin.Control.ConsentAsync(
            world.Tenant.Id, new NewConsent { AppId = app, Permissions = [new TwinPermission(Planes.DefenderResource, "Alert.Read.All", Application: true)] }, CancellationToken.None);
        await world.AdvanceAsync(TimeSpan.FromMinutes(100)); // the old token ends
        await world.TwoPollsAsync();
        (await world.AskAsync()).Trouble!.Cause.ShouldBe("permissionMissing");

        await world.Twin.Control.RevokeConsentAsync(world.Tenant.Id, app, CancellationToken.None);
        await world.Twin.Control.ConsentAsync(world.Tenant.Id, new NewConsent { AppId = app }, CancellationToken.None);
        await world.AdvanceAsync(TimeSpan.FromMinutes(100));
        await world.WellAsync(Minute);
    }

    [Fact]
    public async Task A_consent_taken_back_is_named_and_its_return_heals()
    {
        await using var world = await CoverageWorld.ConnectedAsync();
        await world.Twin.Control.SwitchAsync(new SwitchesView(ImmediateConsentRevocation: true), CancellationToken.None);
        await world.Twin.Control.RevokeConsentAsync(world.Tenant.Id, world.Twin.App.AppId, CancellationToken.None);
        await world.TwoPollsAsync();
        var row = await world.AskAsync();
        row.Trouble!.Cause.ShouldBe("consentRevoked", row.Trouble.Detail);

        await world.Twin.Control.ConsentAsync(world.Tenant.Id, new NewConsent { AppId = world.Twin.App.AppId }, CancellationToken.None);
        await world.AdvanceAsync(TimeSpan.FromMinutes(20)); // refusals are remembered for a quarter of an hour
        await world.WellAsync(Minute);
    }

    [Fact]
    public async Task A_licence_that_ends_is_named_and_its_return_heals()
    {
        await using var world = await CoverageWorld.ConnectedAsync(AlertSources.DefenderAlerts);
        var knobs = world.Twin.Planes.GetKnobs(world.Tenant.Id);
        world.Twin.Planes.SetKnobs(world.Tenant.Id, knobs with { DefenderFeature = false });
        await world.TwoPollsAsync();
        (await world.AskAsync()).Trouble!.Cause.ShouldBe("licenceMissing");

        world.Twin.Planes.SetKnobs(world.Tenant.Id, knobs);
        await world.WellAsync(Minute);
    }

    [Fact]
    public async Task A_person_whose_device_groups_are_narrowed_is_named_though_every_walk_is_clean()
    {
        await using var world = await CoverageWorld.StartAsync();
        var user = await world.ConnectPersonAsync();
        await world.WellAsync();
        for (var seed = 1; seed <= 20; seed++) world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: seed);
        await world.AdvanceAsync(TimeSpan.FromMinutes(8)); // settled
        await world.TwoPollsAsync();
        (await world.AskAsync()).Trouble.ShouldBeNull();

        world.Twin.Planes.SetScope(world.Tenant.Id, user, []);
        await world.TwoPollsAsync();
        var row = await world.AskAsync();
        (row.HoleSince, row.Trouble!.Cause).ShouldBe((null, "roleNarrowed"), row.Trouble?.Detail);

        world.Twin.Planes.SetScope(world.Tenant.Id, user, null);
        await world.TwoPollsAsync();
        (await world.AskAsync()).Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_paused_customer_is_not_asked_for_its_time_stays_open_and_is_walked_at_the_end()
    {
        await using var world = await CoverageWorld.ConnectedAsync();
        var customer = (await world.AskAsync()).Customer;
        var began = (await world.AskAsync()).To;
        await world.Client.PauseCustomerAsync(customer, new PauseCustomer("Migration of the tenant", began.AddHours(2)), CancellationToken.None);
        await Until.TrueAsync(async () => (await world.Client.ListTenantStatusAsync(null, CancellationToken.None)).Items[0].Reason == "paused", "the collector stands");
        var asked = await AskedAsync(world);
        await world.AdvanceAsync(TimeSpan.FromMinutes(110));
        world.Twin.Planes.Alerts.Raise(world.Tenant.Id, seed: 1);
        var paused = await world.AskAsync();
        (paused.Trouble!.Cause, paused.Trouble.Detail).ShouldBe(("paused", $"Paused until {began.AddHours(2):yyyy-MM-dd HH:mm} UTC: Migration of the tenant"));
        paused.HoleSince!.Value.ShouldBeLessThanOrEqualTo(began);
        StateAt(paused, began.AddMinutes(60)).ShouldBe(CoverageState.Open);
        (await AskedAsync(world)).ShouldBe(asked);
        (await world.Client.GetCustomerAsync(customer, CancellationToken.None)).Pause!.Reason.ShouldBe("Migration of the tenant");

        await world.AdvanceAsync(TimeSpan.FromMinutes(11));
        await world.WellAsync(Minute);
        var whole = await world.AskAsync();
        StateAt(whole, began.AddMinutes(30)).ShouldBe(CoverageState.Covered);
        whole.Spans.Sum(span => span.Versions).ShouldBe(1);
        (await world.Client.GetCustomerAsync(customer, CancellationToken.None)).Pause.ShouldBeNull();
    }

    [Fact]
    public async Task A_tenant_that_nobody_connected_is_a_hole() => await Using(await CoverageWorld.StartAsync(), async world =>
    {
        await world.Hub.Get<Hub.Customers.CustomerImporter>().ImportAsync(
            Hub.Audit.Actor.Job("test"), [new Hub.Customers.CustomerImportRow("Customer 1", world.Id, "twin")], CancellationToken.None);
        var row = await world.AskAsync();
        (row.Source, row.Trouble!.Cause, row.HoleSince).ShouldBe((null, "notConnected", row.From));
    });

    private static async Task Using(CoverageWorld world, Func<CoverageWorld, Task> work)
    {
        await using (world) await work(world);
    }

    private static CoverageState StateAt(Coverage row, DateTimeOffset at) => row.Spans.Single(span => span.From <= at && at < span.To).State;

    private static async Task<long> AskedAsync(CoverageWorld world) =>
        (await world.Twin.Control.RequestsAsync(CancellationToken.None)).Where(count => count.Plane == "graph").Sum(count => count.Requests);
}
