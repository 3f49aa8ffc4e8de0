namespace Bailiwick.Api.V1;

/// <summary>How the hub signs in for one tenant, and how it stands.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Kind">How; null when the tenant was never connected.</param>
/// <param name="Application">The name of the application used; null when never connected.</param>
/// <param name="Source">The primary source, for example <c>GraphAlerts</c>; null when never connected.</param>
/// <param name="State">How it stands.</param>
/// <param name="Visibility">What can be seen through it: <c>all</c> for app-only, <c>person</c> when the person's device groups may hide something; null when never connected.</param>
/// <param name="Error">The OAuth error of the last refusal; null while tokens come.</param>
/// <param name="Detail">One sentence when a person must act; else null.</param>
/// <param name="ConnectedAt">UTC, when it was last proven that the tokens are this tenant's.</param>
/// <param name="Also">Further sources; null when there are none.</param>
/// <param name="Comparing">The connection of the other kind that this one is compared with; null when there is none.</param>
public sealed record Connection(
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    ConnectionKind? Kind,
    string? Application,
    string? Source,
    ConnectionState State,
    string? Visibility,
    string? Error,
    string? Detail,
    DateTimeOffset? ConnectedAt,
    IReadOnlyList<string>? Also = null,
    ComparingConnection? Comparing = null);

/// <summary>A tenant's second connection: what it sees of the same source is compared every hour with what the first one sees, and never goes into the log.</summary>
/// <param name="Kind">How it signs in; the other kind than the connection that collects.</param>
/// <param name="Application">The name of the application used.</param>
/// <param name="State">How it stands.</param>
/// <param name="Visibility">As in <see cref="Connection"/>.</param>
/// <param name="Error">As in <see cref="Connection"/>.</param>
/// <param name="Detail">As in <see cref="Connection"/>.</param>
/// <param name="ConnectedAt">As in <see cref="Connection"/>.</param>
public sealed record ComparingConnection(
    ConnectionKind Kind, string? Application, ConnectionState State, string Visibility, string? Error, string? Detail, DateTimeOffset ConnectedAt);

/// <summary>The two routes to a token.</summary>
public enum ConnectionKind
{
    /// <summary>Client credentials after the customer's admin consent.</summary>
    AppOnly,

    /// <summary>Authorization code and refresh token of a guest.</summary>
    Code,
}

/// <summary>How a connection stands.</summary>
public enum ConnectionState
{
    /// <summary>Nobody has connected this tenant yet.</summary>
    NotConnected,

    /// <summary>Tokens are issued.</summary>
    Connected,

    /// <summary>The sign-in service refuses; a person must act as the detail says.</summary>
    NeedsAttention,
}

/// <summary>Connects tenants app-only. The tenants are tried independently of each other.</summary>
/// <param name="Tenants">1 to <see cref="MaxTenants"/> tenants, none twice.</param>
/// <param name="Application">The application's name; null when the hub has exactly one.</param>
/// <param name="Source">The primary source: <c>GraphAlerts</c>, <c>DefenderAlerts</c> or <c>AlertExporter</c>; null means <c>GraphAlerts</c>.</param>
/// <param name="Also">
/// Further sources: <c>GraphIncidents</c> is collected as well; another alert source is listed every hour and compared, and never goes into the log. Null for none.
/// </param>
/// <param name="Compare">True to connect for comparing, beside the person's sign-in that collects; then <paramref name="Source"/> and <paramref name="Also"/> are left out.</param>
public sealed record ConnectAppOnly(
    IReadOnlyList<TenantId> Tenants, string? Application = null, string? Source = null, IReadOnlyList<string>? Also = null, bool Compare = false)
{
    /// <summary>The most tenants in one request; clients with more ask again and show progress between.</summary>
    public const int MaxTenants = 50;
}

/// <summary>What became of each tenant.</summary>
/// <param name="Outcomes">One per tenant asked for, in the same order.</param>
public sealed record ConnectOutcomes(IReadOnlyList<ConnectOutcome> Outcomes);

/// <summary>What became of one tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="CustomerName">Whose it is; null when the hub does not know the tenant or the caller may not.</param>
/// <param name="Connected">True when a token was issued and the tenant proven.</param>
/// <param name="Error">A stable word when not: the OAuth <c>error</c> value, or <c>unknown_tenant</c>, <c>forbidden</c>, <c>unreachable</c>, <c>no_address</c>, <c>tenant_mismatch</c>, <c>not_connected</c>, <c>same_kind</c>.</param>
/// <param name="Detail">One sentence: what is wrong and who can mend it.</param>
public sealed record ConnectOutcome(TenantId Tenant, string? CustomerName, bool Connected, string? Error = null, string? Detail = null);

/// <summary>Begins the authorization code flow for one tenant.</summary>
/// <param name="Application">The application's name; null when the hub has exactly one.</param>
/// <param name="Source">As in <see cref="ConnectAppOnly"/>.</param>
/// <param name="Also">As in <see cref="ConnectAppOnly"/>.</param>
/// <param name="Compare">True to connect for comparing, beside the application that collects; then <paramref name="Source"/> and <paramref name="Also"/> are left out.</param>
public sealed record BeginCode(string? Application = null, string? Source = null, IReadOnlyList<string>? Also = null, bool Compare = false);

/// <summary>A link for the person who will sign in. Works once, for 15 minutes, in one browser.</summary>
/// <param name="Link">Opens the hub's own connect page, which shows what follows and leads to the sign-in service.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="Tenant">The tenant to sign in to.</param>
/// <param name="ClientId">The application that will ask for consent.</param>
/// <param name="Permissions">The exact scopes it will ask for.</param>
public sealed record CodeLink(Uri Link, DateTimeOffset ExpiresAt, TenantId Tenant, Guid ClientId, IReadOnlyList<string> Permissions);
