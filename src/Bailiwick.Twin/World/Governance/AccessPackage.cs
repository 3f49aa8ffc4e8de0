namespace Bailiwick.Twin.World.Governance;

/// <summary>A catalog. Source: accesspackagecatalog resource type, 2024.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose.</param>
/// <param name="DisplayName">Name; unique in the tenant.</param>
internal sealed record Catalog(Guid Id, Guid TenantId, string DisplayName)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary><c>userManaged</c>, or <c>serviceDefault</c> for the built-in General.</summary>
    public string CatalogType { get; init; } = "userManaged";

    /// <summary><c>published</c> or <c>unpublished</c>.</summary>
    public string State { get; init; } = "published";

    /// <summary>People of other organizations may ask for its packages.</summary>
    public bool IsExternallyVisible { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset ModifiedAt { get; init; }
}

/// <summary>A group, application or site in a catalog. Source: accesspackageresource resource type, 2024.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose.</param>
/// <param name="CatalogId">The catalog.</param>
/// <param name="OriginId">Id where it comes from: a group's object id, a service principal's, a site's address.</param>
/// <param name="OriginSystem"><c>AadGroup</c>, <c>AadApplication</c> or <c>SharePointOnline</c>.</param>
/// <param name="DisplayName">Name when it was added or refreshed.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record CatalogResource(Guid Id, Guid TenantId, Guid CatalogId, string OriginId, string OriginSystem, string DisplayName, DateTimeOffset CreatedAt)
{
    /// <summary>Description where it comes from.</summary>
    public string? Description { get; init; }

    /// <summary>The group, when it is one.</summary>
    public Guid? GroupId => OriginSystem == "AadGroup" && Guid.TryParse(OriginId, out var group) ? group : null;
}

/// <summary>A request to add or remove a resource; done at once. Source: accesspackageresourcerequest resource type, 2024.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose.</param>
/// <param name="RequestType"><c>adminAdd</c>, <c>adminUpdate</c> or <c>adminRemove</c>.</param>
/// <param name="CatalogId">The catalog.</param>
/// <param name="ResourceId">The resource.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record ResourceRequest(Guid Id, Guid TenantId, string RequestType, Guid CatalogId, Guid ResourceId, DateTimeOffset CreatedAt);

/// <summary>A bundle of roles that people ask for. Source: accesspackage resource type, 2024.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">Whose.</param>
/// <param name="CatalogId">The catalog.</param>
/// <param name="DisplayName">Name; unique in the catalog.</param>
internal sealed record AccessPackage(Guid Id, Guid TenantId, Guid CatalogId, string DisplayName)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Not listed; the link works.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What it gives, in order of adding.</summary>
    public IReadOnlyList<RoleScope> RoleScopes { get; init; } = [];

    /// <summary>Packages whose holders may not have this one.</summary>
    public IReadOnlyList<Guid> IncompatiblePackages { get; init; } = [];

    /// <summary>Groups whose members may not have this one.</summary>
    public IReadOnlyList<Guid> IncompatibleGroups { get; init; } = [];

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset ModifiedAt { get; init; }
}

/// <summary>One role of one resource in a package. Source: accesspackageresourcerolescope resource type, 2024.</summary>
/// <param name="RoleId">First half of the id on the wire.</param>
/// <param name="ScopeId">Second half.</param>
/// <param name="ResourceId">The catalog resource.</param>
/// <param name="RoleOriginId">Such as <c>Member_&lt;group&gt;</c>.</param>
/// <param name="RoleName">Such as <c>Member</c>.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record RoleScope(Guid RoleId, Guid ScopeId, Guid ResourceId, string RoleOriginId, string RoleName, DateTimeOffset CreatedAt)
{
    /// <summary>As on the wire.</summary>
    public string Id => $"{RoleId:D}_{ScopeId:D}";
}
