namespace Bailiwick.Api.V1;

/// <summary>How the whole hub stands.</summary>
/// <param name="Hub">The program itself.</param>
/// <param name="Totals">Counts over what the caller may see.</param>
/// <param name="Sinks">Every sink; may be empty.</param>
public sealed record FleetStatus(HubStatus Hub, FleetTotals Totals, IReadOnlyList<SinkStatus> Sinks);

/// <summary>The program itself.</summary>
/// <param name="Version">The product's version.</param>
/// <param name="Profile"><c>production</c>, <c>test</c> or <c>demo</c>.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="Ready">Whether collecting can work.</param>
/// <param name="Reasons">Why not; empty when ready.</param>
public sealed record HubStatus(string Version, string Profile, DateTimeOffset StartedAt, bool Ready, IReadOnlyList<HealthReason> Reasons);

/// <summary>Counts over what the caller may see.</summary>
/// <param name="Customers">Customers.</param>
/// <param name="Tenants">Tenants.</param>
/// <param name="Connected">Tenants whose connection works.</param>
/// <param name="NeedAttention">Tenants whose connection needs a person.</param>
/// <param name="Versions">Alert versions in all logs.</param>
/// <param name="DeadLetters">Dead letters not yet replayed or discarded.</param>
public sealed record FleetTotals(int Customers, int Tenants, int Connected, int NeedAttention, long Versions, long DeadLetters);

/// <summary>How one tenant stands.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Connection">How its connection stands.</param>
/// <param name="Source">The primary source; null before the first walk.</param>
/// <param name="LastCleanWalkAt">When the last complete, clean walk ended, UTC; null before the first.</param>
/// <param name="LagSeconds">Now minus the checkpoint, in seconds; null before the first clean walk.</param>
/// <param name="LogHead">The newest log number; 0 when the log is empty.</param>
/// <param name="Detail">One sentence when something is wrong; else null.</param>
/// <param name="FailingSince">Since when no walk was clean, UTC; null while walks are clean.</param>
/// <param name="Reason">Why, a word of a closed set in lower case, as in the coverage answer's causes and the upstream failures; null while walks are clean.</param>
/// <param name="NeedsPerson">True when nothing changes until somebody acts.</param>
/// <param name="PausedUntil">When the customer's pause ends, UTC; null when it is not paused.</param>
public sealed record TenantStatus(
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    ConnectionState Connection,
    string? Source,
    DateTimeOffset? LastCleanWalkAt,
    double? LagSeconds,
    long LogHead,
    string? Detail,
    DateTimeOffset? FailingSince,
    string? Reason,
    bool NeedsPerson,
    DateTimeOffset? PausedUntil = null);

/// <summary>How one sink stands.</summary>
/// <param name="Name">The sink.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Class"><c>confirmed</c>, <c>accepted</c>, <c>sent</c> or <c>best effort</c>.</param>
/// <param name="Parked">True while put aside.</param>
/// <param name="Delivered">Versions it has confirmed over all tenants.</param>
/// <param name="Waiting">Versions it has not confirmed yet in the logs of the customers whose alerts it gets.</param>
/// <param name="FailingSince">UTC, when the present row of failures began; null while it works.</param>
/// <param name="Reason">Why it fails, from the closed set; null while it works.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="DeadLetters">How many it has refused for good that still wait for a person.</param>
public sealed record SinkStatus(
    string Name,
    string Kind,
    string Class,
    bool Parked,
    long Delivered,
    long Waiting,
    DateTimeOffset? FailingSince,
    string? Reason,
    string? Detail,
    long DeadLetters);

/// <summary>The answer of the health addresses.</summary>
/// <param name="Status"><c>live</c>, <c>ready</c> or <c>not-ready</c>.</param>
/// <param name="Reasons">Why not ready; empty otherwise.</param>
public sealed record Health(string Status, IReadOnlyList<HealthReason> Reasons);

/// <summary>One thing that keeps the hub from being ready.</summary>
/// <param name="Check">The check's stable name, for example <c>vault</c>.</param>
/// <param name="Reason">One sentence.</param>
public sealed record HealthReason(string Check, string Reason);
