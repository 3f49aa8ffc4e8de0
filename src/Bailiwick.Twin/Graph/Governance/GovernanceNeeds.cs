using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>What governance's calls need. Source: the permission tables of each API reference page 2024–25, licensing-fundamentals 2024 (P2).</summary>
internal static class GovernanceNeeds
{
    private const string Read = "EntitlementManagement.Read.All";
    private const string Write = "EntitlementManagement.ReadWrite.All";
    private const string Own = "EntitlementMgmt-SubjectAccess.ReadWrite";
    private static readonly IReadOnlyList<Guid> Administrators = [DirectoryRoles.IdentityGovernanceAdministrator];

    public static readonly GraphNeed ReadAll = new(Read, Write) { Roles = Administrators, Plan = EntraPlan.P2 };

    public static readonly GraphNeed WriteAll = new(Write) { Roles = Administrators, Plan = EntraPlan.P2 };

    /// <summary>What concerns the caller: the route shows no more than that to people without a role.</summary>
    public static readonly GraphNeed ReadOwn = new(Read, Write, Own) { Guests = true, Plan = EntraPlan.P2 };

    public static readonly GraphNeed WriteOwn = new(Write, Own) { Guests = true, Plan = EntraPlan.P2 };

    /// <summary>A person looks at what concerns them.</summary>
    public static readonly GraphNeed ReadMine = ReadOwn with { PersonOnly = true };

    /// <summary>A person decides.</summary>
    public static readonly GraphNeed Decide = WriteOwn with { PersonOnly = true };

    public static readonly GraphNeed ReadReviews = new("AccessReview.Read.All", "AccessReview.ReadWrite.All", "AccessReview.ReadWrite.Membership") { Roles = Administrators, Plan = EntraPlan.P2 };

    public static readonly GraphNeed WriteReviews = new("AccessReview.ReadWrite.All", "AccessReview.ReadWrite.Membership") { Roles = Administrators, Plan = EntraPlan.P2 };

    /// <summary>Reviewers read and decide what is theirs.</summary>
    public static readonly GraphNeed ReadOwnReviews = ReadReviews with { Roles = null, Guests = true };

    public static readonly GraphNeed DecideReviews = WriteReviews with { Roles = null, Guests = true, PersonOnly = true };

    /// <summary>True for applications and for people who may see everything.</summary>
    public static bool SeesAll(GraphCall call) => call.Person is not { } person || call.Directory.RolesOf(person).Overlaps([DirectoryRoles.IdentityGovernanceAdministrator, DirectoryRoles.GlobalAdministrator]);
}
