using System.Text.Json.Serialization;

namespace Bailiwick.Twin.World.Governance;

/// <summary>A tenant's entitlement management settings. Source: entitlementmanagementsettings resource type, 2024.</summary>
/// <param name="TenantId">Whose.</param>
internal sealed record GovernanceSettings(Guid TenantId)
{
    /// <summary><c>none</c>, <c>blockSignIn</c> or <c>blockSignInAndDelete</c>: what happens to a governed guest after the last assignment.</summary>
    public string ExternalUserLifecycleAction { get; init; } = "blockSignInAndDelete";

    /// <summary>Time between the block and the deletion; zero deletes at once.</summary>
    public TimeSpan DurationUntilExternalUserDeletedAfterBlocked { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Another organization whose people may ask for access. Source: connectedorganization resource type, 2024.</summary>
/// <param name="Id">Its id.</param>
/// <param name="TenantId">The tenant that connected it.</param>
/// <param name="DisplayName">Name.</param>
internal sealed record ConnectedOrganization(Guid Id, Guid TenantId, string DisplayName)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary><c>configured</c>, or <c>proposed</c> where the service made it for a person of an unknown organization.</summary>
    public string State { get; init; } = "configured";

    /// <summary>Where its people sign in.</summary>
    public IReadOnlyList<IdentitySource> IdentitySources { get; init; } = [];

    /// <summary>Members who answer for it: object ids.</summary>
    public IReadOnlyList<Guid> InternalSponsors { get; init; } = [];

    /// <summary>Guests of the organization who answer for it: object ids.</summary>
    public IReadOnlyList<Guid> ExternalSponsors { get; init; } = [];

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset ModifiedAt { get; init; }

    /// <summary>True when a person who signs in at that tenant belongs to it.</summary>
    public bool Holds(Guid homeTenant, string homeDomain) => IdentitySources.Any(source =>
        source.TenantId == homeTenant || (source.DomainName is { } domain && domain.Equals(homeDomain, StringComparison.OrdinalIgnoreCase)));
}

/// <summary>Where people of an organization sign in; which members are set depends on the kind. Source: identitysource resource type, 2024.</summary>
internal sealed record IdentitySource
{
    /// <summary>Such as <c>#microsoft.graph.azureActiveDirectoryTenant</c>.</summary>
    [JsonPropertyName("@odata.type")]
    public required string Kind { get; init; }

    /// <summary>Name of the source.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Of tenants.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? TenantId { get; init; }

    /// <summary>Of domains.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DomainName { get; init; }

    /// <summary>Of tenants in other clouds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CloudInstance { get; init; }

    /// <summary>Of federated domains.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IssuerUri { get; init; }

    /// <summary>Of social identities.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SocialIdentitySourceType { get; init; }
}
