using System.Diagnostics;
using Bailiwick.Testing;
using Bailiwick.Twin.World.Governance;
using Xunit.Abstractions;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>How long a year takes.</summary>
public sealed class YearTests(ITestOutputHelper output)
{
    private const int Tenants = 20;
    private const int Analysts = 10;

    [Fact]
    public void A_year_of_many_tenants_goes_by_in_seconds()
    {
        using var folder = new TempDirectory();
        using var world = new EngineWorld(folder.Path);
        var analysts = Enumerable.Range(0, Analysts).Select(number => world.Analyst($"analyst{number}")).ToList();
        foreach (var number in Enumerable.Range(0, Tenants))
        {
            var tenant = world.Tenant($"customer{number}.example");
            var reviewer = world.Member("reviewer", tenant);
            var group = new Bailiwick.Twin.World.TwinGroup(world.Services.Directory.NewGroupId(tenant.Id, "tier1"), tenant.Id, "tier1", []);
            world.Services.Directory.PutGroup(group);
            var package = world.Package("tier1", group, body => body with
            {
                ReviewSettings = new ReviewSettings
                {
                    IsEnabled = true,
                    IsRecommendationEnabled = true,
                    PrimaryReviewers = [EngineWorld.One(reviewer)],
                    Schedule = new ReviewSchedule { StartDateTime = world.Now.AddDays(180), Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(14) }, Recurrence = new Recurrence { Pattern = new RecurrencePattern { Interval = 12 } } },
                },
            }, tenant);
            foreach (var analyst in analysts) world.Ask(package, analyst).State.ShouldBe("delivered");
        }

        var watch = Stopwatch.StartNew();
        var happened = world.Advance(400);
        watch.Stop();

        output.WriteLine($"{Tenants} tenants, {Tenants * Analysts} assignments, 400 days: {happened} things happened in {watch.Elapsed.TotalSeconds:0.00} s on disk, {watch.Elapsed.TotalSeconds * 200 / Tenants:0.0} s for 200 tenants.");
        happened.ShouldBe(Tenants * ((3 * Analysts) + Analysts + 3), "two reminders, an end and a deletion for each; a review with its reminder and its end");
        world.State.Assignments.All.ShouldAllBe(assignment => assignment.State == "expired");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60.0 * Tenants / 200 * 3), "three times the whole year's share, for machines that do other things too");
    }
}
