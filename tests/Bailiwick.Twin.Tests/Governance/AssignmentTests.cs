using Bailiwick.Testing;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>Assignments from delivery to their end, guests afterwards, reviews in between; on virtual time.</summary>
public sealed class AssignmentTests : IDisposable
{
    private readonly EngineWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_membership_stays_while_another_assignment_gives_it()
    {
        var analyst = _world.Analyst("ann");
        var group = _world.Group("tier1");
        var (one, two) = (_world.Package("one", group, Days(30)), _world.Package("two", group, Days(60)));
        _world.Ask(one, analyst);
        _world.Ask(two, analyst);

        _world.Advance(31);
        _world.MembersOf(group).Count.ShouldBe(1);
        _world.Advance(30);

        _world.MembersOf(group).ShouldBeEmpty();
        _world.Mails(19).Count.ShouldBe(4, "14 days and one day before each end");
        _world.Mails(20).Count.ShouldBe(2);
        _world.State.Requests.Of(_world.Customer.Id).Count(request => request.RequestType == "systemRemove").ShouldBe(2);
    }

    [Theory]
    [InlineData("none", 30, true, true)]
    [InlineData("blockSignIn", 30, false, true)]
    [InlineData("blockSignInAndDelete", 30, false, false)]
    [InlineData("blockSignInAndDelete", 0, false, false)]
    public void A_guest_is_treated_as_the_settings_say_after_the_last_assignment(string action, int days, bool enabled, bool kept)
    {
        _world.State.Settings.Put(new GovernanceSettings(_world.Customer.Id) { ExternalUserLifecycleAction = action, DurationUntilExternalUserDeletedAfterBlocked = TimeSpan.FromDays(days) });
        var package = _world.Package("tier1", _world.Group("tier1"), Days(30));
        var request = _world.Ask(package, _world.Analyst("ann"));
        var guest = _world.Again(request).Target.ObjectId!.Value;

        _world.Advance(30);
        if (days > 0) _world.Services.Directory.FindUser(_world.Customer.Id, guest)!.Enabled.ShouldBe(enabled);
        _world.State.Settings.Put(new GovernanceSettings(_world.Customer.Id) { ExternalUserLifecycleAction = "none" }); // what is under way is not re-timed
        _world.Advance(31);

        (_world.Services.Directory.FindUser(_world.Customer.Id, guest) is not null).ShouldBe(kept);
        (_world.Services.Directory.FindDeleted(_world.Customer.Id, guest) is not null).ShouldBe(action == "blockSignInAndDelete" && days > 0, "restorable for 30 days; one deleted at once is past that");
    }

    [Fact]
    public void A_guest_invited_otherwise_is_left_alone_and_a_blocked_one_comes_back_by_an_administrator()
    {
        var (ann, ben) = (_world.Analyst("ann"), _world.Analyst("ben"));
        var invited = _world.Services.Directory.AddGuest(_world.Customer.Id, ann, [], accepted: true);
        var package = _world.Package("tier1", _world.Group("tier1"), Days(30));
        _world.Ask(package, ann);
        var made = _world.Again(_world.Ask(package, ben)).Target.ObjectId!.Value;
        _world.Advance(31);
        _world.Services.Directory.FindUser(_world.Customer.Id, invited.Id)!.Enabled.ShouldBeTrue();
        _world.Services.Directory.FindUser(_world.Customer.Id, made)!.Enabled.ShouldBeFalse();
        Should.Throw<GovernanceRefusedException>(() => _world.Ask(package, ben)).Message.ShouldContain("blocked");

        var policy = _world.State.Policies.Of(_world.Customer.Id).Single();
        _world.Governance.Requests.Give(package, _world.Governance.People.Of(_world.Customer.Id, ben), TwinActor.Service, new RequestWords { PolicyId = policy.Id });

        _world.Services.Directory.FindUser(_world.Customer.Id, made)!.Enabled.ShouldBeTrue();
        _world.Advance(29);
        _world.Services.Directory.FindUser(_world.Customer.Id, made).ShouldNotBeNull("the deletion that was under way is off");
    }

    [Fact]
    public void An_extension_is_counted_from_the_present_end_and_ends_with_the_assignment_when_nobody_decides()
    {
        var (approver, analyst) = (_world.Member("approver"), _world.Analyst("ann"));
        var package = _world.Package("tier1", _world.Group("tier1"), body => Days(30)(body) with { RequestApprovalSettings = new ApprovalSettings { IsApprovalRequiredForUpdate = true, Stages = [new StageSettings { PrimaryApprovers = [EngineWorld.One(approver)] }] } });
        _world.Ask(package, analyst);
        var held = _world.State.Assignments.Of(_world.Customer.Id).Single();
        var person = _world.Governance.People.Of(_world.Customer.Id, analyst);
        _world.Advance(20);

        var first = _world.Governance.Requests.Extend(held, person, TwinActor.Service, new RequestWords());
        _world.Decide(first, approver, approve: true).State.ShouldBe("delivered");
        _world.State.Assignments.Of(_world.Customer.Id).Single().EndsAt.ShouldBe(held.EndsAt!.Value.AddDays(30));

        _world.Advance(35);
        var second = _world.Governance.Requests.Extend(held, person, TwinActor.Service, new RequestWords());
        _world.Advance(6);
        _world.Again(second).State.ShouldBe("canceled");
        _world.State.Assignments.Of(_world.Customer.Id).Single().State.ShouldBe("expired");
    }

    [Fact]
    public void What_cannot_be_given_is_tried_again()
    {
        var analyst = _world.Analyst("ann");
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group);
        _world.Services.Directory.RemoveGroup(group);

        var request = _world.Ask(package, analyst);
        request.State.ShouldBe("deliveryFailed");
        _world.Services.Directory.Restore(_world.Services.Directory.FindDeleted(_world.Customer.Id, group.Id)!);
        _world.Governance.Requests.Reprocess(request.TenantId, request.Id, TwinActor.Service);

        _world.Again(request).State.ShouldBe("delivered");
        _world.MembersOf(group).Count.ShouldBe(1);
    }

    [Fact]
    public void Roles_that_join_or_leave_a_package_reach_those_who_have_it()
    {
        var analyst = _world.Analyst("ann");
        var (first, second) = (_world.Group("first"), _world.Group("second"));
        var package = _world.Package("tier1", first);
        _world.Ask(package, analyst);
        var catalog = _world.State.Find(_world.State.Catalogs, _world.Customer.Id, package.CatalogId, "catalog");
        var resource = _world.State.Find(_world.State.Resources, _world.Customer.Id, _world.Governance.Catalogs.AddResource(catalog, second.Id.ToString(), "AadGroup").ResourceId, "resource");

        _world.Governance.Catalogs.AddRole(package, resource, $"Member_{second.Id}", "Member");
        _world.MembersOf(second).Count.ShouldBe(1);
        _world.Governance.Catalogs.RemoveRole(package, package.RoleScopes[0]);
        _world.MembersOf(first).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("keepAccess", true, true)]
    [InlineData("removeAccess", false, false)]
    [InlineData("acceptAccessRecommendation", true, false)]
    public void A_review_that_nobody_answers_does_what_its_settings_say(string behaviour, bool activeKept, bool idleKept)
    {
        var (reviewer, active, idle) = (_world.Member("reviewer"), _world.Analyst("active"), _world.Analyst("idle"));
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group, body => body with { ReviewSettings = Yearly(reviewer, behaviour, _world.Now.AddDays(100), 12) });
        var (one, two) = (_world.Again(_world.Ask(package, active)).Target.ObjectId!.Value, _world.Again(_world.Ask(package, idle)).Target.ObjectId!.Value);
        _world.Advance(90);
        _world.Services.Directory.UpdateUser(_world.Services.Directory.FindUser(_world.Customer.Id, one)! with { LastSignInAt = _world.Now });
        _world.Advance(30);

        _world.MembersOf(group).Contains(one).ShouldBe(activeKept);
        _world.MembersOf(group).Contains(two).ShouldBe(idleKept);
        _world.State.Instances.Of(_world.Customer.Id).Single().Status.ShouldBe("Applied");
        _world.Mails(0).Select(mail => mail.To).ShouldBe([reviewer.Mail, reviewer.Mail], "one to begin with, one reminder");
    }

    [Fact]
    public void Reviews_come_back_in_their_rhythm_until_the_policy_ends_them()
    {
        var reviewer = _world.Member("reviewer");
        var package = _world.Package("tier1", _world.Group("tier1"), body => body with { ReviewSettings = Yearly(reviewer, "keepAccess", _world.Now.AddDays(1), 3) });
        _world.Ask(package, _world.Analyst("ann"));
        _world.Advance(300);
        var rounds = _world.State.Instances.Of(_world.Customer.Id).OrderBy(instance => instance.StartsAt).ToList();
        rounds.Count.ShouldBe(4);
        rounds.ConvertAll(round => round.StartsAt).ShouldBe([.. Enumerable.Range(0, 4).Select(number => rounds[0].StartsAt.AddMonths(3 * number))]);

        var policy = _world.State.Policies.Of(_world.Customer.Id).Single();
        _world.Governance.Catalogs.Put(policy with { Body = policy.Body with { ReviewSettings = null } });
        _world.Advance(365);

        _world.State.Instances.Of(_world.Customer.Id).Count.ShouldBe(4);
        _world.State.Definitions.Of(_world.Customer.Id).Single().Status.ShouldBe("Completed");
    }

    [Fact]
    public void A_restart_in_the_middle_loses_nothing_that_was_to_come()
    {
        using var folder = new TempDirectory();
        TwinGroup group;
        Guid request, guest;
        DateTimeOffset before;
        using (var world = new EngineWorld(folder.Path))
        {
            var (approver, reviewer) = (world.Member("approver"), world.Member("reviewer"));
            group = world.Group("tier1");
            var package = world.Package("tier1", group, body => Days(20)(body) with { ReviewSettings = Yearly(reviewer, "keepAccess", world.Now.AddDays(5), 12) });
            guest = world.Again(world.Ask(package, world.Analyst("ann"))).Target.ObjectId!.Value;
            var slow = world.Package("slow", world.Group("slow"), EngineWorld.Approved(new StageSettings { DurationBeforeAutomaticDenial = TimeSpan.FromDays(3), PrimaryApprovers = [EngineWorld.One(approver)] }));
            request = world.Ask(slow, world.Analyst("ben")).Id;
            before = world.Now;
        }

        using var again = new EngineWorld(folder.Path);
        again.Advance(70);

        again.Now.ShouldBeGreaterThan(before.AddDays(69));
        again.MembersOf(group).ShouldBeEmpty();
        again.State.Find(again.State.Requests, again.Customer.Id, request, "request").Status.ShouldBe("Expired");
        again.State.Instances.Of(again.Customer.Id).Count.ShouldBe(1);
        again.Services.Directory.FindUser(again.Customer.Id, guest).ShouldBeNull("blocked after 20 days, deleted after 50");
    }

    [Fact]
    public void A_tenant_that_is_restored_waits_once_for_what_the_snapshot_waits_for()
    {
        _world.Services.Snapshots.Add([.. _world.Services.Directory.Parts, .. _world.State.Parts]);
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group, Days(30));
        _world.Ask(package, _world.Analyst("ann"));
        var snapshot = _world.Services.Snapshots.Take(_world.Customer.Id);
        _world.Ask(package, _world.Analyst("ben"));
        _world.MembersOf(group).Count.ShouldBe(2);

        _world.Services.Snapshots.Restore(snapshot);
        _world.MembersOf(group).Count.ShouldBe(1);
        _world.Advance(40);

        _world.MembersOf(group).ShouldBeEmpty();
        _world.Mails(19).Select(mail => mail.To).ShouldBe(["ann@northwatch.example", "ann@northwatch.example"]);
    }

    private static Func<PolicyBody, PolicyBody> Days(int days) => body => body with { Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(days) } };

    private static ReviewSettings Yearly(TwinUser reviewer, string behaviour, DateTimeOffset from, int months) => new()
    {
        IsEnabled = true,
        ExpirationBehavior = behaviour,
        IsRecommendationEnabled = true,
        PrimaryReviewers = [EngineWorld.One(reviewer)],
        Schedule = new ReviewSchedule
        {
            StartDateTime = from,
            Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(14) },
            Recurrence = new Recurrence { Pattern = new RecurrencePattern { Interval = months }, Range = new RecurrenceRange() },
        },
    };
}
