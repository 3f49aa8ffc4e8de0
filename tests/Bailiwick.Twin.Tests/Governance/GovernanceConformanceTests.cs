using Microsoft.Graph;
using Microsoft.Graph.Models;
using EntitlementManagementBuilder = Microsoft.Graph.IdentityGovernance.EntitlementManagement.EntitlementManagementRequestBuilder;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>Routes of entitlement management and access reviews beside the main road, each answered in Microsoft's own types.</summary>
public sealed class GovernanceConformanceTests : IAsyncLifetime
{
    private const string Objects = "https://graph.microsoft.com/v1.0/directoryObjects/";
    private GovernanceTwin _twin = null!;
    private DelegatedAccess _access = null!;

    private EntitlementManagementBuilder Em => _access.Graph.IdentityGovernance.EntitlementManagement;

    private string Tier1 => _access.Packages["Tier 1 Analyst"];

    private string Tier2 => _access.Packages["Tier 2 Analyst"];

    public async Task InitializeAsync()
    {
        _twin = await GovernanceTwin.StartAsync();
        _access = await DelegatedAccess.SetUpAsync(await _twin.GraphAsync(_twin.Alder), "northwatch.example", _twin.Twin.AlderAdmin.Id.ToString(), (await _twin.Twin.Control.ClockAsync(default)).Now.AddDays(2));
    }

    public Task DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task Catalogs_their_packages_scopes_and_requests()
    {
        var spare = (await Em.Catalogs.PostAsync(new AccessPackageCatalog { DisplayName = "Spare", Description = "x", State = AccessPackageCatalogState.Unpublished, IsExternallyVisible = false }))!;
        await Em.Catalogs[spare.Id].PatchAsync(new AccessPackageCatalog { Description = "changed" });
        var read = (await Em.Catalogs[spare.Id].GetAsync())!;
        await Em.Catalogs[spare.Id].DeleteAsync();

        (read.Description, read.State, read.IsExternallyVisible).ShouldBe(("changed", AccessPackageCatalogState.Unpublished, false));
        (await Em.Catalogs[_access.Catalog].AccessPackages.GetAsync())!.Value!.Count.ShouldBe(3);
        (await Em.Catalogs[_access.Catalog].ResourceScopes.GetAsync())!.Value!.ShouldAllBe(scope => scope.OriginSystem == "AadGroup" && scope.IsRootScope == true);
        var requests = (await Em.ResourceRequests.GetAsync())!.Value!;
        requests.Count.ShouldBe(3);
        (await Em.ResourceRequests[requests[0].Id].GetAsync())!.RequestType.ShouldBe(AccessPackageRequestType.AdminAdd);
        var resource = (await Em.Catalogs[_access.Catalog].Resources.GetAsync())!.Value![0];
        await Em.Resources[resource.Id].Refresh.PostAsync();
    }

    [Fact]
    public async Task A_package_its_policies_and_its_resource_roles()
    {
        var spare = (await Em.AccessPackages.PostAsync(new AccessPackage { DisplayName = "Spare", Description = "x", Catalog = new AccessPackageCatalog { Id = _access.Catalog } }))!;
        await Em.AccessPackages[spare.Id].PatchAsync(new AccessPackage { IsHidden = true });
        (await Em.AccessPackages[spare.Id].GetAsync())!.IsHidden.ShouldBe(true);
        await Em.AccessPackages[spare.Id].DeleteAsync();

        var expanded = (await Em.AccessPackages[Tier1].GetAsync(request => request.QueryParameters.Expand = ["assignmentPolicies", "resourceRoleScopes($expand=role,scope)"]))!;
        expanded.AssignmentPolicies!.Single().Id.ShouldBe(_access.Policies["Tier 1 Analyst"]);
        expanded.ResourceRoleScopes!.Single().Role!.OriginId.ShouldBe($"Member_{_access.Groups["Tier 1 Analyst"]}");
        (await Em.AccessPackages[Tier1].AssignmentPolicies.GetAsync())!.Value!.Single().Expiration!.Duration.ShouldBe(TimeSpan.FromDays(365));
        var scope = (await Em.AccessPackages[Tier1].ResourceRoleScopes.GetAsync())!.Value!.Single();
        (await Em.AccessPackages[Tier1].ResourceRoleScopes[scope.Id].GetAsync())!.Id.ShouldBe(scope.Id);
        await Em.AccessPackages[Tier1].ResourceRoleScopes[scope.Id].DeleteAsync();
        (await Em.AccessPackages[Tier1].ResourceRoleScopes.GetAsync())!.Value!.ShouldBeEmpty();
        await Em.AssignmentPolicies[_access.Policies["Tier 1 Analyst"]].DeleteAsync();
        (await Em.AccessPackages[Tier1].AssignmentPolicies.GetAsync())!.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_goes_together_with_what_does_not()
    {
        var (package, group) = (Em.AccessPackages[Tier1], _access.Groups["MSSP Analyst Approvers"]);
        foreach (var byQuery in new[] { false, true })
        {
            await package.IncompatibleAccessPackages.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/identityGovernance/entitlementManagement/accessPackages/{Tier2}" });
            await package.IncompatibleGroups.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/groups/{group}" });
            (await package.IncompatibleAccessPackages.GetAsync())!.Value!.Single().Id.ShouldBe(Tier2);
            (await package.IncompatibleGroups.GetAsync())!.Value!.Single().Id.ShouldBe(group);
            (await Em.AccessPackages[Tier2].AccessPackagesIncompatibleWith.GetAsync())!.Value!.Single().Id.ShouldBe(Tier1);
            (await Em.Assignments.AdditionalAccessWithAccessPackageIdWithIncompatibleAccessPackageId(Tier1, Tier2).GetAsAdditionalAccessWithAccessPackageIdWithIncompatibleAccessPackageIdGetResponseAsync())!.Value!.ShouldBeEmpty();
            if (byQuery)
            {
                await package.IncompatibleAccessPackages.Ref.DeleteAsync(request => request.QueryParameters.Id = $"https://graph.microsoft.com/v1.0/identityGovernance/entitlementManagement/accessPackages/{Tier2}");
                await package.IncompatibleGroups.Ref.DeleteAsync(request => request.QueryParameters.Id = $"https://graph.microsoft.com/v1.0/groups/{group}");
            }
            else
            {
                await package.IncompatibleAccessPackages[Tier2].Ref.DeleteAsync();
                await package.IncompatibleGroups[group].Ref.DeleteAsync();
            }

            (await package.IncompatibleAccessPackages.GetAsync())!.Value!.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task An_organization_and_its_sponsors()
    {
        var organization = Em.ConnectedOrganizations[_access.Organization];
        var admin = _twin.Twin.AlderAdmin.Id.ToString();
        var guest = (await _access.Graph.Users.GetAsync(request => request.QueryParameters.Filter = "userType eq 'Guest'"))!.Value!.First().Id!;

        await organization.PatchAsync(new ConnectedOrganization { Description = "changed" });
        await organization.InternalSponsors.Ref.PostAsync(new ReferenceCreate { OdataId = Objects + admin });
        await organization.ExternalSponsors.Ref.PostAsync(new ReferenceCreate { OdataId = Objects + guest });
        (await organization.InternalSponsors.GetAsync())!.Value!.Single().Id.ShouldBe(admin);
        (await organization.ExternalSponsors.GetAsync())!.Value!.Single().Id.ShouldBe(guest);
        await organization.InternalSponsors[admin].Ref.DeleteAsync();
        await organization.ExternalSponsors.Ref.DeleteAsync(request => request.QueryParameters.Id = Objects + guest);
        (await organization.ExternalSponsors.GetAsync())!.Value!.ShouldBeEmpty();
        var spare = (await Em.ConnectedOrganizations.PostAsync(new ConnectedOrganization { DisplayName = "Birch", State = ConnectedOrganizationState.Proposed, IdentitySources = [new DomainIdentitySource { DomainName = "birch.example", DisplayName = "Birch" }] }))!;

        (await organization.GetAsync())!.Description.ShouldBe("changed");
        spare.IdentitySources!.Single().ShouldBeOfType<AzureActiveDirectoryTenant>().TenantId.ShouldBe(_twin.Birch.Id.ToString(), "a known domain becomes its tenant");
        await Em.ConnectedOrganizations[spare.Id].DeleteAsync();
    }

    [Fact]
    public async Task An_approval_read_by_its_approver_and_what_is_ones_own()
    {
        var ann = await _twin.GraphAsync(_twin.Alder, "ann@northwatch.example");
        var asked = (await ann.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(_access.Request("MSSP Analyst Approvers", AccessPackageRequestType.UserAdd)))!;
        var admin = (await _twin.GraphAsync(_twin.Alder, "adam@alder.example")).IdentityGovernance.EntitlementManagement;

        (await admin.AccessPackageAssignmentApprovals.FilterByCurrentUserWithOn("approver").GetAsFilterByCurrentUserWithOnGetResponseAsync())!.Value!.Single().Id.ShouldBe(asked.Id);
        var approval = (await admin.AccessPackageAssignmentApprovals[asked.Id].GetAsync(request => request.QueryParameters.Expand = ["stages"]))!;
        var stage = (await admin.AccessPackageAssignmentApprovals[asked.Id].Stages[approval.Stages!.Single().Id].GetAsync())!;
        (stage.Status, stage.AssignedToMe, stage.ReviewResult).ShouldBe(("InProgress", true, "NotReviewed"));
        await admin.AccessPackageAssignmentApprovals[asked.Id].Stages[stage.Id].PatchAsync(new ApprovalStage { ReviewResult = "Approve", Justification = "Known" });
        (await ann.IdentityGovernance.EntitlementManagement.Assignments.FilterByCurrentUserWithOn("target").GetAsFilterByCurrentUserWithOnGetResponseAsync())!.Value!.Single().State.ShouldBe(AccessPackageAssignmentState.Delivered);
    }

    [Fact]
    public async Task A_review_that_the_service_made()
    {
        await Em.AssignmentRequests.PostAsync(_access.Request("Tier 1 Analyst", AccessPackageRequestType.AdminAdd, target: (await _access.Graph.Users.GetAsync(request => request.QueryParameters.Filter = "userType eq 'Guest'"))!.Value!.First().Id!));
        await _twin.AdvanceAsync(3);
        var reviews = (await _twin.GraphAsync(_twin.Alder)).IdentityGovernance.AccessReviews.Definitions;
        var definition = (await reviews.GetAsync(request => request.QueryParameters.Expand = ["instances"]))!.Value!.First(known => known is { Status: "InProgress", DisplayName: { } name } && name.Contains("Tier 1", StringComparison.Ordinal));
        var instances = reviews[definition.Id].Instances;
        var instance = (await instances.GetAsync())!.Value!.First();

        var whole = (await reviews[definition.Id].GetAsync())!;
        (await Should.ThrowAsync<Microsoft.Graph.Models.ODataErrors.ODataError>(() => reviews[definition.Id].PutAsync(new AccessReviewScheduleDefinition { DisplayName = "Mine", Scope = whole.Scope, Reviewers = whole.Reviewers, Settings = whole.Settings })))
            .Message.ShouldBe("A review of an access package is changed in its assignment policy.");
        (await instances[instance.Id].GetAsync())!.Status.ShouldBe("InProgress");
        (await instances[instance.Id].Stages.GetAsync())!.Value!.ShouldNotBeNull();
        var decision = (await instances[instance.Id].Decisions.GetAsync())!.Value!.Single();
        (await instances[instance.Id].Decisions[decision.Id].GetAsync())!.Decision.ShouldBe("NotReviewed");
        await instances[instance.Id].SendReminder.PostAsync();
        await (await _twin.GraphAsync(_twin.Alder, "adam@alder.example")).IdentityGovernance.AccessReviews.Definitions[definition.Id].Instances[instance.Id].AcceptRecommendations.PostAsync();
        (await instances[instance.Id].Decisions[decision.Id].GetAsync())!.Decision.ShouldBeOneOf("Approve", "Deny");
        await instances[instance.Id].ResetDecisions.PostAsync();
        (await instances[instance.Id].Decisions[decision.Id].GetAsync())!.Decision.ShouldBe("NotReviewed");
        await reviews[definition.Id].Stop.PostAsync();
        (await reviews[definition.Id].GetAsync())!.Status.ShouldNotBe("InProgress");
    }

    [Fact]
    public async Task A_review_of_a_group_made_by_hand()
    {
        var reviews = _access.Graph.IdentityGovernance.AccessReviews.Definitions;
        AccessReviewScheduleDefinition Body(string name) => new()
        {
            DisplayName = name,
            Scope = new AccessReviewQueryScope { Query = $"/groups/{_access.Groups["Tier 1 Analyst"]}/transitiveMembers/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')", QueryType = "MicrosoftGraph" },
            Reviewers = [new AccessReviewReviewerScope { Query = $"/users/{_twin.Twin.AlderAdmin.Id}", QueryType = "MicrosoftGraph" }],
            Settings = new AccessReviewScheduleSettings { InstanceDurationInDays = 3, AutoApplyDecisionsEnabled = true, DefaultDecisionEnabled = true, DefaultDecision = "Deny", RecommendationsEnabled = true, JustificationRequiredOnApproval = true },
        };

        var made = (await reviews.PostAsync(Body("Guests of tier 1")))!;
        await reviews[made.Id].PutAsync(Body("Guests of the first tier"));
        var read = (await reviews[made.Id].GetAsync())!;
        await reviews[made.Id].DeleteAsync();

        (read.DisplayName, read.Settings!.DefaultDecision, read.Settings.InstanceDurationInDays).ShouldBe(("Guests of the first tier", "Deny", 3));
        read.Scope.ShouldBeOfType<AccessReviewQueryScope>().QueryType.ShouldBe("MicrosoftGraph");
        (await reviews.GetAsync())!.Value!.ShouldNotContain(known => known.Id == made.Id);
    }
}
