namespace Bailiwick.Api.V1;

/// <summary>The current state of one alert, as the queue shows it.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="CustomerName">The customer's name.</param>
/// <param name="Source">The source's name, for example <c>GraphAlerts</c>.</param>
/// <param name="AlertId">The id as the source gave it; opaque and case-sensitive.</param>
/// <param name="Title">Text from outside: encode before showing.</param>
/// <param name="Severity">Lower case: <c>informational</c>, <c>low</c>, <c>medium</c>, <c>high</c>, or the source's own newer word.</param>
/// <param name="Status">Lower case with no blanks: <c>new</c>, <c>inprogress</c>, <c>resolved</c>, or the source's own newer word.</param>
/// <param name="Category">The source's category; null when it named none.</param>
/// <param name="UpdatedAt">The source's last-update time, UTC.</param>
/// <param name="CollectedAt">When the hub stored this state, UTC.</param>
/// <param name="LogNumber">The place of the newest version in the tenant's log.</param>
/// <param name="Key">The delivery key of the newest version: 64 lower-case hex digits.</param>
public sealed record Alert(
    TenantId Tenant,
    CustomerId Customer,
    string CustomerName,
    string Source,
    string AlertId,
    string Title,
    string Severity,
    string Status,
    string? Category,
    DateTimeOffset UpdatedAt,
    DateTimeOffset CollectedAt,
    long LogNumber,
    string Key);

/// <summary>One alert with the versions the log holds.</summary>
/// <param name="Current">The newest state.</param>
/// <param name="Versions">Oldest first, at least one, at most <see cref="Page{T}.MaxItems"/> (the newest ones).</param>
public sealed record AlertDetail(Alert Current, IReadOnlyList<AlertVersionInfo> Versions);

/// <summary>One version of an alert, without its content.</summary>
/// <param name="LogNumber">Its place in the tenant's log; names it for <c>raw</c>.</param>
/// <param name="UpdatedAt">The source's last-update time, UTC.</param>
/// <param name="CollectedAt">When the hub stored it, UTC.</param>
/// <param name="Key">The delivery key.</param>
/// <param name="Bytes">Length of the raw JSON.</param>
public sealed record AlertVersionInfo(long LogNumber, DateTimeOffset UpdatedAt, DateTimeOffset CollectedAt, string Key, int Bytes);

/// <summary>What to list. Every given part narrows; newest update first.</summary>
public sealed record AlertQuery
{
    /// <summary>Only this customer's alerts.</summary>
    public CustomerId? Customer { get; init; }

    /// <summary>Only this tenant's alerts.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>Updated at or after, UTC.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Updated before, UTC.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>One severity as in <see cref="Alert.Severity"/>.</summary>
    public string? Severity { get; init; }

    /// <summary>One status as in <see cref="Alert.Status"/>.</summary>
    public string? Status { get; init; }

    /// <summary>1 to <see cref="Page{T}.MaxItems"/>; null means <see cref="Page{T}.DefaultItems"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>The cursor of the page before; null for the first page.</summary>
    public string? Cursor { get; init; }
}
