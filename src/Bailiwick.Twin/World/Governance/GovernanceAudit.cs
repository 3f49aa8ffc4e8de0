namespace Bailiwick.Twin.World.Governance;

/// <summary>Entries of entitlement management in the directory audit log. Source: entitlement-management-logs-and-reporting 2024, governance guest billing 2025.</summary>
internal static class GovernanceAudit
{
    private const string Service = "Entitlement Management";

    public static TwinTarget Of(AccessPackage package) => new(package.Id.ToString("D"), "AccessPackage", package.DisplayName);

    public static TwinTarget Of(AssignmentPolicy policy) => new(policy.Id.ToString("D"), "AccessPackageAssignmentPolicy", policy.Body.DisplayName);

    public static TwinTarget Of(Subject person) => new((person.ObjectId ?? person.Id).ToString("D"), "User", person.DisplayName, person.PrincipalName);

    public static TwinTarget Of(PackageRequest request) => new(request.Id.ToString("D"), "AccessPackageAssignmentRequest", null);

    /// <summary>Writes an act; where it used what only the Governance licence has (billed), guests are marked as their billing needs it.</summary>
    public static void Audit(
        this GovernanceState state, Guid tenant, TwinActor actor, string activity, string operation, IReadOnlyList<TwinTarget> targets, string category = "EntitlementManagement", string? failure = null,
        bool billed = false)
    {
        var guest = billed && targets.Any(target => target.Type == "User" && Guid.TryParse(target.Id, out var id) && state.Directory.FindUser(tenant, id) is not { IsGuestType: false });
        state.Services.Audit.Write(new TwinAct(tenant, activity, category, Service)
        {
            Actor = actor,
            Operation = operation,
            Targets = targets,
            Failure = failure,
            Details = guest ? new Dictionary<string, string> { ["TargetUserType"] = "Guest", ["GovernanceLicenseFeatureUsed"] = "True" } : new Dictionary<string, string>(),
        });
    }

    /// <summary>An act about a request: its package, its person, the request itself.</summary>
    public static void Audit(this GovernanceState state, PackageRequest request, TwinActor actor, string activity, string operation, string category = "EntitlementManagement", string? failure = null)
    {
        List<TwinTarget> targets = [Of(request), Of(request.Target)];
        if (state.Packages.Find(GovernanceState.Key(request.TenantId, request.PackageId)) is { } package) targets.Insert(0, Of(package));
        state.Audit(request.TenantId, actor, activity, operation, targets, category, failure, IsBilled(state, request));
    }

    /// <summary>Sponsors who approve, and people assigned by their address before they are in the directory. Source: governance guest billing, 2025.</summary>
    private static bool IsBilled(GovernanceState state, PackageRequest request) =>
        (request.RequestType == "adminAdd" && request.Target.Unknown)
        || (state.Policies.Find(GovernanceState.Key(request.TenantId, request.PolicyId)) is { } policy
            && policy.Body.RequestApprovalSettings.Stages.Any(stage => stage.PrimaryApprovers.Concat(stage.EscalationApprovers).Any(set => set.Kind.EndsWith("Sponsors", StringComparison.Ordinal))));
}
