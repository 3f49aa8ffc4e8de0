using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Twin.World;

/// <summary>A change the directory's rules forbid; the message names the thing and the reason.</summary>
public sealed class TwinDirectoryException(string message) : Exception(message);

public sealed partial class TwinDirectory
{
    /// <summary>Adds tenants, all or none.</summary>
    /// <exception cref="TwinDirectoryException">An id or domain is taken twice, or a domain is not a reserved one.</exception>
    public void AddTenants(IReadOnlyCollection<TwinTenant> tenants)
    {
        lock (_gate)
        {
            var domains = _domains.ToBuilder();
            HashSet<Guid> ids = [];
            foreach (var tenant in tenants)
            {
                if (!IsReserved(tenant.DefaultDomain)) throw new TwinDirectoryException($"Domain '{tenant.DefaultDomain}' is not below .example or .test: the twin holds invented names only.");
                if (!domains.TryAdd(tenant.DefaultDomain, tenant.Id)) throw new TwinDirectoryException($"Domain '{tenant.DefaultDomain}' belongs to another tenant.");
                if (FindTenant(tenant.Id) is not null || !ids.Add(tenant.Id)) throw new TwinDirectoryException($"Tenant {tenant.Id} exists already.");
            }

            _tenants.Put(tenants);
            _domains = domains.ToImmutable();
            _tenantsInOrder = _tenantsInOrder.AddRange(tenants);
        }
    }

    /// <summary>Replaces a tenant's record; id and domain stay.</summary>
    public void UpdateTenant(TwinTenant tenant)
    {
        lock (_gate)
        {
            var old = FindTenant(tenant.Id) ?? throw new TwinDirectoryException($"Tenant {tenant.Id} does not exist.");
            if (old.DefaultDomain != tenant.DefaultDomain) throw new TwinDirectoryException("A tenant's default domain cannot change.");
            _tenants.Put(tenant);
            _tenantsInOrder = _tenantsInOrder.Replace(old, tenant);
        }
    }

    /// <summary>The id a thing gets when nobody chose one: stable for a seed.</summary>
    public Guid NewId(params ReadOnlySpan<string> names) => _random.Id(names);

    /// <summary>Adds a member who signs in here.</summary>
    /// <exception cref="TwinDirectoryException">The name is taken or not in the tenant's domain.</exception>
    public TwinUser AddMember(Guid tenantId, string displayName, string userPrincipalName, string password, IReadOnlyList<Guid> roles)
    {
        var tenant = FindTenant(tenantId) ?? throw new TwinDirectoryException($"Tenant {tenantId} does not exist.");
        if (!userPrincipalName.EndsWith("@" + tenant.DefaultDomain, StringComparison.OrdinalIgnoreCase))
        {
            throw new TwinDirectoryException($"'{userPrincipalName}' is not in the tenant's domain {tenant.DefaultDomain}.");
        }

        return AddUser(new TwinUser
        {
            Id = _random.Id("user", tenantId.ToString(), userPrincipalName.ToLowerInvariant()),
            TenantId = tenantId,
            UserPrincipalName = userPrincipalName,
            DisplayName = displayName,
            Mail = userPrincipalName,
            PasswordDigest = SecretDigest.Of(password),
            Roles = roles,
            CreatedAt = _clock.GetUtcNow(),
        });
    }

    /// <summary>Adds a guest object for a person of another tenant.</summary>
    /// <param name="tenantId">The inviting tenant.</param>
    /// <param name="home">The person's object at home.</param>
    /// <param name="roles">Directory roles in the inviting tenant.</param>
    /// <param name="accepted">False leaves the invitation to be redeemed at first sign-in.</param>
    public TwinUser AddGuest(Guid tenantId, TwinUser home, IReadOnlyList<Guid> roles, bool accepted)
    {
        var tenant = FindTenant(tenantId) ?? throw new TwinDirectoryException($"Tenant {tenantId} does not exist.");
        if (home.IsGuest) throw new TwinDirectoryException($"'{home.UserPrincipalName}' is itself a guest object; name the object of the home tenant.");
        if (home.TenantId == tenantId) throw new TwinDirectoryException($"'{home.UserPrincipalName}' is a member of this tenant.");
        return AddUser(new TwinUser
        {
            Id = _random.Id("guest", tenantId.ToString(), home.Id.ToString()),
            TenantId = tenantId,
            UserPrincipalName = $"{home.UserPrincipalName.Replace('@', '_')}#EXT#@{tenant.DefaultDomain}",
            DisplayName = home.DisplayName,
            Mail = home.Mail,
            Roles = roles,
            HomeTenantId = home.TenantId,
            HomeUserId = home.Id,
            Accepted = accepted,
            Invited = true,
            StateChangedAt = _clock.GetUtcNow(),
            CreatedAt = _clock.GetUtcNow(),
        });
    }

    /// <summary>Replaces a user's record; id and tenant stay.</summary>
    /// <exception cref="TwinDirectoryException">The new name is another user's.</exception>
    public void UpdateUser(TwinUser user)
    {
        lock (_gate)
        {
            if (FindUser(user.TenantId, user.Id) is { } old && !old.UserPrincipalName.Equals(user.UserPrincipalName, StringComparison.OrdinalIgnoreCase))
            {
                if (_usersByName.ContainsKey(user.UserPrincipalName)) throw new TwinDirectoryException($"User '{user.UserPrincipalName}' exists already.");
                _usersByName = _usersByName.Remove(old.UserPrincipalName);
            }

            _users.Put(user);
            _usersByName = _usersByName.SetItem(user.UserPrincipalName, user);
            if (user.HomeUserId is { } home) _guests = _guests.SetItem((user.TenantId, home), user.Id);
        }
    }

    /// <summary>Gives a member a new password; refresh tokens issued before stay good, as for a self-service change of a confidential client.</summary>
    public void SetPassword(TwinUser user, string password) => UpdateUser(user with { PasswordDigest = SecretDigest.Of(password) });

    /// <summary>True when the password is the member's.</summary>
    public static bool CheckPassword(TwinUser user, string password) => user.PasswordDigest is { } digest && SecretDigest.Matches(digest, password);

    /// <summary>Makes everything issued to a user before now void. True when it took effect: a guest's tokens can only be revoked at home. Source: user-revokesigninsessions, 2024.</summary>
    public bool RevokeSessions(TwinUser user)
    {
        if (user.IsGuest) return false;
        UpdateUser(user with { SignInSessionsValidFrom = _clock.GetUtcNow() });
        return true;
    }

    /// <summary>Registers an application and creates its service principal at home.</summary>
    public void AddApp(TwinApp app) => AddApp(app, withPrincipal: true);

    /// <summary>Registers an application.</summary>
    /// <param name="app">The registration.</param>
    /// <param name="withPrincipal">False leaves the service principal at home to a call of its own, as Graph does; the portal makes both.</param>
    public void AddApp(TwinApp app, bool withPrincipal)
    {
        if (FindTenant(app.HomeTenantId) is null) throw new TwinDirectoryException($"Tenant {app.HomeTenantId} does not exist.");
        foreach (var redirect in app.Redirects)
        {
            if (RedirectRules.Fault(redirect.Uri) is { } fault) throw new TwinDirectoryException(fault);
        }

        lock (_gate)
        {
            if (FindApp(app.AppId) is not null) throw new TwinDirectoryException($"Application {app.AppId} exists already.");
            _apps.Put(app);
            if (withPrincipal) AddServicePrincipal(app.HomeTenantId, app);
        }
    }

    /// <summary>Replaces a registration.</summary>
    public void UpdateApp(TwinApp app) => _apps.Put(app);

    /// <summary>Removes a registration; service principals elsewhere stay behind, as in Entra.</summary>
    public void RemoveApp(Guid appId) => _apps.Remove(appId.ToString("D"));

    /// <summary>A free client id for a new registration: stable for a seed, tenant and name.</summary>
    public Guid NewAppId(Guid homeTenant, string name)
    {
        for (var n = 0; ; n++)
        {
            var id = _random.Id("app", homeTenant.ToString(), name, n.ToString(CultureInfo.InvariantCulture));
            if (FindApp(id) is null) return id;
        }
    }

    /// <summary>Reads a certificate for a registration.</summary>
    /// <exception cref="TwinDirectoryException">The text is not a certificate in PEM.</exception>
    public static TwinCertificate ReadCertificate(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return new TwinCertificate(
                Guid.NewGuid(),
                certificate.ExportCertificatePem(),
                Base64Url.Encode(certificate.GetCertHash()),
                Base64Url.Encode(certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256)),
                new DateTimeOffset(certificate.NotAfter.ToUniversalTime())) { StartsAt = new DateTimeOffset(certificate.NotBefore.ToUniversalTime()) };
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new TwinDirectoryException($"The certificate is not readable PEM: {e.Message}");
        }
    }

    /// <summary>The application's service principal in a tenant, created when absent.</summary>
    public TwinServicePrincipal AddServicePrincipal(Guid tenantId, TwinApp app)
    {
        lock (_gate)
        {
            if (FindServicePrincipal(tenantId, app.AppId) is { } present) return present;
            var principal = new TwinServicePrincipal(_random.Id("principal", tenantId.ToString(), app.AppId.ToString()), tenantId, app.AppId, app.DisplayName);
            _principals.Put(principal);
            return principal;
        }
    }

    /// <summary>Replaces a service principal.</summary>
    public void UpdateServicePrincipal(TwinServicePrincipal principal) => _principals.Put(principal);

    /// <summary>Removes a service principal with everything granted to it: what deleting an enterprise application does.</summary>
    public bool RemoveServicePrincipal(Guid tenantId, Guid appId)
    {
        lock (_gate)
        {
            RemoveGrantsWhere(grant => grant.TenantId == tenantId && (grant.AppId == appId || grant.ResourceId == appId));
            _assignments.RemoveWhere(assignment => assignment.TenantId == tenantId && assignment.AppId == appId);
            return _principals.Remove(UserKey(tenantId, appId)) is not null;
        }
    }

    /// <summary>Grants permissions, creating the service principal: what a consent does.</summary>
    /// <param name="tenantId">The consenting tenant.</param>
    /// <param name="app">The client.</param>
    /// <param name="permissions">What to grant.</param>
    /// <param name="principal">The user a delegated permission is for; null for everybody.</param>
    /// <exception cref="TwinDirectoryException">A resource is unknown, or the application is of another tenant only.</exception>
    public void Grant(Guid tenantId, TwinApp app, IReadOnlyCollection<TwinPermission> permissions, Guid? principal)
    {
        if (!app.MultiTenant && app.HomeTenantId != tenantId) throw new TwinDirectoryException($"Application {app.AppId} is single-tenant: only its home tenant {app.HomeTenantId} can consent to it.");
        List<TwinGrant> grants = [];
        foreach (var permission in permissions)
        {
            var resource = FindResource(permission.Resource) ?? throw new TwinDirectoryException($"Resource '{permission.Resource}' is unknown.");
            grants.Add(new TwinGrant(tenantId, app.AppId, resource.AppId, permission.Name, permission.Application, permission.Application ? null : principal));
        }

        lock (_gate)
        {
            AddServicePrincipal(tenantId, app);
            _grants.Put(grants);
            var held = _grantsByApp.GetValueOrDefault((tenantId, app.AppId), []);
            _grantsByApp = _grantsByApp.SetItem((tenantId, app.AppId), [.. held.Concat(grants).DistinctBy(grant => grant.Key)]);
        }
    }

    /// <summary>Takes back what matches.</summary>
    /// <returns>How many were taken back.</returns>
    public int RemoveGrants(Guid tenantId, Guid appId, Func<TwinGrant, bool> match)
    {
        lock (_gate) return RemoveGrantsWhere(grant => grant.TenantId == tenantId && grant.AppId == appId && match(grant));
    }

    /// <summary>Assigns a user or group to an application.</summary>
    public void Assign(TwinAssignment assignment) => _assignments.Put(assignment);

    private int RemoveGrantsWhere(Predicate<TwinGrant> match)
    {
        var removed = 0;
        foreach (var (key, grants) in _grantsByApp)
        {
            var left = grants.RemoveAll(match);
            if (left.Count == grants.Count) continue;
            removed += grants.Count - left.Count;
            _grantsByApp = left.IsEmpty ? _grantsByApp.Remove(key) : _grantsByApp.SetItem(key, left);
        }

        if (removed > 0) _grants.RemoveWhere(grant => match(grant));
        return removed;
    }

    private TwinUser AddUser(TwinUser user)
    {
        lock (_gate)
        {
            if (FindTenant(user.TenantId) is null) throw new TwinDirectoryException($"Tenant {user.TenantId} does not exist.");
            if (_usersByName.ContainsKey(user.UserPrincipalName)) throw new TwinDirectoryException($"User '{user.UserPrincipalName}' exists already.");
            _users.Put(user);
            _usersByName = _usersByName.SetItem(user.UserPrincipalName, user);
            if (user.HomeUserId is { } home) _guests = _guests.SetItem((user.TenantId, home), user.Id);
            return user;
        }
    }

    private static bool IsReserved(string domain) =>
        Uri.CheckHostName(domain) == UriHostNameType.Dns
        && (domain.EndsWith(".example", StringComparison.OrdinalIgnoreCase) || domain.EndsWith(".test", StringComparison.OrdinalIgnoreCase));
}
