using System.Runtime.InteropServices;

namespace Bailiwick.Simulation.World;

/// <summary>How a plane lists.</summary>
/// <param name="Counts">Whether it says how many records a query has.</param>
/// <param name="Order">In which order.</param>
/// <param name="Clamp">The most records of a page, whatever was asked for.</param>
/// <param name="Links">Whether it sends continuation links.</param>
/// <param name="SkipCap">The largest <c>$skip</c>.</param>
internal sealed record FeedProfile(bool Counts, ListOrder Order, int Clamp, bool Links, int SkipCap);

internal enum ListOrder
{
    NewestFirst,
    OldestFirst,
    None,
}

/// <summary>One source of one tenant: the truth that collectors are held against.</summary>
internal sealed class Feed(SimTenant tenant, string source, FeedProfile profile)
{
    private readonly Dictionary<(string Id, long Updated), List<State>> _byVersion = [];
    private State[] _byUpdate = [];
    private long[] _updates = [];
    private State[] _byCreation = [];

    public SimTenant Tenant { get; } = tenant;

    public string Source { get; } = source;

    public FeedProfile Profile { get; } = profile;

    public List<Record> Records { get; } = [];

    public IReadOnlyList<State> States => _byUpdate;

    /// <summary>Closes the list of records.</summary>
    public void Seal()
    {
        _byUpdate = [.. Records.SelectMany(record => record.States).OrderBy(state => state.Updated).ThenBy(state => state.Record.Id, StringComparer.Ordinal).ThenBy(state => state.Index)];
        _updates = [.. _byUpdate.Select(state => state.Updated)];
        _byCreation = [.. _byUpdate.OrderBy(state => state.Record.Created).ThenBy(state => state.Record.Id, StringComparer.Ordinal)];
        foreach (var state in _byUpdate) (CollectionsMarshal.GetValueRefOrAddDefault(_byVersion, (IdOf(state.Record), state.Updated), out _) ??= []).Add(state);
    }

    /// <summary>What a query finds now, in the feed's order.</summary>
    /// <param name="now">Ticks.</param>
    /// <param name="from">First instant of the last update.</param>
    /// <param name="to">First instant after.</param>
    public List<State> List(long now, long from, long to)
    {
        var found = new List<State>();
        var at = Array.BinarySearch(_updates, from);
        if (at < 0) at = ~at;
        while (at > 0 && _updates[at - 1] == from) at--;
        for (; at < _updates.Length && _updates[at] < to; at++)
        {
            if (_byUpdate[at].IsVisible(now)) found.Add(_byUpdate[at]);
        }

        return Ordered(found);
    }

    /// <summary>What was created after an instant.</summary>
    public List<State> ListCreatedAfter(long now, long after) => Ordered([.. _byCreation.Where(state => state.Record.Created > after && state.IsVisible(now))]);

    public State? Find(long now, string id) => Records.Find(record => record.Id == id)?.States.Find(state => state.IsVisible(now));

    /// <summary>The state that these bytes are a spelling of, or null.</summary>
    public State? Recognize(string id, long updated, ReadOnlySpan<byte> raw, out bool known)
    {
        known = _byVersion.TryGetValue((id, updated), out var states);
        if (!known) return null;
        foreach (var state in states!)
        {
            if (Spelling.Is(state, raw)) return state;
        }

        return null;
    }

    private static string IdOf(Record record) => record.Plant == Plant.Unreadable ? "" : record.Id;

    private List<State> Ordered(List<State> found)
    {
        switch (Profile.Order)
        {
            case ListOrder.NewestFirst:
                found.Reverse();
                break;
            case ListOrder.None:
                found.Sort((left, right) => (Mix(left.Record.Id), left.Record.Id).CompareTo((Mix(right.Record.Id), right.Record.Id)));
                break;
            default:
                break;
        }

        return found;
    }

    /// <summary>An order that has nothing to do with time, the same in every run.</summary>
    private static uint Mix(string id)
    {
        var hash = 2166136261u;
        foreach (var letter in id) hash = (hash ^ letter) * 16777619u;
        return hash;
    }
}
