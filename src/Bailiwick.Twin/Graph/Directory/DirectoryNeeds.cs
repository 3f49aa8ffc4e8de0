using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>What the directory's calls need. Source: the permission tables of each API reference page, 2024–25.</summary>
internal static class DirectoryNeeds
{
    private static readonly IReadOnlyList<Guid> UserAdmins = [DirectoryRoles.UserAdministrator];
    private static readonly IReadOnlyList<Guid> GroupAdmins = [DirectoryRoles.GroupsAdministrator, DirectoryRoles.UserAdministrator, DirectoryRoles.IdentityGovernanceAdministrator];

    public static readonly GraphNeed Me = new("User.Read", "User.Read.All", "User.ReadWrite.All", "User.ReadBasic.All", "Directory.Read.All", "Directory.ReadWrite.All") { Guests = true, PersonOnly = true };

    public static readonly GraphNeed ReadUsers = new("User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    /// <summary>One user: guests may read those they can name.</summary>
    public static readonly GraphNeed ReadUser = ReadUsers with { Permissions = ["User.Read", .. ReadUsers.Permissions], Guests = true };

    public static readonly GraphNeed WriteUsers = new("User.ReadWrite.All", "Directory.ReadWrite.All") { Roles = UserAdmins };

    public static readonly GraphNeed Invite = new("User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All") { Guests = true };

    public static readonly GraphNeed ReadGroups = new("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All", "Directory.ReadWrite.All");

    /// <summary>Members make groups where the policy lets them; an application needs the permission alone.</summary>
    public static readonly GraphNeed CreateGroups = new("Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed WriteGroups = new("Group.ReadWrite.All", "Directory.ReadWrite.All") { Roles = GroupAdmins };

    /// <summary>Owners change members of their own groups; the route checks.</summary>
    public static readonly GraphNeed WriteMembers = new("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All") { Guests = true };

    /// <summary>Roles that change members of any group without being its owner.</summary>
    public static IReadOnlyList<Guid> MemberAdmins => GroupAdmins;
}
