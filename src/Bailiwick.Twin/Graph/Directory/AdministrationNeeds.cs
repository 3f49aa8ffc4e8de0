using Bailiwick.Twin.World;
using Bailiwick.Wire.Graph;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>What the calls on the tenant itself need: its data, applications, roles, policies, partners and logs. Source: the permission tables of each API reference page, 2024–25.</summary>
internal static class AdministrationNeeds
{
    private static readonly IReadOnlyList<Guid> ApplicationAdmins = [DirectoryRoles.ApplicationAdministrator, DirectoryRoles.CloudApplicationAdministrator];
    private static readonly IReadOnlyList<Guid> RoleAdmins = [DirectoryRoles.PrivilegedRoleAdministrator];
    private static readonly IReadOnlyList<Guid> LogReaders = [DirectoryRoles.ReportsReader, DirectoryRoles.SecurityReader, DirectoryRoles.SecurityOperator, DirectoryRoles.SecurityAdministrator, DirectoryRoles.GlobalReader];

    public static readonly GraphNeed Organization = new(GraphPermissions.Organization) { Guests = true };

    public static readonly GraphNeed Domains = new("Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed Licences = new("LicenseAssignment.Read.All", "Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed ReadApplications = new("Application.Read.All", "Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    /// <summary>Members register applications where the policy lets them, and owners change theirs; the route checks.</summary>
    public static readonly GraphNeed WriteApplications = new("Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", "Directory.ReadWrite.All");

    /// <summary>Which roles suffice depends on the permission that is granted; the route checks.</summary>
    public static readonly GraphNeed AssignAppRoles = new("AppRoleAssignment.ReadWrite.All");

    public static readonly GraphNeed ReadGrants = new("DelegatedPermissionGrant.Read.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed WriteGrants = new("DelegatedPermissionGrant.ReadWrite.All") { Roles = [.. ApplicationAdmins, .. RoleAdmins] };

    public static readonly GraphNeed ReadRoles = new("RoleManagement.Read.Directory", "RoleManagement.Read.All", "RoleManagement.ReadWrite.Directory", "Directory.Read.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed WriteRoles = new("RoleManagement.ReadWrite.Directory") { Roles = RoleAdmins };

    public static readonly GraphNeed ReadAuthorization = new("Policy.Read.All", "Policy.ReadWrite.Authorization");

    public static readonly GraphNeed ReadCrossTenant = new("Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess");

    public static readonly GraphNeed WriteAuthorization = new("Policy.ReadWrite.Authorization") { Roles = RoleAdmins };

    public static readonly GraphNeed WriteCrossTenant = new("Policy.ReadWrite.CrossTenantAccess") { Roles = [DirectoryRoles.SecurityAdministrator] };

    public static readonly GraphNeed TenantInformation = new("CrossTenantInformation.ReadBasic.All") { Guests = true };

    public static readonly GraphNeed ReadRelationships = new("DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All");

    public static readonly GraphNeed WriteRelationships = new("DelegatedAdminRelationship.ReadWrite.All") { Roles = [] };

    public static readonly GraphNeed ReadLogs = new("AuditLog.Read.All") { Roles = LogReaders };

    public static readonly GraphNeed ReadDeleted = new("User.Read.All", "User.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", "Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All");

    public static readonly GraphNeed WriteDeleted = new("User.ReadWrite.All", "Group.ReadWrite.All", "Application.ReadWrite.All", "Directory.ReadWrite.All");

    /// <summary>Roles that change any application or service principal without owning it.</summary>
    public static IReadOnlyList<Guid> ApplicationRoles => ApplicationAdmins;
}
