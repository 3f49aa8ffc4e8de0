using System.Globalization;
using Bailiwick.Hub.Alerts;
using Bailiwick.Simulation.Network;
using Bailiwick.Simulation.Process;

namespace Bailiwick.Simulation.World;

/// <summary>Makes a world out of a scenario and its seed.</summary>
internal sealed class WorldBuilder(Scenario scenario)
{
    private readonly SimWorld _world = new(scenario);
    private int _ids;

    public static SimWorld Build(Scenario scenario) => new WorldBuilder(scenario).Build();

    private SimWorld Build()
    {
        var start = _world.Start.UtcTicks;
        for (var key = 1; key <= scenario.Tenants; key++)
        {
            var random = Chance.Stream(scenario.Seed, string.Create(CultureInfo.InvariantCulture, $"tenant {key}"));
            var weather = scenario.Hazards ? Weather.Between(start, _world.CalmFrom, random) : new Weather();
            var tenant = new SimTenant(key, weather);
            foreach (var source in SourcesOf(random)) tenant.Feeds.Add(BuildFeed(tenant, source, random));
            _world.Add(tenant);
        }

        if (!scenario.Hazards) return _world;
        var fate = Chance.Stream(scenario.Seed, "fate");
        var days = Math.Max(1, (int)scenario.Active.TotalDays);
        for (var i = fate.Next(2, 6) * Math.Min(days, 5); i > 0; i--)
        {
            _world.Deaths.Add((At(fate), fate.Pick(DeathPoint.Now, DeathPoint.Now, DeathPoint.BeforeWrite, DeathPoint.BeforeCommit, DeathPoint.AfterCommit, DeathPoint.AfterSend, DeathPoint.AfterAcknowledgement)));
        }

        _world.Deaths.Sort();
        for (var i = fate.Next(0, 3); i > 0; i--)
        {
            var from = At(fate);
            _world.Illnesses.Add(new Front(from, Math.Min(_world.CalmFrom, from + fate.LogUniform(TimeSpan.FromMinutes(10), TimeSpan.FromHours(3)).Ticks), 0));
        }

        _world.ReceiverDownFrom = At(fate);
        _world.ReceiverDownTo = _world.ReceiverDownFrom + TimeSpan.TicksPerDay;
        return _world;
    }

    private IReadOnlyList<string> SourcesOf(Random random)
    {
        if (scenario.Sources.Count > 0) return scenario.Sources;
        var sources = new List<string> { random.Pick(AlertSources.GraphAlerts, AlertSources.DefenderAlerts) };
        if (random.Happens(0.2)) sources.Add(AlertSources.GraphIncidents);
        if (random.Happens(0.2)) sources.Add(AlertSources.AlertExporter);
        return sources;
    }

    private Feed BuildFeed(SimTenant tenant, string source, Random random)
    {
        var clamp = scenario.LargePages ? 1000 : random.Next(4, 25);
        var profile = new FeedProfile(
            Counts: source != AlertSources.DefenderAlerts,
            random.Pick(ListOrder.NewestFirst, ListOrder.NewestFirst, ListOrder.OldestFirst, ListOrder.None),
            clamp,
            Links: random.Happens(0.3),
            SkipCap: scenario.LargePages ? 500 : Math.Max(60, clamp * 2));
        var feed = new Feed(tenant, source, profile);
        var first = (_world.Start - scenario.History + TimeSpan.FromHours(36)).UtcTicks; // else an outage outlasts what the source keeps
        var span = _world.CalmFrom - first;
        var count = (int)(scenario.AlertsPerDay * span / TimeSpan.TicksPerDay * random.Between(TimeSpan.FromHours(12), TimeSpan.FromHours(36)).TotalDays);
        for (var i = 0; i < count; i++) AddRecord(feed, first + (long)(span * random.NextDouble()), Plant.None, random);
        if (scenario.Hazards) AddBursts(feed, random);
        if (scenario.Plants && random.Happens(0.5)) AddPlants(feed, random);
        return feed;
    }

    private void AddBursts(Feed feed, Random random)
    {
        for (var i = random.Next(0, 3); i > 0; i--)
        {
            var at = At(random);
            var sameInstant = random.Happens(0.4);
            for (var n = random.Next(8, 32); n > 0; n--) AddRecord(feed, sameInstant ? at : at + random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(40)).Ticks, Plant.None, random);
        }

        if (feed.Source == AlertSources.AlertExporter) return;
        if (random.Happens(0.5)) Churn(feed, _world.Start.UtcTicks, random);
        if (random.Happens(0.5)) Churn(feed, At(random), random);
    }

    /// <summary>A stretch in which records are updated every few seconds, so that rows move while pages are read.</summary>
    private void Churn(Feed feed, long from, Random random)
    {
        var to = Math.Min(_world.CalmFrom, from + random.Between(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(15)).Ticks);
        for (var at = from; at < to; at += random.Between(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(12)).Ticks)
        {
            var record = feed.Records[random.Next(feed.Records.Count)];
            var last = record.States[^1];
            if (record.Plant != Plant.None || last.VisibleTo != long.MaxValue || last.VisibleFrom > at) continue;
            var updated = Step(at);
            var visible = updated + random.Between(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(20)).Ticks;
            last.VisibleTo = visible;
            record.States.Add(new State(record, last.Index + 1, updated, visible));
        }
    }

    private void AddPlants(Feed feed, Random random)
    {
        Plant[] kinds = feed.Source switch
        {
            AlertSources.AlertExporter => [Plant.Unlistable, Plant.Oversized, Plant.Refused],
            AlertSources.DefenderAlerts => [Plant.Unlistable, Plant.UnlistableEvidence, Plant.Oversized, Plant.ForeignTenant, Plant.Unreadable, Plant.Refused],
            _ => [Plant.Unlistable, Plant.Oversized, Plant.ForeignTenant, Plant.Unreadable, Plant.Refused],
        };
        for (var i = random.Next(1, 4); i > 0; i--) AddRecord(feed, At(random), random.Pick<Plant>(kinds), random);
    }

    private void AddRecord(Feed feed, long created, Plant plant, Random random)
    {
        created = Step(created);
        var record = new Record(feed, string.Create(CultureInfo.InvariantCulture, $"{(plant == Plant.None ? "a" : plant.ToString().ToLowerInvariant())}-{++_ids}"), created, plant);
        var updated = Step(created + random.Pick(0L, 2 * TimeSpan.TicksPerSecond));
        var state = new State(record, 0, updated, updated + Lag(random));
        record.States.Add(state);
        feed.Records.Add(record);
        if (feed.Source == AlertSources.AlertExporter || plant is not (Plant.None or Plant.Refused)) return;
        while (random.Happens(0.55))
        {
            updated = random.Happens(0.1)
                ? state.Updated // the content changes within one tick of the clock
                : Step(state.Updated + (random.Happens(0.2) ? random.Between(TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(40)) : random.LogNormal(TimeSpan.FromMinutes(50), 1.6)).Ticks);
            if (updated >= _world.CalmFrom) break;
            var visible = Math.Max(state.VisibleFrom + random.LogUniform(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)).Ticks, updated + Lag(random));
            state.VisibleTo = visible;
            record.States.Add(state = new State(record, state.Index + 1, updated, visible));
        }

        if (random.Happens(0.02)) state.VisibleTo = state.VisibleFrom + random.LogUniform(TimeSpan.FromMinutes(1), TimeSpan.FromHours(30)).Ticks;
    }

    private long At(Random random) => _world.Start.UtcTicks + (long)((_world.CalmFrom - _world.Start.UtcTicks) * random.NextDouble());

    /// <summary>Seconds to minutes, at times up to 30 hours.</summary>
    private static long Lag(Random random) =>
        (random.Happens(0.03) ? random.LogUniform(TimeSpan.FromMinutes(5), TimeSpan.FromHours(30)) : random.LogNormal(TimeSpan.FromSeconds(20), 1.2)).Ticks;

    /// <summary>Sources keep time in steps of 1/300 s.</summary>
    private static long Step(long ticks) => (long)(Math.Floor(ticks * 300m / TimeSpan.TicksPerSecond) * TimeSpan.TicksPerSecond / 300);
}
