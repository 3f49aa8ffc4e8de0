using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>Requests through approval, refusal, escalation and time, on virtual time.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly EngineWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Two_stages_are_decided_one_after_the_other_and_only_by_their_approvers()
    {
        var (first, second, analyst) = (_world.Member("first"), _world.Member("second"), _world.Analyst("ann"));
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group, EngineWorld.Approved(
            new StageSettings { DurationBeforeAutomaticDenial = TimeSpan.FromDays(7), PrimaryApprovers = [EngineWorld.One(first)], IsApproverJustificationRequired = true },
            new StageSettings { DurationBeforeAutomaticDenial = TimeSpan.FromDays(7), PrimaryApprovers = [EngineWorld.One(second)] }));

        var request = _world.Ask(package, analyst);

        request.State.ShouldBe("pendingApproval");
        Should.Throw<GovernanceRefusedException>(() => _world.Decide(request, second, approve: true)).Fault.ShouldBe(GovernanceFault.Denied);
        Should.Throw<GovernanceRefusedException>(() => _world.Decide(request, first, approve: true, why: " ")).Fault.ShouldBe(GovernanceFault.Refused);
        _world.Decide(request, first, approve: true).State.ShouldBe("pendingApproval");
        _world.MembersOf(group).ShouldBeEmpty();
        _world.Decide(request, second, approve: true).State.ShouldBe("delivered");
        _world.MembersOf(group).Count.ShouldBe(1);
        _world.State.Mails.Of(_world.Customer.Id).OrderBy(mail => mail.Sequence).Select(mail => mail.Number).ShouldBe([2, 8, 11, 16, 18]);
        _world.Activities().ShouldBe(
        [
            "User requests access package assignment", "Create request approval", "Add approver to request approval", "Approve access package assignment request", "Add approver to request approval",
            "Approve access package assignment request", "Ready to fulfill access package assignment request", "Entitlement Management invites external user", "Fulfill access package assignment",
        ]);
    }

    [Fact]
    public void Silence_is_reminded_escalated_and_denied_in_order()
    {
        var (approver, boss, analyst) = (_world.Member("approver"), _world.Member("boss"), _world.Analyst("ann"));
        var package = _world.Package("tier1", _world.Group("tier1"), EngineWorld.Approved(new StageSettings
        {
            DurationBeforeAutomaticDenial = TimeSpan.FromDays(8),
            IsEscalationEnabled = true,
            DurationBeforeEscalation = TimeSpan.FromDays(5),
            PrimaryApprovers = [EngineWorld.One(approver)],
            EscalationApprovers = [EngineWorld.One(boss)],
        }));
        var request = _world.Ask(package, analyst);
        Should.Throw<GovernanceRefusedException>(() => _world.Decide(request, boss, approve: true)).Fault.ShouldBe(GovernanceFault.Denied);

        _world.Advance(5.5);
        _world.Again(request).Status.ShouldBe("PendingApprovalEscalated");
        _world.Advance(400);

        _world.Again(request).State.ShouldBe("denied");
        _world.Again(request).Status.ShouldBe("Expired");
        _world.Again(request).CompletedAt.ShouldBe(request.CreatedAt.AddDays(8));
        _world.State.Mails.Of(_world.Customer.Id).OrderBy(mail => mail.Sequence).Select(mail => (mail.Number, mail.To)).ShouldBe(
            [(4, approver.Mail), (5, approver.Mail), (1, boss.Mail), (10, analyst.Mail), (6, approver.Mail), (6, boss.Mail)]);
        _world.Activities().ShouldContain("Access package assignment request timed out (no approver action taken)");
        _world.Ask(package, analyst).State.ShouldBe("pendingApproval", "a denied request can be made again");
    }

    [Fact]
    public void Escalated_requests_are_decided_by_the_alternates_too()
    {
        var (approver, boss, analyst) = (_world.Member("approver"), _world.Member("boss"), _world.Analyst("ann"));
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group, EngineWorld.Approved(new StageSettings
        {
            IsEscalationEnabled = true,
            DurationBeforeEscalation = TimeSpan.FromDays(1),
            PrimaryApprovers = [EngineWorld.One(approver)],
            EscalationApprovers = [EngineWorld.One(boss)],
        }));
        var request = _world.Ask(package, analyst);
        _world.Advance(2);

        _world.Decide(request, boss, approve: true).State.ShouldBe("delivered");
        _world.MembersOf(group).Count.ShouldBe(1);
    }

    [Fact]
    public void Nobody_approves_their_own_request_and_an_empty_set_goes_to_the_fallback()
    {
        var (self, other) = (_world.Member("self"), _world.Member("other"));
        var empty = _world.Group("nobody yet");
        var package = _world.Package("tier1", _world.Group("tier1"), body => EngineWorld.Approved(new StageSettings { PrimaryApprovers = [EngineWorld.One(self), new SubjectSet { Kind = "#microsoft.graph.requestorManager", ManagerLevel = 1 }, EngineWorld.All(empty)], FallbackPrimaryApprovers = [EngineWorld.One(other)] })(body) with { AllowedTargetScope = "allMemberUsers" });

        var request = _world.Ask(package, self);

        request.OpenStage!.Approvers.ShouldBe([other.Id]);
        Should.Throw<GovernanceRefusedException>(() => _world.Decide(request, self, approve: true)).Fault.ShouldBe(GovernanceFault.Denied);
        _world.Decide(request, other, approve: false).State.ShouldBe("denied");
        _world.Mails(9).Single().To.ShouldBe(self.Mail);
    }

    [Fact]
    public void Sponsors_of_the_organization_approve()
    {
        var (sponsor, analyst) = (_world.Member("sponsor"), _world.Analyst("ann"));
        _world.Governance.Catalogs.Connect(_world.Customer.Id, new ConnectedOrganization(Guid.Empty, _world.Customer.Id, "SOC")
        {
            IdentitySources = [new IdentitySource { Kind = "#microsoft.graph.domainIdentitySource", DomainName = "northwatch.example" }],
            InternalSponsors = [sponsor.Id],
        });
        var package = _world.Package("tier1", _world.Group("tier1"), EngineWorld.Approved(new StageSettings { PrimaryApprovers = [new SubjectSet { Kind = "#microsoft.graph.internalSponsors" }] }));

        _world.Ask(package, analyst).OpenStage!.Approvers.ShouldBe([sponsor.Id]);
    }

    [Fact]
    public void What_the_rules_forbid_is_refused_and_leaves_nothing_behind()
    {
        var (analyst, member) = (_world.Analyst("ann"), _world.Member("mia"));
        var package = _world.Package("tier1", _world.Group("tier1"));
        var catalog = _world.State.Find(_world.State.Catalogs, _world.Customer.Id, package.CatalogId, "catalog");

        Refused(() => _world.Ask(package, member)).ShouldContain("scope");
        _world.Governance.Catalogs.Put(catalog with { IsExternallyVisible = false });
        Refused(() => _world.Ask(package, analyst)).ShouldContain("external");
        _world.Governance.Catalogs.Put(catalog with { State = "unpublished" });
        Refused(() => _world.Ask(package, analyst)).ShouldContain("published");
        _world.Governance.Catalogs.Put(catalog);
        var bare = new AccessPackage(Guid.NewGuid(), _world.Customer.Id, catalog.Id, "bare");
        _world.Governance.Catalogs.Put(bare);
        Refused(() => _world.Ask(bare, analyst)).ShouldContain("no policy");
        var closed = _world.Package("closed", _world.Group("closed"), body => body with { RequestorSettings = new RequestorSettings() });
        Refused(() => _world.Ask(closed, analyst)).ShouldContain("themselves");
        var asking = _world.Package("asking", _world.Group("asking"), body => body with
        {
            RequestApprovalSettings = new ApprovalSettings { IsRequestorJustificationRequired = true },
            Questions = [new Question { Kind = "#microsoft.graph.accessPackageTextInputQuestion", Text = "Badge", IsRequired = true, RegexPattern = "^[A-Z]{2}[0-9]+$" }],
        });
        var badge = _world.State.Policies.Of(_world.Customer.Id).Single(policy => policy.PackageId == asking.Id).Body.Questions[0].Id!.Value;
        Refused(() => _world.Ask(asking, analyst)).ShouldContain("justification");
        Refused(() => _world.Ask(asking, analyst, new RequestWords { Justification = "x" })).ShouldContain("Badge");
        Refused(() => _world.Ask(asking, analyst, new RequestWords { Justification = "x", Answers = [new Answer(badge, "nine")] })).ShouldContain("form");
        _world.State.Requests.Of(_world.Customer.Id).ShouldBeEmpty();

        _world.Ask(asking, analyst, new RequestWords { Justification = "x", Answers = [new Answer(badge, "NW9")] }).State.ShouldBe("delivered");
        Refused(() => _world.Ask(asking, analyst, new RequestWords { Justification = "x", Answers = [new Answer(badge, "NW9")] })).ShouldContain("already");
    }

    [Fact]
    public void Incompatible_packages_and_groups_keep_each_other_out_in_both_directions()
    {
        var analyst = _world.Analyst("ann");
        var (approvers, tier) = (_world.Package("approvers", _world.Group("approvers")), _world.Package("tier1", _world.Group("tier1")));
        var audited = _world.Group("audited");
        _world.Governance.Catalogs.Put(approvers with { IncompatiblePackages = [tier.Id], IncompatibleGroups = [audited.Id] });

        _world.Ask(approvers, analyst);
        Refused(() => _world.Ask(tier, analyst)).ShouldContain("incompatible");

        var other = _world.Analyst("ben");
        var guest = _world.Services.Directory.AddGuest(_world.Customer.Id, other, [], accepted: true);
        _world.Services.Directory.AddMember(_world.Customer.Id, audited.Id, guest.Id);
        Refused(() => _world.Ask(_world.State.Find(_world.State.Packages, _world.Customer.Id, approvers.Id, "package"), other)).ShouldContain("audited");
    }

    [Fact]
    public void Several_policies_that_fit_must_be_told_apart()
    {
        var analyst = _world.Analyst("ann");
        var package = _world.Package("tier1", _world.Group("tier1"));
        var shorter = _world.Policy(package, "a month", body => body with { Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(30) } });

        Refused(() => _world.Ask(package, analyst)).ShouldContain("assignmentPolicyId");
        var request = _world.Ask(package, analyst, new RequestWords { PolicyId = shorter.Id });

        _world.State.Assignments.Of(_world.Customer.Id).Single().EndsAt.ShouldBe(request.CreatedAt.AddDays(30));
    }

    [Fact]
    public void A_request_is_canceled_while_it_waits_and_a_schedule_is_kept()
    {
        var (approver, analyst) = (_world.Member("approver"), _world.Analyst("ann"));
        var group = _world.Group("tier1");
        var package = _world.Package("tier1", group, body => EngineWorld.Approved(new StageSettings { PrimaryApprovers = [EngineWorld.One(approver)] })(body) with { RequestorSettings = body.RequestorSettings with { AllowCustomAssignmentSchedule = true } });
        var first = _world.Ask(package, analyst);
        _world.Governance.Requests.Cancel(first.TenantId, first.Id, Bailiwick.Twin.World.TwinActor.Service).State.ShouldBe("canceled");
        Refused(() => _world.Governance.Requests.Cancel(first.TenantId, first.Id, Bailiwick.Twin.World.TwinActor.Service)).ShouldContain("canceled");

        var later = _world.Ask(package, analyst, new RequestWords { Schedule = new RequestSchedule { StartDateTime = _world.Now.AddDays(10), Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(5) } } });
        _world.Decide(later, approver, approve: true).State.ShouldBe("scheduled");
        _world.MembersOf(group).ShouldBeEmpty();
        _world.Advance(11);
        _world.MembersOf(group).Count.ShouldBe(1);
        _world.Advance(5);
        _world.MembersOf(group).ShouldBeEmpty();
    }

    private static string Refused(Action act) => Should.Throw<GovernanceRefusedException>(act).Message;
}
