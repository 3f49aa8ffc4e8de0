namespace Bailiwick.Hub.Alerts;

/// <summary>What a record of the log is about; decided by its source.</summary>
public enum RecordKind
{
    /// <summary>An alert whose state changes: Graph <c>alerts_v2</c>, Defender <c>/api/alerts</c>.</summary>
    Alert,

    /// <summary>An immutable detection of the alert exporter.</summary>
    Detection,

    /// <summary>An incident: a group of alerts with a state of its own.</summary>
    Incident,
}
