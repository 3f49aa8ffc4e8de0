using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Simulation.Network;

namespace Bailiwick.Simulation.World;

/// <summary>A tenant with its sources and its weather.</summary>
internal sealed class SimTenant(int key, Weather weather)
{
    public int Key { get; } = key;

    public TenantId Id { get; } = new(new Guid(key, 0x5eed, 0x4000, 0x80, 0, 0, 0, 0, 0, 0, 1));

    public Weather Weather { get; } = weather;

    public List<Feed> Feeds { get; } = [];

    public TenantRecord ToRecord() => new(Key, Id, new CustomerId(Id.Value), $"Customer {Key}", "sim", null);
}
