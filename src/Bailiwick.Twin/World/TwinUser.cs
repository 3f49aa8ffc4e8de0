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

    /// <summary>Directory role template ids held in this tenant directly (<c>wids</c>).</summary>
    public IReadOnlyList<Guid> Roles { get; init; } = [];

    /// <summary>The guest's own tenant, else null; null too while nobody knows whose address was invited.</summary>
    public Guid? HomeTenantId { get; init; }

    /// <summary>The guest's object id at home, else null.</summary>
    public Guid? HomeUserId { get; init; }

    /// <summary>False while the invitation waits for its redemption (<c>PendingAcceptance</c>).</summary>
    public bool Accepted { get; init; } = true;

    /// <summary>Sessions and refresh tokens issued before this moment are void. UTC.</summary>
    public DateTimeOffset SignInSessionsValidFrom { get; init; }

    /// <summary>When the object was made. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When <c>externalUserState</c> last changed; null for members. UTC.</summary>
    public DateTimeOffset? StateChangedAt { get; init; }

    /// <summary>The last interactive sign-in; null before the first. UTC.</summary>
    public DateTimeOffset? LastSignInAt { get; init; }

    /// <summary><c>Member</c> or <c>Guest</c> where it differs from where the person authenticates; null: as the object came to be.</summary>
    public string? UserType { get; init; }

    /// <summary>Entitlement management made this guest, so its end of life is governed by the tenant's settings.</summary>
    public bool Governed { get; init; }

    /// <summary>Who answers for a guest: object ids.</summary>
    public IReadOnlyList<Guid> Sponsors { get; init; } = [];

    /// <summary>Further addresses.</summary>
    public IReadOnlyList<string> OtherMails { get; init; } = [];

    /// <summary>Texts of the profile by their name on the wire (<c>givenName</c>, <c>jobTitle</c> …).</summary>
    public IReadOnlyDictionary<string, string> Profile { get; init; } = new Dictionary<string, string>();

    /// <summary>Entitlement management or an invitation made it: the person authenticates elsewhere.</summary>
    public bool Invited { get; init; }

    /// <summary>True for a person who authenticates in another tenant.</summary>
    public bool IsGuest => HomeTenantId is not null || Invited;

    /// <summary>True where <c>userType</c> says Guest, which decides default rights.</summary>
    public bool IsGuestType => UserType is null ? IsGuest : UserType == "Guest";
}

/// <summary>A group of one tenant.</summary>
/// <param name="Id">Object id.</param>
/// <param name="TenantId">The tenant that holds it.</param>
/// <param name="DisplayName">Name; not unique.</param>
/// <param name="Members">Object ids of users, groups and service principals, in order of joining.</param>
public sealed record TwinGroup(Guid Id, Guid TenantId, string DisplayName, IReadOnlyList<Guid> Members)
{
    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>Required by Graph even where there is no mail.</summary>
    public string? MailNickname { get; init; }

    /// <summary>True for a group with a mailbox.</summary>
    public bool MailEnabled { get; init; }

    /// <summary>True for a group that grants access.</summary>
    public bool SecurityEnabled { get; init; } = true;

    /// <summary><c>Unified</c>, <c>DynamicMembership</c>, or empty for a plain security group.</summary>
    public IReadOnlyList<string> GroupTypes { get; init; } = [];

    /// <summary>True for a group that may hold directory roles; fixed at creation.</summary>
    public bool RoleAssignable { get; init; }

    /// <summary>Directory roles the group holds, by template id.</summary>
    public IReadOnlyList<Guid> Roles { get; init; } = [];

    /// <summary>Object ids, in order.</summary>
    public IReadOnlyList<Guid> Owners { get; init; } = [];

    /// <summary>The caller's own key; unique in the tenant.</summary>
    public string? UniqueName { get; init; }

    /// <summary>When it was made. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
