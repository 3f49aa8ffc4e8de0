namespace Bailiwick.Api.V1;

/// <summary>A record that was set aside with the reason: a version that a sink refused for good, or one that never got into the log.</summary>
/// <param name="Id">A version 7 GUID of 36 characters.</param>
/// <param name="Stage"><c>sink</c>, <c>feed</c>, or <c>collector</c> for a record that never got into the log.</param>
/// <param name="Sink">The sink's name; null at the other stages.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Source">The source's name.</param>
/// <param name="AlertId">The id as the source gave it; empty when it could not be read.</param>
/// <param name="LogNumber">The place in the tenant's log; null at the stage <c>collector</c>.</param>
/// <param name="Reason">A member of a closed set, lower case, for example <c>rejected</c> or <c>oversized</c>.</param>
/// <param name="Detail">One sentence; text from outside: encode before showing.</param>
/// <param name="At">When it was set aside, UTC.</param>
/// <param name="State"><c>waiting</c>, <c>replay</c> (asked for), <c>delivered</c> or <c>discarded</c>.</param>
/// <param name="Feed">The feed's name; null at the other stages.</param>
public sealed record DeadLetter(
    string Id,
    string Stage,
    string? Sink,
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    string Source,
    string AlertId,
    long? LogNumber,
    string Reason,
    string Detail,
    DateTimeOffset At,
    string State,
    string? Feed = null);

/// <summary>Which waiting dead letters an act means: those to which every part given applies. At least one part is given, or <paramref name="All"/>.</summary>
/// <param name="Sink">Those of one sink.</param>
/// <param name="Tenant">Those of one tenant.</param>
/// <param name="Reason">Those with one reason, as in <see cref="DeadLetter.Reason"/>.</param>
/// <param name="From">Those set aside at this time or later, UTC.</param>
/// <param name="To">Those set aside before this time, UTC.</param>
/// <param name="All">True: every one the caller may act on.</param>
public sealed record DeadLetterSelection(
    string? Sink = null, TenantId? Tenant = null, string? Reason = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool All = false);

/// <summary>Which dead letters to list. Every part given narrows.</summary>
/// <param name="Sink">Those of one sink.</param>
/// <param name="Tenant">Those of one tenant.</param>
/// <param name="Reason">Those with one reason, as in <see cref="DeadLetter.Reason"/>.</param>
/// <param name="From">Those set aside at this time or later, UTC.</param>
/// <param name="To">Those set aside before this time, UTC.</param>
/// <param name="State">Those in one state, as in <see cref="DeadLetter.State"/>.</param>
/// <param name="Cursor">The cursor of the page before; null for the first page.</param>
public sealed record DeadLetterQuery(
    string? Sink = null, TenantId? Tenant = null, string? Reason = null, DateTimeOffset? From = null, DateTimeOffset? To = null, string? State = null, string? Cursor = null);

/// <summary>Discards one dead letter for good.</summary>
/// <param name="Why">1 to 200 characters, for the audit trail.</param>
public sealed record DeadLetterDiscard(string Why);

/// <summary>Discards the waiting dead letters of a selection for good.</summary>
/// <param name="Selection">Which.</param>
/// <param name="Why">1 to 200 characters, for the audit trail.</param>
public sealed record DeadLettersDiscard(DeadLetterSelection Selection, string Why);

/// <summary>How many dead letters an act touched.</summary>
/// <param name="Count">0 or more.</param>
public sealed record DeadLetterCount(int Count);
