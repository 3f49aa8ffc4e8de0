using Bailiwick.Api;
using Bailiwick.Simulation.Network;
using Bailiwick.Simulation.Process;

namespace Bailiwick.Simulation.World;

/// <summary>All that will be true in one simulated world, decided before it begins: tenants, records with their states, weather, illness, deaths.</summary>
internal sealed class SimWorld(Scenario scenario)
{
    private readonly Dictionary<(TenantId Tenant, string Source), Feed> _feeds = [];

    public Scenario Scenario { get; } = scenario;

    /// <summary>When the hub is started for the first time.</summary>
    public DateTimeOffset Start { get; } = new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero) + TimeSpan.FromSeconds(scenario.Seed % 86_400);

    /// <summary>From here on nothing misbehaves and hardly anything moves.</summary>
    public long CalmFrom => (Start + Scenario.Active).UtcTicks;

    public DateTimeOffset End => Start + Scenario.Active + Scenario.Drain;

    public List<SimTenant> Tenants { get; } = [];

    public List<Front> Illnesses { get; } = [];

    public List<(long At, DeathPoint Point)> Deaths { get; } = [];

    public long ReceiverDownFrom { get; set; }

    public long ReceiverDownTo { get; set; }

    public IEnumerable<Feed> Feeds => Tenants.SelectMany(tenant => tenant.Feeds);

    public Feed? FindFeed(TenantId tenant, string source) => _feeds.GetValueOrDefault((tenant, source));

    public bool IsDiskIll(long now)
    {
        foreach (var illness in Illnesses)
        {
            if (now >= illness.From && now < illness.To) return true;
        }

        return false;
    }

    public void Add(SimTenant tenant)
    {
        Tenants.Add(tenant);
        foreach (var feed in tenant.Feeds)
        {
            feed.Seal();
            _feeds.Add((tenant.Id, feed.Source), feed);
        }
    }
}
