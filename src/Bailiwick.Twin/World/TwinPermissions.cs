using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World;

/// <summary>A permission that a resource offers.</summary>
/// <param name="Id">As <c>requiredResourceAccess</c> and app role assignments name it.</param>
/// <param name="Name">As tokens name it.</param>
/// <param name="Application">True: an app role. False: a delegated scope.</param>
public sealed record OfferedPermission(Guid Id, string Name, bool Application);

/// <summary>
/// Ids of permissions and back. The twin keeps names; Graph speaks of ids. Source of the table: permissions-reference, 2025. A name outside of it gets an id of its own,
/// the same in every twin.
/// </summary>
public static class TwinPermissions
{
    private static readonly (string Name, string? Scope, string? Role)[] Table =
    [
        ("openid", "37f7f235-527c-4136-accd-4a02d197296e", null),
        ("profile", "14dad69e-099b-42c9-810b-d002981feec1", null),
        ("email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", null),
        ("offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", null),
        ("User.Read", "e1fe6dd8-ba31-4d61-89e7-88639da4683d", null),
        ("User.Read.All", "a154be20-db9c-4678-8ab7-66f6cc099a59", "df021288-bdef-4463-88db-98f22de89214"),
        ("User.ReadWrite.All", "204e0828-b5ca-4ad8-b9f3-f32a958e7cc4", "741f803b-c850-494e-b5df-cde7c675a1ca"),
        ("User.Invite.All", "63dd7cd9-b489-4adf-a28c-ac38b9a0f962", "09850681-111b-4a89-9bed-3f2cae46d706"),
        ("Group.Read.All", "5f8c59db-677d-491f-a6b8-5f174b11ec1d", "5b567255-7703-4780-807c-7be8301ae99b"),
        ("Group.ReadWrite.All", "4e46008b-f24c-477d-8fff-7bb4ec7aafe0", "62a82d76-70ea-41e2-9197-370581804d09"),
        ("GroupMember.Read.All", "bc024368-1153-4739-b217-4326f2e966d0", "98830695-27a2-44f7-8c18-0c3ebc9698f6"),
        ("GroupMember.ReadWrite.All", "f81125ac-d3b7-4573-a3b2-7099cc39df9e", "dbaae8cf-10b5-4b86-a4a1-f871c94c6695"),
        ("Directory.Read.All", "06da0dbc-49e2-44d2-8312-53f166ab848a", "7ab1d382-f21e-4acd-a863-ba3e13f7da61"),
        ("Directory.ReadWrite.All", "c5366453-9fb0-48a5-a156-24f0c49a4b84", "19dbc75e-c2e2-444c-a770-ec69d8559fc7"),
        ("Domain.Read.All", "2f9ee017-59c1-4f1d-9472-bd5529a7b311", "dbb9058a-0e50-45d7-ae91-66909b5d4664"),
        ("Organization.Read.All", "4908d5b9-3fb2-4b1e-9336-1888b7937185", "498476ce-e0fe-48b0-b801-37ba7e2685c6"),
        ("Application.Read.All", "c79f8feb-a9db-4090-85f9-90d820caa0eb", "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30"),
        ("Application.ReadWrite.All", "bdfbf15f-ee85-4955-8675-146e8e5296b5", "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9"),
        ("Application.ReadWrite.OwnedBy", null, "18a4783c-866b-4cc7-a460-3d5e5662c884"),
        ("AppRoleAssignment.ReadWrite.All", "84bccea3-f856-4a8a-967b-dbe0a3d53a64", "06b708a9-e830-4db3-a914-8e69da51d44f"),
        ("DelegatedPermissionGrant.ReadWrite.All", "41ce6ca6-6826-4807-84f1-1c82854f7ee5", "8e8e4742-1d95-4f68-9d56-6ee75648c72a"),
        ("RoleManagement.Read.Directory", "741c54c3-0c1e-44a1-818b-3f97ab4e8c83", "483bed4a-2ad3-4361-a73b-c83ccdbdc53c"),
        ("RoleManagement.ReadWrite.Directory", "d01b97e9-cbc0-49fe-810a-750afd5527a3", "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8"),
        ("Policy.Read.All", "572fea84-0151-49b2-9301-11cb16974376", "246dd0d5-5bd0-4def-940b-0421030a5b68"),
        ("Policy.ReadWrite.Authorization", "edd3c878-b384-41fd-95ad-e7407dd775be", "fb221be6-99f2-473f-bd32-01c6a0e9ca3b"),
        ("Policy.ReadWrite.CrossTenantAccess", "014b43d0-6ed4-4fc6-84dc-4b6f7bae7d85", "338163d7-f101-4c92-94ba-ca46fe52447c"),
        ("CrossTenantInformation.ReadBasic.All", "81594d25-e88e-49cf-ac8c-fecbff49f994", "cac88765-0581-4025-9725-5ebc13f729ee"),
        ("EntitlementManagement.Read.All", "5449aa12-1393-4ea2-a7c7-d0e06c1a56b2", "c74fd47d-ed3c-45c3-9a9e-b8676de685d2"),
        ("EntitlementManagement.ReadWrite.All", "ae7a573d-81d7-432b-ad44-4ed5c9d89038", "9acd699f-1e81-4958-b001-93b1d2506e19"),
        ("AccessReview.Read.All", "ebfcd32b-babb-40f4-a14b-42706e83bd28", "d07a8cc0-3d51-4b77-b3b0-32704d1f69fa"),
        ("AccessReview.ReadWrite.All", "e4aa47b9-9a69-4109-82ed-36ec70d85ff1", "ef5f7d5c-338f-44b0-86c3-351f46c8bb5f"),
        ("AuditLog.Read.All", "e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20", "b0afded3-3588-46d8-8b3d-9842eff778da"),
        ("Mail.Send", "e383f46e-2787-4529-855e-0e479a3ffac0", "b633e1c5-b582-4048-a93e-9f11b44c7e96"),
        ("DelegatedAdminRelationship.Read.All", "0c0064ea-477b-4130-82a5-4c2cc4ff68aa", "f6e9e124-4586-492f-adc0-c6f96e4823fd"),
        ("DelegatedAdminRelationship.ReadWrite.All", "885f682f-a990-4bad-a642-36736a74b0c7", "cc13eba4-8cd8-44c6-b4d4-f93237adce58"),
        ("SecurityAlert.Read.All", "bc257fb8-46b4-4b15-8713-01e91bfbe4ea", "472e4a4d-bb4a-4026-98d1-0b0d74cb74a5"),
        ("SecurityAlert.ReadWrite.All", "471f2a7f-2a42-4d45-a2bf-594d0838070d", "ed4fca05-be46-441f-9803-1873825f8fdb"),
        ("SecurityIncident.Read.All", "b9abcc4f-94fc-4457-9141-d20ce80ec952", "45cc0394-e837-488b-a098-1918f48d186c"),
        ("SecurityIncident.ReadWrite.All", "128ca929-1a19-45e6-a3b8-435ec44a36ba", "34bf0e97-1971-4929-b999-9e2442d941d7"),
        ("SecurityEvents.Read.All", "64733abd-851e-478a-bffb-e47a14b18235", "bf394140-e372-4bf9-a898-299cfc7564e5"),
        ("ThreatHunting.Read.All", "b152eca8-ea73-4a48-8c98-1a6742673d99", "dd98c7f5-2d42-42d3-a0e4-633161547251"),
    ];

    /// <summary>Names the twin's own routes ask for, without a published id here.</summary>
    private static readonly IReadOnlyList<string> FurtherGraph =
    [
        "User.ReadBasic.All", "Group.Create", "Organization.ReadWrite.All", "Domain.ReadWrite.All", "LicenseAssignment.Read.All", "DelegatedPermissionGrant.Read.All",
        "RoleManagement.Read.All",
    ];

    private static readonly IReadOnlyList<string> DefenderNames =
    [
        "Alert.Read.All", "Alert.ReadWrite.All", "Machine.Read.All", "Machine.ReadWrite.All", "AdvancedQuery.Read.All", "User.Read.All", "Vulnerability.Read.All",
    ];

    private static readonly IReadOnlyList<string> ThreatProtectionNames = ["Incident.Read.All", "Incident.ReadWrite.All", "AdvancedHunting.Read.All"];

    private static readonly Dictionary<(string Name, bool Application), Guid> Known = Table
        .SelectMany(row => new[] { (row.Name, Application: false, Id: row.Scope), (row.Name, Application: true, Id: row.Role) })
        .Where(row => row.Id is not null).ToDictionary(row => (row.Name, row.Application), row => new Guid(row.Id!));

    /// <summary>Everything a resource offers: what is published, what its registration declares, and what was asked of it in this twin; scopes and roles, by name.</summary>
    public static IReadOnlyList<OfferedPermission> Of(TwinDirectory directory, TwinResource resource)
    {
        if (resource.Owner is { } owner) return Declared(owner);
        var further = resource == TwinResource.Graph ? FurtherGraph : resource == TwinResource.Defender ? DefenderNames : resource == TwinResource.ThreatProtection ? ThreatProtectionNames : [];
        var names = further.SelectMany(name => new[] { (Name: name, Application: false), (Name: name, Application: true) })
            .Concat(resource == TwinResource.Graph ? Known.Keys : [("User.Read", false), ("user_impersonation", false)])
            .Concat(directory.Apps.SelectMany(app => app.Required).Where(permission => TwinResource.FindWellKnown(permission.Resource) == resource).Select(permission => (permission.Name, permission.Application)))
            .Concat(directory.GrantedNames(resource.AppId))
            .Distinct();
        return [.. names.OrderBy(permission => permission.Name, StringComparer.Ordinal).ThenBy(permission => permission.Application).Select(permission => new OfferedPermission(IdOf(resource, permission.Name, permission.Application), permission.Name, permission.Application))];
    }

    /// <summary>A permission's id.</summary>
    public static Guid IdOf(TwinResource resource, string name, bool application)
    {
        if (resource == TwinResource.Graph && Known.TryGetValue((name, application), out var known)) return known;
        if (resource.Owner is { } owner && Declared(owner).FirstOrDefault(permission => permission.Name == name && permission.Application == application) is { } declared) return declared.Id;
        return Guid.TryParse(name, out var id) ? id : Derived(resource, name, application);
    }

    /// <summary>A permission's name; null when the resource offers none of that id.</summary>
    public static string? NameOf(TwinDirectory directory, TwinResource resource, Guid id, bool application) =>
        Of(directory, resource).FirstOrDefault(permission => permission.Id == id && permission.Application == application)?.Name;

    /// <summary>App roles and scopes of a registration that have a value.</summary>
    private static List<OfferedPermission> Declared(TwinApp app) =>
        [.. Read(app.Other["appRoles"], application: true), .. Read(app.Other["api"]?["oauth2PermissionScopes"], application: false)];

    private static IEnumerable<OfferedPermission> Read(JsonNode? list, bool application) => (list as JsonArray ?? [])
        .Where(item => item?["value"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length > 0)
        .Select(item => new OfferedPermission(Guid.Parse(item!["id"]!.GetValue<string>()), item["value"]!.GetValue<string>(), application));

    private static Guid Derived(TwinResource resource, string name, bool application)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{resource.AppId:D}\n{(application ? "role" : "scope")}\n{name}")).AsSpan(0, 16).ToArray();
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes);
    }
}
