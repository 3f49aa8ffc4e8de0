namespace Bailiwick.Simulation.World;

/// <summary>What is wrong with a record.</summary>
internal enum Plant
{
    None,

    /// <summary>Every page that holds it fails.</summary>
    Unlistable,

    /// <summary>Every page that holds it fails, unless it is asked for without its evidence.</summary>
    UnlistableEvidence,
    Oversized,
    ForeignTenant,

    /// <summary>It has no id.</summary>
    Unreadable,

    /// <summary>One receiver refuses it for good.</summary>
    Refused,
}

/// <summary>One alert, incident or detection with all the states it will have.</summary>
internal sealed class Record(Feed feed, string id, long created, Plant plant)
{
    public Feed Feed { get; } = feed;

    public string Id { get; } = id;

    public long Created { get; } = created;

    public Plant Plant { get; } = plant;

    public List<State> States { get; } = [];

    /// <summary>Whether its states belong into the log.</summary>
    public bool IsStorable => Plant is Plant.None or Plant.Refused or Plant.UnlistableEvidence;
}

/// <summary>One state of a record: what the source shows from one instant to another. Ticks, UTC.</summary>
internal sealed class State(Record record, int index, long updated, long visibleFrom)
{
    public Record Record { get; } = record;

    /// <summary>0 for the first.</summary>
    public int Index { get; } = index;

    public long Updated { get; } = updated;

    public long VisibleFrom { get; } = visibleFrom;

    /// <summary>When the next state, or nothing, is shown instead.</summary>
    public long VisibleTo { get; set; } = long.MaxValue;

    /// <summary>The bytes of each spelling, made when first asked for.</summary>
    public byte[]?[] Spelled { get; } = new byte[]?[Spelling.Count];

    public bool IsVisible(long now) => VisibleFrom <= now && now < VisibleTo;

    public override string ToString() =>
        $"{Record.Feed.Source} of tenant {Record.Feed.Tenant.Key}, {Record.Id} state {Index} updated {new DateTime(Updated):O}, visible {new DateTime(VisibleFrom):O} to {(VisibleTo == long.MaxValue ? "the end" : new DateTime(VisibleTo).ToString("O"))}, {Record.Plant}, {Record.Feed.Profile}";
}
