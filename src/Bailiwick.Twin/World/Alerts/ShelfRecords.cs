using Bailiwick.Twin.World.Alerts.Query;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>A record to put on the shelf.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Id">Alert id, incident id or a detection's <c>FullId</c>; unique per tenant and shape, a second one replaces the first.</param>
/// <param name="Body">The JSON object, kept byte for byte.</param>
/// <param name="VisibleAt">UTC ticks from which list and get see this version; 0 means at once.</param>
/// <param name="Investigation">Automated investigation's number of a world alert; other shapes carry their own in the body.</param>
internal sealed record ShelfRecord(RecordShape Shape, string Id, byte[] Body, long VisibleAt = 0, long? Investigation = null);

/// <summary>A record as the shelf holds it.</summary>
internal sealed record StoredRecord(RecordShape Shape, string Id, byte[] Body, bool Late, long Updated, long? Investigation, string? DeviceGroup);

/// <summary>One row of a page; the spans live only during the call.</summary>
internal readonly ref struct ShelfRow(RecordShape shape, ReadOnlySpan<byte> body, bool late, long updated, long? investigation)
{
    public RecordShape Shape { get; } = shape;

    public ReadOnlySpan<byte> Body { get; } = body;

    public bool Late { get; } = late;

    public long Updated { get; } = updated;

    public long? Investigation { get; } = investigation;
}

/// <summary>Takes one row of a page.</summary>
internal delegate void ShelfRowHandler(in ShelfRow row);

/// <summary>How a page is sorted; every order ends with the running number, so it is total.</summary>
internal enum ShelfOrder
{
    /// <summary>Last updated first.</summary>
    UpdatedNewest,

    /// <summary>Oldest update first.</summary>
    UpdatedOldest,

    /// <summary>Last created first.</summary>
    CreatedNewest,

    /// <summary>Oldest created first.</summary>
    CreatedOldest,
}

/// <summary>A page of one tenant's alerts on one plane, or of its incidents.</summary>
internal sealed record ShelfQuery
{
    public required Guid Tenant { get; init; }

    /// <summary>The plane asked on; ignored for incidents.</summary>
    public AlertPlane Plane { get; init; }

    public FilterSql? Filter { get; init; }

    /// <summary>
    /// Device groups the caller may see; null means all. Alerts without a device are always seen, incidents when one of their alerts is.
    /// </summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Only versions updated at or after; 0 means all.</summary>
    public long UpdatedFrom { get; init; }

    /// <summary>Only the record of this id.</summary>
    public string? Id { get; init; }

    /// <summary>Only alerts of this incident.</summary>
    public long? Incident { get; init; }

    /// <summary>The shape of incidents asked for.</summary>
    public RecordShape IncidentShape { get; init; } = RecordShape.GraphIncident;

    public ShelfOrder Order { get; init; }

    public int Skip { get; init; }

    /// <summary>Rows at most; -1 means all.</summary>
    public int Take { get; init; } = -1;
}

/// <summary>One line of what is true, for oracles of tests.</summary>
/// <param name="Source">graph, defender or exporter.</param>
/// <param name="Id">Alert id, or a detection's FullId.</param>
/// <param name="UpdatedAt">Time of update as on the wire.</param>
/// <param name="Sha256">Lower-case hex of the bytes that the plane hands out for the record, late members open and evidence included.</param>
public sealed record TruthLine(string Source, string Id, string UpdatedAt, string Sha256);
