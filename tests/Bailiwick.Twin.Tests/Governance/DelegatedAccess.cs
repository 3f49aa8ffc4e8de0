using Microsoft.Graph;
using Microsoft.Graph.Models;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>
/// What the delegated-access document sets up in a customer's tenant, as calls of Microsoft.Graph: three groups, the provider as connected organization, a catalog with the groups,
/// an access package each, and policies. Source: "Multi-tenant access for Managed Security Service Providers", 2020.
/// </summary>
internal sealed record DelegatedAccess(GraphServiceClient Graph)
{
    public Dictionary<string, string> Groups { get; } = [];

    public Dictionary<string, string> Packages { get; } = [];

    public Dictionary<string, string> Policies { get; } = [];

    public string Organization { get; private set; } = "";

    public string Catalog { get; private set; } = "";

    /// <summary>Sets everything up.</summary>
    /// <param name="graph">May write.</param>
    /// <param name="providerDomain">Domain of the provider's tenant.</param>
    /// <param name="admin">Who approves approvers and reviews: a user of the customer.</param>
    /// <param name="reviewsFrom">The first review.</param>
    public static async Task<DelegatedAccess> SetUpAsync(GraphServiceClient graph, string providerDomain, string admin, DateTimeOffset reviewsFrom)
    {
        var made = new DelegatedAccess(graph);
        foreach (var name in new[] { "Tier 1 Analyst", "Tier 2 Analyst", "MSSP Analyst Approvers" })
        {
            var group = await graph.Groups.PostAsync(new Group { DisplayName = name, MailEnabled = false, MailNickname = name.Replace(" ", "", StringComparison.Ordinal), SecurityEnabled = true });
            made.Groups[name] = group!.Id!;
        }

        var entitlements = graph.IdentityGovernance.EntitlementManagement;
        await entitlements.Settings.PatchAsync(new EntitlementManagementSettings { ExternalUserLifecycleAction = AccessPackageExternalUserLifecycleAction.BlockSignInAndDelete, DurationUntilExternalUserDeletedAfterBlocked = TimeSpan.FromDays(30) });
        var organization = await entitlements.ConnectedOrganizations.PostAsync(new ConnectedOrganization
        {
            DisplayName = "North Watch SOC",
            Description = "Analysts",
            State = ConnectedOrganizationState.Configured,
            IdentitySources = [new DomainIdentitySource { DomainName = providerDomain, DisplayName = "North Watch" }],
        });
        made.Organization = organization!.Id!;
        var catalog = await entitlements.Catalogs.PostAsync(new AccessPackageCatalog { DisplayName = "MSSP Accesses", Description = "", State = AccessPackageCatalogState.Published, IsExternallyVisible = true });
        made.Catalog = catalog!.Id!;
        foreach (var (name, group) in made.Groups) await made.AddPackageAsync(name, group, admin, reviewsFrom);
        return made;
    }

    /// <summary>The body of a request, with the ids that the model has no property for.</summary>
    public AccessPackageAssignmentRequest Request(string package, AccessPackageRequestType type, string? target = null, string? assignment = null)
    {
        Dictionary<string, object> ids = assignment is not null ? [] : new() { ["assignmentPolicyId"] = Policies[package], ["accessPackageId"] = Packages[package] };
        if (target is not null) ids["targetId"] = target;
        return new AccessPackageAssignmentRequest { RequestType = type, Justification = "Watch of the night", Assignment = new AccessPackageAssignment { Id = assignment, AdditionalData = ids } };
    }

    /// <summary>The same world through another client.</summary>
    public DelegatedAccess With(GraphServiceClient graph) => this with { Graph = graph };

    /// <summary>Who is in a group.</summary>
    public async Task<List<string>> MembersAsync(string group) => [.. (await Graph.Groups[Groups[group]].Members.GetAsync())!.Value!.Select(member => ((User)member).DisplayName!)];

    private async Task AddPackageAsync(string name, string group, string admin, DateTimeOffset reviewsFrom)
    {
        var entitlements = Graph.IdentityGovernance.EntitlementManagement;
        await entitlements.ResourceRequests.PostAsync(new AccessPackageResourceRequest
        {
            RequestType = AccessPackageRequestType.AdminAdd,
            Catalog = new AccessPackageCatalog { Id = Catalog },
            Resource = new AccessPackageResource { OriginId = group, OriginSystem = "AadGroup" },
        });
        var resource = (await entitlements.Catalogs[Catalog].Resources.GetAsync(request =>
        {
            request.QueryParameters.Filter = $"originId eq '{group}'";
            request.QueryParameters.Expand = ["roles", "scopes"];
        }))!.Value!.Single();
        var package = await entitlements.AccessPackages.PostAsync(new AccessPackage { DisplayName = name, Description = $"Member of {name}", IsHidden = false, Catalog = new AccessPackageCatalog { Id = Catalog } });
        Packages[name] = package!.Id!;
        var role = resource.Roles!.Single(item => item.DisplayName == "Member");
        await entitlements.AccessPackages[package.Id].ResourceRoleScopes.PostAsync(new AccessPackageResourceRoleScope
        {
            Role = new AccessPackageResourceRole { OriginId = role.OriginId, DisplayName = role.DisplayName, OriginSystem = role.OriginSystem, Resource = new AccessPackageResource { Id = resource.Id, OriginId = group, OriginSystem = "AadGroup" } },
            Scope = new AccessPackageResourceScope { OriginId = group, OriginSystem = "AadGroup", IsRootScope = true },
        });
        SubjectSet approver = name == "MSSP Analyst Approvers" ? new SingleUser { UserId = admin } : new GroupMembers { GroupId = Groups["MSSP Analyst Approvers"] };
        SubjectSet reviewer = new SingleUser { UserId = admin };
        var policy = await entitlements.AssignmentPolicies.PostAsync(new AccessPackageAssignmentPolicy
        {
            DisplayName = "MSSP analysts",
            Description = "One year",
            AllowedTargetScope = AllowedTargetScope.SpecificConnectedOrganizationUsers,
            SpecificAllowedTargets = [new ConnectedOrganizationMembers { ConnectedOrganizationId = Organization }],
            Expiration = new ExpirationPattern { Type = ExpirationPatternType.AfterDuration, Duration = TimeSpan.FromDays(365) },
            RequestorSettings = new AccessPackageAssignmentRequestorSettings { EnableTargetsToSelfAddAccess = true, EnableTargetsToSelfUpdateAccess = true, EnableTargetsToSelfRemoveAccess = true },
            RequestApprovalSettings = new AccessPackageAssignmentApprovalSettings
            {
                IsApprovalRequiredForAdd = true,
                IsApprovalRequiredForUpdate = true,
                IsRequestorJustificationRequired = true,
                Stages = [new AccessPackageApprovalStage { DurationBeforeAutomaticDenial = TimeSpan.FromDays(7), IsApproverJustificationRequired = true, IsEscalationEnabled = false, PrimaryApprovers = [approver] }],
            },
            ReviewSettings = new AccessPackageAssignmentReviewSettings
            {
                IsEnabled = true,
                ExpirationBehavior = AccessReviewExpirationBehavior.RemoveAccess,
                IsRecommendationEnabled = true,
                IsReviewerJustificationRequired = true,
                IsSelfReview = false,
                PrimaryReviewers = [reviewer],
                Schedule = new EntitlementManagementSchedule
                {
                    StartDateTime = reviewsFrom,
                    Expiration = new ExpirationPattern { Type = ExpirationPatternType.AfterDuration, Duration = TimeSpan.FromDays(14) },
                    Recurrence = new PatternedRecurrence
                    {
                        Pattern = new RecurrencePattern { Type = RecurrencePatternType.AbsoluteMonthly, Interval = 12 },
                        Range = new RecurrenceRange { Type = RecurrenceRangeType.NoEnd, StartDate = new Microsoft.Kiota.Abstractions.Date(reviewsFrom.UtcDateTime) },
                    },
                },
            },
            AccessPackage = new AccessPackage { Id = package.Id },
        });
        Policies[name] = policy!.Id!;
    }
}
