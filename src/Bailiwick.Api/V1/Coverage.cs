namespace Bailiwick.Api.V1;

/// <summary>Whether there is a hole in what was collected from one source of one tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Source">The source, for example <c>GraphAlerts</c>; null for a tenant that was never connected.</param>
/// <param name="From">The beginning of the window answered for: whole hours of last-update time, never before the source's retention, UTC.</param>
/// <param name="To">The first instant after it, never after now, UTC.</param>
/// <param name="CompleteThrough">Everything of the window last updated before this instant is in the log, UTC; null when nothing is known.</param>
/// <param name="HoleSince">Where in last-update time the first hole begins, UTC; null when there is none.</param>
/// <param name="Trouble">Why something is not as it should be; null when nothing is known to be wrong.</param>
/// <param name="Silence">How long nothing came, against the source's own past.</param>
/// <param name="Spans">The whole window, oldest first, without a gap; may be empty.</param>
/// <param name="Readers">What each sink has of it; empty for a caller who may not see sinks.</param>
/// <param name="Comparisons">How it stands beside the tenant's further sources; empty when there are none.</param>
public sealed record Coverage(
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    string? Source,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? CompleteThrough,
    DateTimeOffset? HoleSince,
    CoverageTrouble? Trouble,
    CoverageSilence Silence,
    IReadOnlyList<CoverageSpan> Spans,
    IReadOnlyList<CoverageReader> Readers,
    IReadOnlyList<CoverageComparison> Comparisons);

/// <summary>Why something is not as it should be.</summary>
/// <param name="Cause">A member of a closed set, for example <c>throttled</c>, <c>consentRevoked</c> or <c>notConnected</c>.</param>
/// <param name="Detail">One sentence; may quote a person's reason: encode before showing.</param>
/// <param name="Since">Since when, UTC.</param>
public sealed record CoverageTrouble(string Cause, string Detail, DateTimeOffset Since);

/// <summary>How long nothing came.</summary>
/// <param name="Quiet">True when nothing came for far longer than usual for this source; null when there is too little past to judge.</param>
/// <param name="Since">The end of the last hour with a version, UTC; null when there was none in 14 days.</param>
/// <param name="LongestUsualHours">The longest time without one in the past looked at; null without judgement.</param>
public sealed record CoverageSilence(bool? Quiet, DateTimeOffset? Since, double? LongestUsualHours);

/// <summary>Hours in a row of one state.</summary>
/// <param name="From">First instant, UTC.</param>
/// <param name="To">First instant after, UTC.</param>
/// <param name="State">What the ledger says.</param>
/// <param name="Versions">Versions stored whose update time lies in it.</param>
public sealed record CoverageSpan(DateTimeOffset From, DateTimeOffset To, CoverageState State, long Versions);

/// <summary>What the ledger says of an hour.</summary>
public enum CoverageState
{
    /// <summary>Not walked to its end: something may be missing.</summary>
    Open,

    /// <summary>Walked: what the source showed is in the log.</summary>
    Covered,

    /// <summary>Walked again after the late horizon without news.</summary>
    Proven,
}

/// <summary>What one sink has of it.</summary>
/// <param name="Sink">The sink's name.</param>
/// <param name="CompleteThrough">The sink has everything of the window last updated before this instant, UTC; null when nothing is known.</param>
/// <param name="Waiting">Versions in the tenant's log, of all its sources, that the sink has not confirmed.</param>
/// <param name="Cause"><c>parked</c>, or why it fails, from the closed set of delivery failures; null while it works.</param>
/// <param name="Detail">One sentence; null while it works.</param>
/// <param name="Since">Since when it fails, UTC; null while it works and for a parked one.</param>
public sealed record CoverageReader(string Sink, DateTimeOffset? CompleteThrough, long Waiting, string? Cause, string? Detail, DateTimeOffset? Since);

/// <summary>How a source stands beside another one of the same tenant.</summary>
/// <param name="Other">The other source.</param>
/// <param name="ComparedAt">When the two were last compared, UTC; null before.</param>
/// <param name="Differences">How many differences are open.</param>
/// <param name="Reason">Why the last attempt failed, from the closed set of upstream failures in lower case; null when it did not.</param>
/// <param name="Detail">One sentence about it; else null.</param>
public sealed record CoverageComparison(string Other, DateTimeOffset? ComparedAt, long Differences, string? Reason, string? Detail);

/// <summary>A record that one source of a tenant shows and another does not.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Source">The source that is collected.</param>
/// <param name="Other">The source it was compared with.</param>
/// <param name="RecordId">The alert or incident, as both sources call it; opaque.</param>
/// <param name="MissingIn">Which of the two does not show it.</param>
/// <param name="RecordAt">The record's time, UTC.</param>
/// <param name="FoundAt">When the difference was first found, UTC.</param>
/// <param name="Likely">One sentence: why, probably.</param>
public sealed record CoverageDifference(
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    string Source,
    string Other,
    string RecordId,
    string MissingIn,
    DateTimeOffset RecordAt,
    DateTimeOffset FoundAt,
    string Likely);

/// <summary>What to answer for. Every given part narrows.</summary>
public sealed record CoverageQuery
{
    /// <summary>The longest window over many tenants, in days; for one tenant the source's whole retention may be asked for.</summary>
    public const int MaxDays = 31;

    /// <summary>Only this customer's tenants.</summary>
    public CustomerId? Customer { get; init; }

    /// <summary>Only this tenant.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>Only this source.</summary>
    public string? Source { get; init; }

    /// <summary>The beginning of the window, UTC; null means 24 hours before its end.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The first instant after the window, UTC; null means now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>True: only where something is to be looked at, be it a hole, a cause, an unusual silence, a broken sink, or a difference between sources.</summary>
    public bool Holes { get; init; }

    /// <summary>1 to <see cref="Page{T}.MaxItems"/>; null means <see cref="Page{T}.DefaultItems"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>The cursor of the page before; null for the first page.</summary>
    public string? Cursor { get; init; }
}

/// <summary>A customer whose collection is on hold.</summary>
/// <param name="Reason">Why, as a person wrote it: encode before showing.</param>
/// <param name="By">Who, as the audit trail names it: kind and id.</param>
/// <param name="At">Since when, UTC.</param>
/// <param name="Until">When collecting goes on by itself, UTC.</param>
public sealed record CustomerPause(string Reason, string By, DateTimeOffset At, DateTimeOffset Until);

/// <summary>Puts a customer's collection on hold.</summary>
/// <param name="Reason">1 to 500 characters.</param>
/// <param name="Until">After now, at most 366 days away.</param>
public sealed record PauseCustomer(string Reason, DateTimeOffset Until);
