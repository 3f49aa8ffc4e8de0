using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Control;

/// <summary>A tenant to create.</summary>
public sealed record NewTenant
{
    /// <summary>Null takes a stable id derived from the seed and the domain.</summary>
    public Guid? Id { get; init; }

    /// <summary>Organization name.</summary>
    public required string Name { get; init; }

    /// <summary>Below <c>.example</c> or <c>.test</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>False: Defender is not provisioned there.</summary>
    public bool Licensed { get; init; } = true;

    /// <summary>Defender region.</summary>
    public string Region { get; init; } = "eu";

    /// <summary>Two letters.</summary>
    public string Country { get; init; } = "SE";

    /// <summary>Edition of Entra ID.</summary>
    public EntraPlan Plan { get; init; } = EntraPlan.P2;
}

/// <summary>What may change of a tenant; null leaves it.</summary>
/// <param name="Plan">Edition of Entra ID: what a licence bought or dropped does.</param>
/// <param name="Licensed">Whether Defender is provisioned.</param>
public sealed record TenantChange(EntraPlan? Plan = null, bool? Licensed = null);

/// <summary>A delegated admin relationship (GDAP) to make, of the tenant in the address as partner.</summary>
/// <param name="Customer">Id or domain of the customer's tenant.</param>
/// <param name="Name">Unique for the partner, 50 characters at most.</param>
/// <param name="Roles">Directory roles by name or template id.</param>
/// <param name="Days">From the customer's approval to the end, 1 to 730.</param>
/// <param name="Approved">False leaves it waiting for the customer.</param>
/// <param name="AutoExtendDays">0, or 180.</param>
public sealed record NewRelationship(string Customer, string Name, IReadOnlyList<string> Roles, int Days = 365, bool Approved = true, int AutoExtendDays = 0);

/// <summary>A user to create: a member with name, user name and password, or a guest with <see cref="GuestOf"/>.</summary>
public sealed record NewUser
{
    /// <summary>Full name; of members.</summary>
    public string? Name { get; init; }

    /// <summary>User principal name in the tenant's domain; of members.</summary>
    public string? Upn { get; init; }

    /// <summary>Password; of members.</summary>
    public string? Password { get; init; }

    /// <summary>User principal name at home of the person to add as guest.</summary>
    public string? GuestOf { get; init; }

    /// <summary>False leaves a guest's invitation to be redeemed at first sign-in.</summary>
    public bool Accepted { get; init; } = true;

    /// <summary>Directory roles in this tenant, by name or template id.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];
}

/// <summary>A user as the control API shows it.</summary>
public sealed record UserView(Guid Id, Guid TenantId, string Upn, string Name, bool Enabled, bool Guest, Guid? HomeTenantId, Guid? HomeUserId, bool Accepted, IReadOnlyList<Guid> Roles);

/// <summary>What may change of a user; null leaves a member as it is.</summary>
public sealed record UserChange(bool? Enabled = null, string? Password = null);

/// <summary>A group to create.</summary>
public sealed record NewGroup(string Name, IReadOnlyList<Guid>? Members = null);

/// <summary>A secret to create.</summary>
public sealed record NewSecret
{
    /// <summary>The value; null draws one.</summary>
    public string? Value { get; init; }

    /// <summary>Lifetime in days on the virtual clock; negative makes an expired secret.</summary>
    public double Days { get; init; } = 365;
}

/// <summary>An application to register.</summary>
public sealed record NewApp
{
    /// <summary>Null takes a stable client id.</summary>
    public Guid? AppId { get; init; }

    /// <summary>Id or domain of the home tenant.</summary>
    public required string Tenant { get; init; }

    /// <summary>Name on consent pages.</summary>
    public required string Name { get; init; }

    /// <summary>True: other tenants may consent.</summary>
    public bool MultiTenant { get; init; }

    /// <summary>True allows device codes and other flows without client authentication.</summary>
    public bool PublicClient { get; init; }

    /// <summary>True allows <c>code id_token</c>.</summary>
    public bool IssuesIdTokens { get; init; }

    /// <summary>Format of tokens for the application's own API, 1 or 2.</summary>
    public int AccessTokenVersion { get; init; } = 2;

    /// <summary>Redirect URIs of a web server.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>Redirect URIs of single-page applications.</summary>
    public IReadOnlyList<string> SpaRedirectUris { get; init; } = [];

    /// <summary>Redirect URIs of programs on people's machines.</summary>
    public IReadOnlyList<string> PublicRedirectUris { get; init; } = [];

    /// <summary>App ID URIs.</summary>
    public IReadOnlyList<string> IdentifierUris { get; init; } = [];

    /// <summary>Secrets to create; their values are in the answer and nowhere else.</summary>
    public IReadOnlyList<NewSecret> Secrets { get; init; } = [];

    /// <summary>Certificates in PEM, public part.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>The static list of permissions.</summary>
    public IReadOnlyList<TwinPermission> Permissions { get; init; } = [];
}

/// <summary>A secret's value, shown once.</summary>
public sealed record SecretValue(Guid KeyId, string Value, DateTimeOffset EndsAt);

/// <summary>A new application with its secrets, shown once.</summary>
public sealed record CreatedApp(Guid AppId, Guid ObjectId, Guid HomeTenantId, string Name, IReadOnlyList<SecretValue> Secrets);

/// <summary>An application as the control API shows it.</summary>
public sealed record AppView(Guid AppId, Guid HomeTenantId, string Name, bool MultiTenant, bool PublicClient, IReadOnlyList<TwinRedirect> Redirects, IReadOnlyList<TwinPermission> Permissions);

/// <summary>A consent for a whole tenant: what an administrator's click does.</summary>
public sealed record NewConsent
{
    /// <summary>Client id.</summary>
    public required Guid AppId { get; init; }

    /// <summary>What to grant; null grants the application's static list.</summary>
    public IReadOnlyList<TwinPermission>? Permissions { get; init; }
}

/// <summary>Everything granted to one application in one tenant.</summary>
public sealed record ConsentView(Guid TenantId, Guid AppId, Guid ServicePrincipalId, bool Enabled, IReadOnlyList<TwinGrant> Grants);

/// <summary>What may change of an application's presence in a tenant; null leaves it.</summary>
public sealed record PrincipalChange(bool? Enabled = null, bool? AssignmentRequired = null);

/// <summary>An assignment of a user or group to an application.</summary>
public sealed record NewAssignment(Guid AppId, Guid PrincipalId, string? Role = null);

/// <summary>Whether a revocation took effect; a guest's never does outside home.</summary>
public sealed record RevokeView(bool Effective);

/// <summary>The virtual clock's reading, UTC.</summary>
/// <param name="Now">The reading.</param>
/// <param name="Happened">How many things fell due while it moved; null for a mere reading.</param>
/// <param name="Fault">What went wrong in something that happened by itself; null when nothing did.</param>
public sealed record ClockView(DateTimeOffset Now, int? Happened = null, string? Fault = null);

/// <summary>What to do with the virtual clock.</summary>
public sealed record ClockChange
{
    /// <summary>Seconds to move on; what falls due on the way happens, in order.</summary>
    public double AdvanceSeconds { get; init; }

    /// <summary>A moment to move on to, UTC; past ones move the clock back and let nothing happen.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>True stops it, false lets it run on, null leaves it.</summary>
    public bool? Frozen { get; init; }
}

/// <summary>A rule in force and how often it has struck.</summary>
public sealed record FaultView(TwinFault Fault, int Strikes);

/// <summary>Behaviours; null leaves one as it is.</summary>
public sealed record SwitchesView(bool? StrictRefreshRotation = null, bool? ImmediateConsentRevocation = null, double? ReplicationLagSeconds = null, bool? DirectoryLimits = null, int? DirectoryUnits = null);

/// <summary>That the twin is up.</summary>
public sealed record HealthView(string Status, int Tenants, DateTimeOffset Now);

/// <summary>Why a control request was refused.</summary>
public sealed record ControlError(string Error);
