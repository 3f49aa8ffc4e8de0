using Bailiwick.Api;

namespace Bailiwick.Hub.Collectors;

/// <summary>One (tenant, source) to be collected.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Source">The source's name.</param>
/// <param name="Cloud">The cloud the tenant lives in.</param>
/// <param name="Origin">The plane's address in the tenant's cloud and region.</param>
public sealed record CollectorTarget(long TenantKey, TenantId Tenant, string Source, string Cloud, Uri Origin);

/// <summary>How the last run of one (tenant, source) went. Immutable; swapped whole.</summary>
/// <param name="TriedAt">When the run ended, UTC.</param>
/// <param name="FailingSince">Since when no run was clean; null when the last one was.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Detail">One sentence for people, or null.</param>
/// <param name="NeedsPerson">True when nothing changes until somebody acts.</param>
public sealed record CollectorState(DateTimeOffset TriedAt, DateTimeOffset? FailingSince, string? Reason, string? Detail, bool NeedsPerson);
