using System.Globalization;
using Bailiwick.Twin.Control;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>The delegated-access document from beginning to end, through Microsoft.Graph and My Access, over a year of virtual time.</summary>
public sealed class DelegatedAccessTests
{
    private const string Approvers = "MSSP Analyst Approvers";
    private const string Tier1 = "Tier 1 Analyst";
    private const string Tier2 = "Tier 2 Analyst";

    [Fact]
    public async Task The_document_is_followed_from_three_groups_to_the_end_of_access()
    {
        var twin = await GovernanceTwin.StartAsync();
        try
        {
            await FollowAsync(twin);
        }
        finally
        {
            await twin.DisposeAsync();
        }
    }

    private static async Task FollowAsync(GovernanceTwin twin)
    {
        var graph = await twin.GraphAsync(twin.Alder);
        var start = (await twin.Twin.Control.ClockAsync(default)).Now;
        foreach (var (name, upn) in new[] { ("Petra Approver", "petra@northwatch.example"), ("Nils Night", "nils@northwatch.example") }) await twin.Twin.Control.CreateUserAsync(twin.Twin.Provider.Id, new NewUser { Name = name, Upn = upn, Password = RunningTwin.Password }, default);
        var access = await DelegatedAccess.SetUpAsync(graph, "northwatch.example", twin.Twin.AlderAdmin.Id.ToString(), start.AddDays(200));

        // the provider is stored as the tenant that its domain belongs to
        var organization = await graph.IdentityGovernance.EntitlementManagement.ConnectedOrganizations[access.Organization].GetAsync();
        organization!.IdentitySources!.Single().ShouldBeOfType<AzureActiveDirectoryTenant>().TenantId.ShouldBe(twin.Twin.Provider.Id.ToString());

        // the first approver asks by the link and is approved by the customer's administrator, who is signed in at the customer
        await AskByLinkAsync(twin, access.Packages[Approvers], "petra@northwatch.example");
        (await access.MembersAsync(Approvers)).ShouldBeEmpty();
        await ApproveAsync(await twin.GraphAsync(twin.Alder, "adam@alder.example"), "Known to us");
        (await access.MembersAsync(Approvers)).ShouldBe(["Petra Approver"]);
        var petra = (await graph.Users.GetAsync(request => request.QueryParameters.Filter = "mail eq 'petra@northwatch.example'"))!.Value!.Single();
        petra.UserPrincipalName.ShouldBe("petra_northwatch.example#EXT#@alder.example");

        // an analyst without any object in the tenant asks by the link, one who is a guest already asks through the SDK
        await AskByLinkAsync(twin, access.Packages[Tier1], "nils@northwatch.example");
        var ann = await twin.GraphAsync(twin.Alder, "ann@northwatch.example");
        var asked = await ann.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(Tier2, AccessPackageRequestType.UserAdd));
        asked!.State.ShouldBe(AccessPackageRequestState.Submitted);
        (await Should.ThrowAsync<ODataError>(() => ann.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(Tier2, AccessPackageRequestType.UserAdd)))).ResponseStatusCode.ShouldBe(400);

        // nobody of the customer decides about tiers: the approvers' group does, through the SDK
        var approver = await twin.GraphAsync(twin.Alder, "petra@northwatch.example");
        await ApproveAsync(approver, "On the roster");
        (await access.MembersAsync(Tier1)).ShouldBe(["Nils Night"]);
        (await access.MembersAsync(Tier2)).ShouldBe(["Ann Analyst"]);
        var held = (await graph.IdentityGovernance.EntitlementManagement.Assignments.GetAsync(request =>
        {
            request.QueryParameters.Filter = $"state eq 'Delivered' and accessPackage/id eq '{access.Packages[Tier1]}'";
            request.QueryParameters.Expand = ["target($expand=connectedOrganization)", "accessPackage", "assignmentPolicy"];
        }))!.Value!.Single();
        held.Target!.ConnectedOrganization!.Id.ShouldBe(access.Organization);
        held.AccessPackage!.DisplayName.ShouldBe(Tier1);
        held.Schedule!.Expiration!.EndDateTime.ShouldBe(start.AddDays(365));
        var nils = held.Target.ObjectId!;

        // the yearly review, half a year in: Nils may keep it, about Petra nobody says anything
        await twin.AdvanceAsync(201);
        access = access.With(await twin.GraphAsync(twin.Alder));
        await ReviewAsync(twin, access, Tier1, "Approve");
        await ReviewAsync(twin, access, Tier2, "Approve");
        await twin.AdvanceAsync(14);
        access = access.With(await twin.GraphAsync(twin.Alder));
        (await access.MembersAsync(Tier1)).ShouldBe(["Nils Night"]);
        (await access.MembersAsync(Approvers)).ShouldBeEmpty("removeAccess is what the review does when nobody answers");
        (await DecisionsAsync(access.Graph, access, Approvers)).Single().ApplyResult.ShouldBe("AppliedSuccessfully");
        (await access.Graph.Users[petra.Id].GetAsync(request => request.QueryParameters.Select = ["accountEnabled"]))!.AccountEnabled.ShouldBe(false);

        // a new approver in time for the extension
        await AdminAssignAsync(twin, access, Approvers, twin.Twin.AlderAdmin.Id.ToString());

        // the reminder 14 days before the end, and the extension it leads to
        await twin.AdvanceAsync(365 - 215 - 13);
        access = access.With(await twin.GraphAsync(twin.Alder));
        (await twin.MailsAsync()).ShouldContain(mail => mail.Number == 19 && mail.To == "nils@northwatch.example" && mail.Link == $"https://myaccess.microsoft.com/@alder.example#/access-packages/{access.Packages[Tier1]}");
        var extending = await twin.GraphAsync(twin.Alder, "nils@northwatch.example");
        await extending.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(Tier1, AccessPackageRequestType.UserUpdate, assignment: held.Id));
        await ApproveAsync(await twin.GraphAsync(twin.Alder, "adam@alder.example"), "Still needed");

        // the end of the year: Ann loses hers, Nils keeps his for another one
        await twin.AdvanceAsync(14);
        access = access.With(await twin.GraphAsync(twin.Alder));
        (await access.MembersAsync(Tier2)).ShouldBeEmpty();
        (await access.MembersAsync(Tier1)).ShouldBe(["Nils Night"]);
        (await twin.MailsAsync()).ShouldContain(mail => mail.Number == 20 && mail.To == "ann@northwatch.example");
        var later = access.Graph;
        var extended = await later.IdentityGovernance.EntitlementManagement.Assignments[held.Id].GetAsync();
        extended!.Schedule!.Expiration!.EndDateTime.ShouldBe(start.AddDays(730));

        // removal, and what becomes of the guest that entitlement management made: blocked, then deleted; Ann was invited otherwise and stays
        await later.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(Tier1, AccessPackageRequestType.AdminRemove, assignment: held.Id));
        (await access.MembersAsync(Tier1)).ShouldBeEmpty();
        (await later.Users[nils].GetAsync(request => request.QueryParameters.Select = ["accountEnabled"]))!.AccountEnabled.ShouldBe(false);
        await twin.AdvanceAsync(31);
        access = access.With(await twin.GraphAsync(twin.Alder));
        later = access.Graph;
        (await Should.ThrowAsync<ODataError>(() => later.Users[nils].GetAsync())).ResponseStatusCode.ShouldBe(404);
        (await later.Users.GetAsync(request => request.QueryParameters.Filter = "mail eq 'ann@northwatch.example'"))!.Value!.Count.ShouldBe(1);
    }

    /// <summary>As people do it: the link, sign-in at home, a justification.</summary>
    private static async Task AskByLinkAsync(GovernanceTwin twin, string package, string person)
    {
        using var walker = new Walker(twin.Twin);
        await OpenAsync(walker, $"/myaccess/@alder.example/access-packages/{package}", person);
        walker.Kind.ShouldBe("myaccess-package");
        walker.Page.ShouldContain("Alder Mills");
        await walker.PostAsync(("justification", "Watch of the night"));
        await FollowAsync(walker);
        walker.Kind.ShouldBe("myaccess-home");
        walker.Page.ShouldContain("PendingApproval");
    }

    private static async Task OpenAsync(Walker walker, string page, string person)
    {
        await walker.GetAsync(page);
        await FollowAsync(walker);
        await walker.SignInAsync(person);
        if (walker.Kind == "review") await walker.AcceptAsync();
        await FollowAsync(walker);
    }

    private static async Task FollowAsync(Walker walker)
    {
        while (walker.Location is { } next) await walker.GetAsync(next.OriginalString);
    }

    /// <summary>As an approver's tool does it: what waits for me, its stage, a decision.</summary>
    private static async Task ApproveAsync(GraphServiceClient approver, string justification)
    {
        var entitlements = approver.IdentityGovernance.EntitlementManagement;
        var mine = (await entitlements.AssignmentRequests.FilterByCurrentUserWithOn("approver").GetAsFilterByCurrentUserWithOnGetResponseAsync(request => request.QueryParameters.Filter = "state eq 'pendingApproval'"))!.Value!;
        mine.ShouldNotBeEmpty();
        foreach (var waiting in mine)
        {
            var stage = (await entitlements.AccessPackageAssignmentApprovals[waiting.Id].Stages.GetAsync())!.Value!.Single(item => item.AssignedToMe == true);
            await entitlements.AccessPackageAssignmentApprovals[waiting.Id].Stages[stage.Id].PatchAsync(new ApprovalStage { ReviewResult = "Approve", Justification = justification });
            (await entitlements.AssignmentRequests[waiting.Id].GetAsync())!.State.ShouldBe(AccessPackageRequestState.Delivered);
            (await Should.ThrowAsync<ODataError>(() => entitlements.AccessPackageAssignmentApprovals[waiting.Id].Stages[stage.Id].PatchAsync(new ApprovalStage { ReviewResult = "Deny", Justification = "Too late" }))).ResponseStatusCode.ShouldBe(409);
        }
    }

    private static async Task ReviewAsync(GovernanceTwin twin, DelegatedAccess access, string package, string decision)
    {
        var reviewer = await twin.GraphAsync(twin.Alder, "adam@alder.example");
        var definition = (await reviewer.IdentityGovernance.AccessReviews.Definitions.GetAsync(request => request.QueryParameters.Filter = $"contains(scope/microsoft.graph.accessReviewQueryScope/query, '{access.Packages[package]}')"))!.Value!.Single();
        definition.Scope.ShouldBeOfType<AccessReviewQueryScope>();
        var instances = reviewer.IdentityGovernance.AccessReviews.Definitions[definition.Id].Instances;
        var instance = (await instances.GetAsync())!.Value!.Single();
        instance.Status.ShouldBe("InProgress");
        var item = (await instances[instance.Id].Decisions.GetAsync())!.Value!.Single();
        item.Recommendation.ShouldBe("Deny", "nobody signed in for 30 days");
        (await Should.ThrowAsync<ODataError>(() => instances[instance.Id].Decisions[item.Id].PatchAsync(new AccessReviewInstanceDecisionItem { Decision = decision }))).ResponseStatusCode.ShouldBe(400, "the review asks for a justification");
        await instances[instance.Id].Decisions[item.Id].PatchAsync(new AccessReviewInstanceDecisionItem { Decision = decision, Justification = "On the roster" });
    }

    private static async Task<List<AccessReviewInstanceDecisionItem>> DecisionsAsync(GraphServiceClient graph, DelegatedAccess access, string package)
    {
        var definition = (await graph.IdentityGovernance.AccessReviews.Definitions.GetAsync())!.Value!.Single(item => ((AccessReviewQueryScope)item.Scope!).Query!.Contains(access.Packages[package], StringComparison.Ordinal));
        var instance = (await graph.IdentityGovernance.AccessReviews.Definitions[definition.Id].Instances.GetAsync())!.Value!.Single();
        instance.Status.ShouldBe("Applied");
        return (await graph.IdentityGovernance.AccessReviews.Definitions[definition.Id].Instances[instance.Id].Decisions.GetAsync())!.Value!;
    }

    private static async Task AdminAssignAsync(GovernanceTwin twin, DelegatedAccess access, string package, string target)
    {
        var graph = await twin.GraphAsync(twin.Alder);
        var mails = (await twin.MailsAsync()).Count;
        var request = await graph.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(package, AccessPackageRequestType.AdminAdd, target));
        (await graph.IdentityGovernance.EntitlementManagement.AssignmentRequests[request!.Id].GetAsync())!.State.ShouldBe(AccessPackageRequestState.Delivered);
        (await twin.MailsAsync()).Count.ShouldBe(mails, string.Create(CultureInfo.InvariantCulture, $"direct assignment sends no mail ({mails})"));
    }
}
