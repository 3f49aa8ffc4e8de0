using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World;

/// <summary>Where a redirect URI is used. Source: reply-url, 2022.</summary>
public enum RedirectPlatform
{
    /// <summary>A server that authenticates with secret or certificate.</summary>
    Web,

    /// <summary>A page in the browser: PKCE is required, refresh tokens live 24 hours.</summary>
    Spa,

    /// <summary>A program on a person's machine, without a secret.</summary>
    PublicClient,
}

/// <summary>One registered redirect URI.</summary>
public sealed record TwinRedirect(string Uri, RedirectPlatform Platform = RedirectPlatform.Web);

/// <summary>A client secret; its value is shown once and kept as a digest.</summary>
/// <param name="KeyId">Its id.</param>
/// <param name="Digest">Salted digest.</param>
/// <param name="Hint">First three characters, as the portal shows them.</param>
/// <param name="EndsAt">UTC; after it sign-in fails with 7000222.</param>
public sealed record TwinSecret(Guid KeyId, string Digest, string Hint, DateTimeOffset EndsAt)
{
    /// <summary>Before it the secret is unknown to sign-in. UTC.</summary>
    public DateTimeOffset StartsAt { get; init; }

    /// <summary>What people call it.</summary>
    public string? DisplayName { get; init; }
}

/// <summary>A certificate that verifies client assertions.</summary>
/// <param name="KeyId">Its id.</param>
/// <param name="Pem">The public certificate.</param>
/// <param name="Sha1">base64url of the SHA-1 thumbprint (<c>x5t</c>).</param>
/// <param name="Sha256">base64url of the SHA-256 thumbprint (<c>x5t#S256</c>).</param>
/// <param name="EndsAt">UTC.</param>
public sealed record TwinCertificate(Guid KeyId, string Pem, string Sha1, string Sha256, DateTimeOffset EndsAt)
{
    /// <summary>UTC.</summary>
    public DateTimeOffset StartsAt { get; init; }

    /// <summary>What people call it.</summary>
    public string? DisplayName { get; init; }
}

/// <summary>A permission of a resource.</summary>
/// <param name="Resource">Resource identifier, such as <c>https://graph.microsoft.com</c>, or its application id.</param>
/// <param name="Name">Such as <c>SecurityAlert.Read.All</c>.</param>
/// <param name="Application">True: application permission (role). False: delegated (scope).</param>
public sealed record TwinPermission(string Resource, string Name, bool Application);

/// <summary>An application registration in its home tenant.</summary>
public sealed record TwinApp
{
    /// <summary>Client id.</summary>
    public required Guid AppId { get; init; }

    /// <summary>Object id of the registration.</summary>
    public required Guid ObjectId { get; init; }

    /// <summary>Where it is registered.</summary>
    public required Guid HomeTenantId { get; init; }

    /// <summary>Name shown on consent pages.</summary>
    public required string DisplayName { get; init; }

    /// <summary>True: other tenants may consent to it.</summary>
    public bool MultiTenant { get; init; }

    /// <summary>True allows flows without client authentication (<c>isFallbackPublicClient</c>).</summary>
    public bool PublicClient { get; init; }

    /// <summary>True allows ID tokens from the authorize endpoint (<c>code id_token</c>).</summary>
    public bool IssuesIdTokens { get; init; }

    /// <summary>1 or 2: format of access tokens issued <em>for</em> this application's own API.</summary>
    public int AccessTokenVersion { get; init; } = 1;

    /// <summary>Redirect URIs, exact.</summary>
    public IReadOnlyList<TwinRedirect> Redirects { get; init; } = [];

    /// <summary>App ID URIs of its own API; <c>api://{client id}</c> always works.</summary>
    public IReadOnlyList<string> IdentifierUris { get; init; } = [];

    /// <summary>Secrets.</summary>
    public IReadOnlyList<TwinSecret> Secrets { get; init; } = [];

    /// <summary>Certificates.</summary>
    public IReadOnlyList<TwinCertificate> Certificates { get; init; } = [];

    /// <summary>The static list (<c>requiredResourceAccess</c>).</summary>
    public IReadOnlyList<TwinPermission> Required { get; init; } = [];

    /// <summary>When it was registered. UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Object ids of people and service principals at home who may change it.</summary>
    public IReadOnlyList<Guid> Owners { get; init; } = [];

    /// <summary>Settings that nothing here depends on, by their name on the wire, as they were written; also <c>api</c> and <c>appRoles</c>.</summary>
    public JsonObject Other { get; init; } = [];
}

/// <summary>An application's presence in one tenant.</summary>
/// <param name="Id">Object id.</param>
/// <param name="TenantId">The tenant that holds it.</param>
/// <param name="AppId">Client id.</param>
/// <param name="DisplayName">Name.</param>
/// <param name="Enabled">False makes sign-in fail with 7000112.</param>
/// <param name="AssignmentRequired">True lets in only people who are assigned (else 50105).</param>
public sealed record TwinServicePrincipal(Guid Id, Guid TenantId, Guid AppId, string DisplayName, bool Enabled = true, bool AssignmentRequired = false)
{
    /// <summary>Directory roles it holds, by template id.</summary>
    public IReadOnlyList<Guid> Roles { get; init; } = [];

    /// <summary>Settings that nothing here depends on, by their name on the wire.</summary>
    public JsonObject Other { get; init; } = [];
}

/// <summary>One consented permission: an app role assignment, or one scope of an <c>oauth2PermissionGrant</c>.</summary>
/// <param name="TenantId">Where it holds.</param>
/// <param name="AppId">The client that was granted it.</param>
/// <param name="ResourceId">The resource's application id.</param>
/// <param name="Name">Permission name.</param>
/// <param name="Application">True: app role assignment.</param>
/// <param name="PrincipalId">The one user who consented; null for all (<c>AllPrincipals</c>) and for application permissions.</param>
public sealed record TwinGrant(Guid TenantId, Guid AppId, Guid ResourceId, string Name, bool Application, Guid? PrincipalId)
{
    /// <summary>The document id.</summary>
    public string Key => $"{TenantId:N}/{AppId:N}/{ResourceId:N}/{(Application ? "role" : "scope")}/{PrincipalId?.ToString("N") ?? "all"}/{Name}";

    /// <summary>True for a delegated permission that this user consented to, or an administrator for all.</summary>
    public bool HoldsFor(Guid user) => !Application && (PrincipalId is null || PrincipalId == user);
}

/// <summary>A user's (or a group's) assignment to an application.</summary>
/// <param name="TenantId">Where it holds.</param>
/// <param name="AppId">The application.</param>
/// <param name="PrincipalId">User or group.</param>
/// <param name="Role">App role value for the <c>roles</c> claim; null for default access.</param>
public sealed record TwinAssignment(Guid TenantId, Guid AppId, Guid PrincipalId, string? Role)
{
    /// <summary>The document id.</summary>
    public string Key => $"{TenantId:N}/{AppId:N}/{PrincipalId:N}/{Role}";
}
