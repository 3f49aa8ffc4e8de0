using Bailiwick.Hub.Collectors;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation;

/// <summary>
/// What a collector owes a world, by the world's own truth: every state that its source showed for so long, in weather so calm, that the documented look-back or
/// one of the sweeps had to meet it.
/// </summary>
internal sealed class Obligations
{
    /// <summary>After bad weather, a death or an ill disk: back off, start again, catch up, go round what cannot be listed.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(60);

    /// <summary>The longest a walk takes in calm weather.</summary>
    private static readonly TimeSpan WalkTime = TimeSpan.FromMinutes(10);

    private readonly SimWorld _world;
    private readonly Scenario _scenario;
    private readonly List<(long From, long To)> _disturbed = [];

    private Obligations(SimWorld world)
    {
        _world = world;
        _scenario = world.Scenario;
        foreach (var (at, _) in world.Deaths) _disturbed.Add((at, at));
        foreach (var illness in world.Illnesses) _disturbed.Add((illness.From, illness.To));
    }

    /// <summary>Every state owed: for the log, or for a record that cannot be stored, for the dead letters.</summary>
    public static HashSet<State> Of(SimWorld world) => new Obligations(world).List();

    private HashSet<State> List()
    {
        var owed = new HashSet<State>();
        foreach (var tenant in _world.Tenants)
        {
            var disturbed = new List<(long From, long To)>(_disturbed);
            foreach (var front in tenant.Weather.Fronts) disturbed.Add((front.From, front.To));
            foreach (var feed in tenant.Feeds)
            {
                foreach (var plant in feed.Records.Where(record => record.Plant is Plant.Unlistable or Plant.UnlistableEvidence)) disturbed.Add((plant.States[0].VisibleFrom, plant.States[0].VisibleFrom));
            }

            var calm = Calm(disturbed);
            foreach (var feed in tenant.Feeds) owed.UnionWith(feed.States.Where(state => IsOwed(state, _scenario.Options(feed.Source), calm)));
        }

        return owed;
    }

    private List<(long From, long To)> Calm(List<(long From, long To)> disturbed)
    {
        disturbed.Sort();
        var calm = new List<(long From, long To)>();
        var from = (_world.Start + Recovery).UtcTicks;
        foreach (var (start, end) in disturbed)
        {
            if (start > from) calm.Add((from, start));
            from = Math.Max(from, end + Recovery.Ticks);
        }

        calm.Add((from, _world.End.UtcTicks));
        return calm;
    }

    private bool IsOwed(State state, CollectorOptions options, List<(long From, long To)> calm)
    {
        // What was there at the start is met by the way back, which takes some runs; what moved in the meantime by the daily sweep.
        if (state.VisibleFrom <= _world.Start.UtcTicks) return IsMet(state, _world.Start.UtcTicks, TimeSpan.FromDays(1) + _scenario.DrainPoll, TimeSpan.MaxValue, calm);
        if (TimeSpan.FromTicks(state.VisibleFrom - state.Updated) <= options.Overlap) return IsMet(state, state.VisibleFrom, TimeSpan.Zero, TimeSpan.MaxValue, calm);
        return IsMet(state, state.VisibleFrom, TimeSpan.FromHours(1), options.HourlySweep, calm) || IsMet(state, state.VisibleFrom, TimeSpan.FromDays(1), options.DailySweep, calm);
    }

    /// <summary>Whether a walk, due some time after the state became visible and reaching so far back, has the calm to meet it.</summary>
    private bool IsMet(State state, long visibleFrom, TimeSpan due, TimeSpan reach, List<(long From, long To)> calm)
    {
        foreach (var (from, to) in calm)
        {
            var start = Math.Max(visibleFrom + due.Ticks, from);
            var end = start + (start < _world.CalmFrom ? _scenario.Poll : _scenario.DrainPoll).Ticks + WalkTime.Ticks;
            if (end < Math.Min(to, state.VisibleTo) && end - state.Updated < reach.Ticks) return true;
        }

        return false;
    }
}
