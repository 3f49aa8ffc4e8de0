namespace Bailiwick.Hub.Alerts;

/// <summary>One alert version as a collector hands it to the log.</summary>
/// <param name="AlertId">The source's id, opaque.</param>
/// <param name="UpdatedAt">The source's last-update time, UTC.</param>
/// <param name="CreatedAt">The source's creation time, UTC; the update time when the source gives none.</param>
/// <param name="Severity">For the queue.</param>
/// <param name="Status">For the queue.</param>
/// <param name="Digest">SHA-256 of the canonical content, 32 bytes.</param>
/// <param name="Raw">The upstream JSON exactly; only valid until the page is given back.</param>
public readonly record struct CollectedAlert(
    string AlertId,
    DateTimeOffset UpdatedAt,
    DateTimeOffset CreatedAt,
    AlertSeverity Severity,
    AlertStatus Status,
    ReadOnlyMemory<byte> Digest,
    ReadOnlyMemory<byte> Raw);

/// <summary>Severity of an alert. Source: alert resource, enum alertSeverity, read 2025.</summary>
public enum AlertSeverity
{
    /// <summary>Not given, or a word this program does not know.</summary>
    Unknown = 0,

    /// <summary>Informational.</summary>
    Informational = 1,

    /// <summary>Low.</summary>
    Low = 2,

    /// <summary>Medium.</summary>
    Medium = 3,

    /// <summary>High.</summary>
    High = 4,
}

/// <summary>Where an alert stands. Source: alert resource, enum alertStatus, read 2025.</summary>
public enum AlertStatus
{
    /// <summary>Not given, or a word this program does not know.</summary>
    Unknown = 0,

    /// <summary>Nobody has taken it.</summary>
    New = 1,

    /// <summary>Somebody works on it.</summary>
    InProgress = 2,

    /// <summary>Closed.</summary>
    Resolved = 3,
}

/// <summary>A record that cannot go into the log: set aside by the collector with the reason, the rest moves on.</summary>
/// <param name="AlertId">Its id, or empty when unreadable.</param>
/// <param name="Reason">The closed set: <c>unreadable</c>, <c>oversized</c>, <c>foreign-tenant</c>, <c>unlistable</c>.</param>
/// <param name="Detail">One sentence for people; fixed words only.</param>
/// <param name="Raw">Its bytes; stored capped at <see cref="DeadLetters.MaxRawBytes"/>.</param>
public sealed record RejectedRecord(string AlertId, string Reason, string Detail, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Where the source keeps it, for a record whose bytes could not be had: such a record is known again by its place.</summary>
    public string? Place { get; init; }

    /// <summary>SHA-256 of the canonical content: a record without a place is known again by it, however it is spelled; by its bytes when it is empty.</summary>
    public ReadOnlyMemory<byte> Digest { get; init; }
}
