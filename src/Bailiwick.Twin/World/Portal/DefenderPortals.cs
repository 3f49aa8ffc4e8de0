using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Bailiwick.Twin.World.Generator;

namespace Bailiwick.Twin.World.Portal;

/// <summary>
/// Every tenant's portal, kept in <c>twin.db</c>. A tenant whose portal nobody touched has basic permissions, and the device groups its devices were made
/// for, open to everybody. Thread safe.
/// </summary>
internal sealed class DefenderPortals
{
    private readonly StoredSet<PortalState> _states;
    private readonly ConcurrentDictionary<Guid, PortalState> _untouched = [];
    private readonly ConditionalWeakTable<PortalState, TenantWorld> _regrouped = [];
    private readonly Lock _changing = new();
    private readonly TwinDirectory _directory;
    private readonly Func<Guid, TenantWorld> _made;

    /// <param name="store">Where the states are kept.</param>
    /// <param name="directory">Who people are.</param>
    /// <param name="made">A tenant's devices as they were made.</param>
    public DefenderPortals(TwinStore store, TwinDirectory directory, Func<Guid, TenantWorld> made)
    {
        (_directory, _made) = (directory, made);
        _states = new StoredSet<PortalState>(store, "portal", state => state.TenantId.ToString("D"), state => state.TenantId);
    }

    /// <summary>What a snapshot of a tenant takes along.</summary>
    public ISnapshotPart Part => _states;

    /// <summary>A tenant's portal.</summary>
    public PortalState Of(Guid tenant) => _states.Find(tenant.ToString("D")) ?? _untouched.GetOrAdd(tenant, Untouched);

    /// <summary>Changes a tenant's portal; a refusal leaves it as it is.</summary>
    /// <exception cref="PortalRefusedException">The change is not allowed.</exception>
    public PortalState Change(Guid tenant, Func<PortalState, PortalState> change)
    {
        lock (_changing)
        {
            var old = Of(tenant);
            var state = change(old);
            if (!ReferenceEquals(old, state)) _states.Put(state);
            return state;
        }
    }

    /// <summary>What a person may do in a tenant, as of now; somebody who is not there, or is switched off, nothing.</summary>
    public DefenderAccess AccessOf(Guid tenant, Guid user) => DefenderAccess.Of(Of(tenant), PersonOf(tenant, user));

    /// <summary>A person as Defender knows them.</summary>
    public PortalPerson PersonOf(Guid tenant, Guid user) =>
        _directory.FindUser(tenant, user) is { Enabled: true, Accepted: true } known ? new PortalPerson(user, [.. _directory.RolesOf(known)], GroupsOf(tenant, user)) : new PortalPerson(user, [], []);

    /// <summary>The security groups a person is in, also through nested groups.</summary>
    public IReadOnlyCollection<Guid> GroupsOf(Guid tenant, Guid user) => _directory.GroupsOf(tenant, user).Select(group => group.Id).ToHashSet();

    /// <summary>Ids of a tenant's security groups.</summary>
    public IReadOnlySet<Guid> GroupIds(Guid tenant) => _directory.Groups(tenant).Select(group => group.Id).ToHashSet();

    /// <summary>True when an application may fetch from the exporter because of what the portal says.</summary>
    public bool MayExport(Guid tenant, Guid application)
    {
        var siem = Of(tenant).Siem;
        return (siem.Enabled && siem.ApplicationId == application) || siem.Authorized.Any(known => known.ApplicationId == application);
    }

    /// <summary>A tenant's devices in the groups that the portal puts them in.</summary>
    public TenantWorld Regroup(TenantWorld made)
    {
        if (_states.Find(made.Tenant.Id.ToString("D")) is not { } state) return made;
        return _regrouped.GetValue(state, _ => made.Regrouped(device => PortalRules.GroupOf(state, device) is var group ? (group.Name, group.Id) : default));
    }

    private PortalState Untouched(Guid tenant)
    {
        var groups = _made(tenant).Devices.Where(device => device.Department.Length > 0).GroupBy(device => (device.GroupId, device.Department)).OrderBy(group => group.Key.GroupId);
        return new PortalState
        {
            TenantId = tenant,
            DeviceGroups =
            [
                .. groups.Select(group => new DeviceGroup { Id = group.Key.GroupId, Name = group.Key.Department, Rule = [new DeviceCondition(DeviceProperty.Tag, DeviceOperator.Equals, group.Key.Department)] }),
                new DeviceGroup { Name = DeviceGroup.UnassignedName, Remediation = RemediationLevel.SemiAll },
            ],
        };
    }
}
