namespace Bailiwick.Api.V1;

/// <summary>A version that a sink refused for good, kept with the reason.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Sink">The sink's name.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="CustomerName">Whose it is.</param>
/// <param name="Source">The source's name.</param>
/// <param name="AlertId">The id as the source gave it.</param>
/// <param name="LogNumber">The place in the tenant's log.</param>
/// <param name="Key">The delivery key.</param>
/// <param name="Reason">A member of the closed set of delivery failures, for example <c>rejected</c>.</param>
/// <param name="Detail">One sentence from the sink; text from outside: encode before showing.</param>
/// <param name="At">When it was set aside, UTC.</param>
/// <param name="ReplayedAt">When a person last asked for it again, UTC; null when never.</param>
public sealed record DeadLetter(
    long Id,
    string Sink,
    TenantId Tenant,
    string CustomerName,
    string Source,
    string AlertId,
    long LogNumber,
    string Key,
    string Reason,
    string Detail,
    DateTimeOffset At,
    DateTimeOffset? ReplayedAt);

/// <summary>Which dead letters an act means. At least one part is given, or <paramref name="All"/>.</summary>
/// <param name="Sink">Those of one sink.</param>
/// <param name="Tenant">Those of one tenant.</param>
/// <param name="All">True: every one the caller may open.</param>
public sealed record DeadLetterSelection(string? Sink = null, TenantId? Tenant = null, bool All = false);

/// <summary>How many dead letters an act touched.</summary>
/// <param name="Count">0 or more.</param>
public sealed record DeadLetterCount(int Count);
