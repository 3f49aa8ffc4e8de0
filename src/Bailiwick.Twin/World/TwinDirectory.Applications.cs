namespace Bailiwick.Twin.World;

public sealed partial class TwinDirectory
{
    /// <summary>Registrations of a tenant, no order.</summary>
    public IReadOnlyList<TwinApp> AppsOf(Guid tenant) => [.. _apps.Of(tenant)];

    /// <summary>A registration by its object id.</summary>
    public TwinApp? FindAppByObject(Guid tenant, Guid id) => _apps.Of(tenant).FirstOrDefault(app => app.ObjectId == id);

    /// <summary>Removes a registration for 30 days, and its service principal at home for good.</summary>
    public void DeleteApp(TwinApp app)
    {
        lock (_gate)
        {
            if (_apps.Remove(app.AppId.ToString("D")) is null) return;
            RemoveServicePrincipal(app.HomeTenantId, app.AppId);
            _deleted.Put(new TwinDeletedObject(app.ObjectId, app.HomeTenantId, _clock.GetUtcNow()) { App = app });
        }
    }

    /// <summary>Service principals of a tenant with those of Microsoft's own resources, which stand in every tenant that is licensed for them; no order.</summary>
    public IReadOnlyList<TwinServicePrincipal> Principals(Guid tenant)
    {
        var licensed = FindTenant(tenant) is { DefenderLicensed: true };
        return [.. _principals.Of(tenant), .. TwinResource.WellKnown.Where(resource => licensed || (resource != TwinResource.Defender && resource != TwinResource.ThreatProtection)).Select(resource => Own(tenant, resource))];
    }

    /// <summary>One of <see cref="Principals"/> by object id.</summary>
    public TwinServicePrincipal? FindPrincipal(Guid tenant, Guid id) => Principals(tenant).FirstOrDefault(principal => principal.Id == id);

    /// <summary>One of <see cref="Principals"/> by client id.</summary>
    public TwinServicePrincipal? FindPrincipalOf(Guid tenant, Guid appId) => FindServicePrincipal(tenant, appId) ?? Principals(tenant).FirstOrDefault(principal => principal.AppId == appId);

    /// <summary>Everything granted in a tenant, by client.</summary>
    public IEnumerable<TwinGrant> GrantsIn(Guid tenant) => _principals.Of(tenant).OrderBy(principal => principal.Id).SelectMany(principal => Grants(tenant, principal.AppId));

    /// <summary>Names of permissions of a resource that were granted anywhere.</summary>
    public IReadOnlySet<(string Name, bool Application)> GrantedNames(Guid resource) => _grants.All.Where(grant => grant.ResourceId == resource).Select(grant => (grant.Name, grant.Application)).ToHashSet();

    /// <summary>Who is assigned to an application, no order.</summary>
    public IReadOnlyList<TwinAssignment> AssignmentsTo(Guid tenant, Guid appId) => [.. _assignments.All.Where(assignment => assignment.TenantId == tenant && assignment.AppId == appId)];

    /// <summary>Takes an assignment back; false when there was none.</summary>
    public bool Unassign(TwinAssignment assignment) => _assignments.Remove(assignment.Key) is not null;

    private TwinServicePrincipal Own(Guid tenant, TwinResource resource) =>
        new(_random.Id("principal", tenant.ToString(), resource.AppId.ToString()), tenant, resource.AppId, resource.Name);
}
