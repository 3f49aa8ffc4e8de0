using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Bailiwick.Twin.World;

/// <summary>
/// Every tenant's directory: tenants, people, groups, applications and what they were granted. Held in memory and written through to the store,
/// so a twin started again on the same data has all of it. Thread safe; every record is immutable and swapped whole.
/// </summary>
public sealed partial class TwinDirectory
{
    private readonly StoredSet<TwinTenant> _tenants;
    private readonly StoredSet<TwinUser> _users;
    private readonly StoredSet<TwinGroup> _groups;
    private readonly StoredSet<TwinApp> _apps;
    private readonly StoredSet<TwinServicePrincipal> _principals;
    private readonly StoredSet<TwinGrant> _grants;
    private readonly StoredSet<TwinAssignment> _assignments;
    private readonly StoredSet<TwinDeletedObject> _deleted;
    private readonly StoredSet<TwinActiveRole> _activeRoles;
    private readonly StoredSet<TwinRelationship> _relationships;
    private readonly StoredSet<TwinAuthorizationPolicy> _authorization;
    private readonly StoredSet<TwinPartner> _partners;
    private readonly StoredSet<TwinCrossTenantDefault> _crossTenant;
    private readonly TwinClock _clock;
    private readonly TwinRandom _random;
    private readonly Lock _gate = new();

    private ImmutableList<TwinTenant> _tenantsInOrder;
    private ImmutableDictionary<string, Guid> _domains;
    private ImmutableDictionary<string, TwinUser> _usersByName;
    private ImmutableDictionary<(Guid Tenant, Guid HomeUser), Guid> _guests;
    private ImmutableDictionary<(Guid Tenant, Guid App), ImmutableList<TwinGrant>> _grantsByApp;

    /// <summary>Loads what the store holds.</summary>
    /// <param name="store">Null keeps everything in memory only.</param>
    /// <param name="clock">Stamps new objects.</param>
    /// <param name="random">Gives stable ids to objects whose id nobody chose.</param>
    public TwinDirectory(TwinStore? store, TwinClock clock, TwinRandom random)
    {
        _clock = clock;
        _random = random;
        _tenants = new(store, "tenant", tenant => tenant.Id.ToString("D"), tenant => tenant.Id);
        _users = new(store, "user", user => UserKey(user.TenantId, user.Id), user => user.TenantId);
        _groups = new(store, "group", group => UserKey(group.TenantId, group.Id), group => group.TenantId);
        _activeRoles = new(store, "active-role", active => UserKey(active.TenantId, active.Role), active => active.TenantId);
        _relationships = new(store, "relationship", relationship => relationship.Id, relationship => relationship.PartnerId);
        _apps = new(store, "app", app => app.AppId.ToString("D"), app => app.HomeTenantId);
        _principals = new(store, "principal", principal => UserKey(principal.TenantId, principal.AppId), principal => principal.TenantId);
        _deleted = new(store, "deleted", deleted => UserKey(deleted.TenantId, deleted.Id), deleted => deleted.TenantId);
        _grants = new(store, "grant", grant => grant.Key, grant => grant.TenantId);
        _assignments = new(store, "assignment", assignment => assignment.Key, assignment => assignment.TenantId);
        _authorization = new(store, "authorization-policy", policy => policy.TenantId.ToString("D"), policy => policy.TenantId);
        _partners = new(store, "partner", partner => UserKey(partner.TenantId, partner.PartnerId), partner => partner.TenantId);
        _crossTenant = new(store, "cross-tenant-default", known => known.TenantId.ToString("D"), known => known.TenantId);
        Reindex();
    }

    /// <summary>What a snapshot of a tenant takes along.</summary>
    internal IEnumerable<ISnapshotPart> Parts => [_tenants, _users, _groups, _apps, _principals, _grants, _assignments, _deleted, _authorization, _partners, _crossTenant, _activeRoles, _relationships];

    /// <summary>All tenants: those the store held by domain, then new ones in order of creation.</summary>
    public IReadOnlyList<TwinTenant> Tenants => _tenantsInOrder;

    /// <summary>All application registrations, no order.</summary>
    public IReadOnlyCollection<TwinApp> Apps => [.. _apps.All];

    /// <summary>A tenant by id.</summary>
    public TwinTenant? FindTenant(Guid id) => _tenants.Find(id.ToString("D"));

    /// <summary>A tenant by its verified domain, whatever the case.</summary>
    public TwinTenant? FindTenantByDomain(string domain) => _domains.TryGetValue(domain, out var id) ? FindTenant(id) : null;

    /// <summary>A user object by id.</summary>
    public TwinUser? FindUser(Guid tenant, Guid id) => _users.Find(UserKey(tenant, id));

    /// <summary>A user object by principal name, in whichever tenant; guests by their long name.</summary>
    public TwinUser? FindUserByName(string name) => _usersByName.GetValueOrDefault(name);

    /// <summary>The user object by id in whichever tenant; ids do not repeat.</summary>
    public TwinUser? FindUserAnywhere(Guid id) => _users.All.FirstOrDefault(user => user.Id == id);

    /// <summary>The member whose principal name or mail this is, in whichever tenant; null for an address nobody here has.</summary>
    public TwinUser? FindHome(string address) => FindUserByName(address) is { IsGuest: false } named ? named : _users.All.FirstOrDefault(user => !user.IsGuest && user.Mail.Equals(address, StringComparison.OrdinalIgnoreCase));

    /// <summary>A home user's object in a tenant: itself at home, the guest object elsewhere, null where there is none.</summary>
    public TwinUser? FindPresence(TwinUser home, Guid tenant) =>
        home.TenantId == tenant ? FindUser(tenant, home.Id) : _guests.TryGetValue((tenant, home.Id), out var id) ? FindUser(tenant, id) : FindInvited(home, tenant);

    /// <summary>What changed among users after a change number, oldest first; a null user is gone.</summary>
    internal (IReadOnlyList<(Guid Id, TwinUser? User)> Changes, long Number) UserChanges(Guid tenant, long since) => Changes(_users, tenant, since);

    /// <summary>What changed among groups after a change number, oldest first; a null group is gone.</summary>
    internal (IReadOnlyList<(Guid Id, TwinGroup? Group)> Changes, long Number) GroupChanges(Guid tenant, long since) => Changes(_groups, tenant, since);

    /// <summary>Users of a tenant, members and guests, no order.</summary>
    public IReadOnlyList<TwinUser> Users(Guid tenant) => [.. _users.Of(tenant)];

    /// <summary>Groups of a tenant, no order.</summary>
    public IReadOnlyList<TwinGroup> Groups(Guid tenant) => [.. _groups.Of(tenant)];

    /// <summary>An application by client id.</summary>
    public TwinApp? FindApp(Guid appId) => _apps.Find(appId.ToString("D")) ?? _ownApps.GetValueOrDefault(appId);

    /// <summary>An application's service principal in a tenant.</summary>
    public TwinServicePrincipal? FindServicePrincipal(Guid tenant, Guid appId) => _principals.Find(UserKey(tenant, appId));

    /// <summary>A service principal by object id.</summary>
    public TwinServicePrincipal? FindServicePrincipalById(Guid tenant, Guid id) => _principals.Of(tenant).FirstOrDefault(principal => principal.Id == id);

    /// <summary>Service principals of a tenant, no order.</summary>
    public IReadOnlyList<TwinServicePrincipal> ServicePrincipals(Guid tenant) => [.. _principals.Of(tenant)];

    /// <summary>Everything granted to an application in a tenant, no order.</summary>
    public IReadOnlyList<TwinGrant> Grants(Guid tenant, Guid appId) => _grantsByApp.TryGetValue((tenant, appId), out var grants) ? grants : [];

    /// <summary>Application permissions granted on one resource.</summary>
    public IReadOnlySet<string> Roles(Guid tenant, Guid appId, Guid resource) =>
        Grants(tenant, appId).Where(grant => grant.Application && grant.ResourceId == resource).Select(grant => grant.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>Delegated permissions that hold for one user on one resource.</summary>
    public IReadOnlySet<string> Scopes(Guid tenant, Guid appId, Guid resource, Guid user) =>
        Grants(tenant, appId)
            .Where(grant => grant.ResourceId == resource && grant.HoldsFor(user))
            .Select(grant => grant.Name)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>A user's assignments to an application, also through groups.</summary>
    public IReadOnlyList<TwinAssignment> Assignments(Guid tenant, Guid appId, Guid user)
    {
        if (_assignments.Count == 0) return [];
        var groups = GroupsOf(tenant, user).Select(group => group.Id).ToHashSet();
        return [.. _assignments.All.Where(assignment => assignment.TenantId == tenant && assignment.AppId == appId && (assignment.PrincipalId == user || groups.Contains(assignment.PrincipalId)))];
    }

    /// <summary>A resource by identifier or application id: Microsoft's own, or a registered application's API; null when nobody has it.</summary>
    public TwinResource? FindResource(string identifier)
    {
        if (TwinResource.FindWellKnown(identifier) is { } known) return known;
        var plain = identifier.TrimEnd('/');
        var app = Guid.TryParse(plain.StartsWith("api://", StringComparison.OrdinalIgnoreCase) ? plain[6..] : plain, out var id) ? FindApp(id) : null;
        app ??= _apps.All.FirstOrDefault(candidate => candidate.IdentifierUris.Contains(plain, StringComparer.OrdinalIgnoreCase));
        return app is null ? null : new TwinResource(app.AppId, app.DisplayName, app.IdentifierUris.Count > 0 ? app.IdentifierUris[0] : $"api://{app.AppId}", [$"api://{app.AppId}"], app.AccessTokenVersion, app);
    }

    /// <summary>An invitation to the person's address that nobody could tie to them when it was sent.</summary>
    private TwinUser? FindInvited(TwinUser home, Guid tenant) =>
        _users.Of(tenant).FirstOrDefault(user => user is { Invited: true, HomeUserId: null } && (user.Mail.Equals(home.Mail, StringComparison.OrdinalIgnoreCase) || user.Mail.Equals(home.UserPrincipalName, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Derives the look-ups from what the sets hold: at start, and after a tenant was restored.</summary>
    [MemberNotNull(nameof(_tenantsInOrder), nameof(_domains), nameof(_usersByName), nameof(_guests), nameof(_grantsByApp))]
    internal void Reindex()
    {
        lock (_gate)
        {
            _tenantsInOrder = [.. _tenants.All.OrderBy(tenant => tenant.DefaultDomain, StringComparer.Ordinal)];
            _domains = _tenantsInOrder.ToImmutableDictionary(tenant => tenant.DefaultDomain, tenant => tenant.Id, StringComparer.OrdinalIgnoreCase);
            _usersByName = _users.All.ToImmutableDictionary(user => user.UserPrincipalName, StringComparer.OrdinalIgnoreCase);
            _guests = _users.All.Where(user => user.HomeUserId is not null).ToImmutableDictionary(user => (user.TenantId, user.HomeUserId!.Value), user => user.Id);
            _grantsByApp = _grants.All.GroupBy(grant => (grant.TenantId, grant.AppId)).ToImmutableDictionary(group => group.Key, group => group.ToImmutableList());
        }
    }

    private static (IReadOnlyList<(Guid Id, T? Item)> Changes, long Number) Changes<T>(StoredSet<T> set, Guid tenant, long since)
        where T : class
    {
        var number = set.Sequence;
        return ([.. set.Since(tenant, since).Select(change => (Guid.ParseExact(change.Id[(change.Id.IndexOf('/') + 1)..], "N"), change.Item))], number);
    }

    private static string UserKey(Guid tenant, Guid id) => $"{tenant:N}/{id:N}";
}
