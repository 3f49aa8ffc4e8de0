namespace Bailiwick.Twin.World.Alerts;

/// <summary>The shape a record is stored in; it says on which planes the record is seen.</summary>
public enum RecordShape
{
    /// <summary>Made by the twin: stored as a Graph alert, seen on every plane that its product has; the other shapes are derived from it.</summary>
    World = 0,

    /// <summary>An imported Graph <c>alerts_v2</c> alert; Graph plane only.</summary>
    GraphAlert = 1,

    /// <summary>An imported Defender for Endpoint alert; Defender plane only.</summary>
    DefenderAlert = 2,

    /// <summary>An imported detection of the legacy exporter; exporter plane only.</summary>
    Detection = 3,

    /// <summary>A Graph incident, made by the twin or imported.</summary>
    GraphIncident = 4,

    /// <summary>An imported incident of the XDR API, its alerts inside.</summary>
    XdrIncident = 5,
}

/// <summary>Planes as bits, as the shelf stores them.</summary>
[Flags]
internal enum AlertPlane
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Graph's <c>/security</c>.</summary>
    Graph = 1,

    /// <summary>Defender's <c>/api/alerts</c>.</summary>
    Defender = 2,

    /// <summary>The legacy exporter.</summary>
    Exporter = 4,
}
