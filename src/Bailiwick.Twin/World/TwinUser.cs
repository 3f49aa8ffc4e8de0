namespace Bailiwick.Twin.World;

/// <summary>A person's object in one tenant. Source for guests: invitation and user resource types, read 2024.</summary>
public sealed record TwinUser
{
    /// <summary>Object id in <see cref="TenantId"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>The tenant that holds this object.</summary>
    public required Guid TenantId { get; init; }

    /// <summary>User principal name; for guests <c>ann_home.example#EXT#@resource.example</c>.</summary>
    public required string UserPrincipalName { get; init; }

    /// <summary>Full name.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Mail address; a guest's home name.</summary>
    public required string Mail { get; init; }

    /// <summary>Salted digest; null for guests, whose home tenant checks the password.</summary>
    public string? PasswordDigest { get; init; }

    /// <summary>False makes sign-in fail with 50057.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Directory role template ids held in this tenant (<c>wids</c>).</summary>
    public IReadOnlyList<Guid> Roles { get; init; } = [];

    /// <summary>The guest's own tenant, else null.</summary>
    public Guid? HomeTenantId { get; init; }

    /// <summary>The guest's object id at home, else null.</summary>
    public Guid? HomeUserId { get; init; }

    /// <summary>False while the invitation waits for its redemption (<c>PendingAcceptance</c>).</summary>
    public bool Accepted { get; init; } = true;

    /// <summary>Sessions and refresh tokens issued before this moment are void. UTC.</summary>
    public DateTimeOffset SignInSessionsValidFrom { get; init; }

    /// <summary>When the object was made. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>True for a guest from another tenant.</summary>
    public bool IsGuest => HomeTenantId is not null;
}

/// <summary>A security group of one tenant.</summary>
/// <param name="Id">Object id.</param>
/// <param name="TenantId">The tenant that holds it.</param>
/// <param name="DisplayName">Name.</param>
/// <param name="Members">Object ids of users, no order.</param>
public sealed record TwinGroup(Guid Id, Guid TenantId, string DisplayName, IReadOnlyList<Guid> Members);
