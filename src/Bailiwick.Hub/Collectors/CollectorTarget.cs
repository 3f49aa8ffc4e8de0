using Bailiwick.Api;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>One (tenant, source) to be collected.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Source">The source's name.</param>
/// <param name="Cloud">The cloud the tenant lives in.</param>
/// <param name="Origin">The plane's address in the tenant's cloud and region.</param>
/// <param name="Purpose">Through which of the tenant's connections.</param>
public sealed record CollectorTarget(long TenantKey, TenantId Tenant, string Source, string Cloud, Uri Origin, ConnectionPurpose Purpose = ConnectionPurpose.Collect);

/// <summary>One (tenant, source) that is not to be walked now though a connection names it.</summary>
/// <param name="TenantKey">The tenant's small key.</param>
/// <param name="Source">The source's name.</param>
/// <param name="Reason">One of the constants of <see cref="HoldReasons"/>.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="Since">Since when, UTC; null when nobody knows.</param>
/// <param name="Until">When it ends by itself, UTC; null when it does not.</param>
public sealed record CollectorHold(long TenantKey, string Source, string Reason, string Detail, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>What connections name, sorted into what is walked and what is not.</summary>
/// <param name="Targets">To be walked.</param>
/// <param name="Holds">Not to be walked now, with the reason.</param>
public sealed record CollectorTargetList(IReadOnlyList<CollectorTarget> Targets, IReadOnlyList<CollectorHold> Holds);

/// <summary>Reasons of <see cref="CollectorState"/> beside the upstream failures.</summary>
public static class HoldReasons
{
    /// <summary>Somebody paused the customer.</summary>
    public const string Paused = "Paused";

    /// <summary>The source is switched off in the configuration.</summary>
    public const string Disabled = "Disabled";

    /// <summary>The tenant's cloud or region has no address for the source.</summary>
    public const string NoAddress = "NoAddress";

    /// <summary>A row that the collector needs was changed outside the hub.</summary>
    public const string RowChanged = "RowChanged";

    /// <summary>The hub itself failed.</summary>
    public const string HubFailed = "HubFailed";

    /// <summary>Whether the collector is not walked at all, rather than walked without success.</summary>
    public static bool IsHold(string? reason) => reason is Paused or Disabled or NoAddress or RowChanged;
}

/// <summary>How the last run of one (tenant, source) went. Immutable; swapped whole.</summary>
/// <param name="TriedAt">When the run ended, UTC.</param>
/// <param name="FailingSince">Since when no run was clean; null when the last one was.</param>
/// <param name="Reason">Why: an upstream failure or one of <see cref="HoldReasons"/>; null when the last run was clean.</param>
/// <param name="Detail">One sentence for people, or null.</param>
/// <param name="NeedsPerson">True when nothing changes until somebody acts.</param>
public sealed record CollectorState(DateTimeOffset TriedAt, DateTimeOffset? FailingSince, string? Reason, string? Detail, bool NeedsPerson)
{
    /// <summary>Alerts that the log holds and the source no longer shows, by the last two walks.</summary>
    public int Gone { get; init; }

    /// <summary>Since when the first of them was missed, UTC; null when none is.</summary>
    public DateTimeOffset? GoneSince { get; init; }
}
