namespace Bailiwick.Hub.Delivery;

/// <summary>How sinks are served.</summary>
public sealed class DeliveryOptions
{
    /// <summary>Versions in one batch. 500; at most <see cref="Sinks.AlertBatch.MaxAlerts"/>.</summary>
    public int MaxBatchAlerts { get; set; } = 500;

    /// <summary>Raw bytes after which a batch is full. 1 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1024 * 1024;

    /// <summary>Tenants served at once by one sink. 8; a receiver that answers after a second then still takes 8 tenants a second.</summary>
    public int MaxConcurrentTenants { get; set; } = 8;

    /// <summary>First pause after a failure. 1 s.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause after failures. 5 min.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>How a sink stands. Immutable; swapped whole.</summary>
/// <param name="DeliveredAt">When the sink last took something, UTC; null since the hub started.</param>
/// <param name="Delivered">Versions taken since the hub started.</param>
/// <param name="FailingSince">Since when it takes nothing; null when it does.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Detail">One sentence for people, or null.</param>
/// <param name="Waiting">Versions in the log that the sink has not confirmed.</param>
public sealed record SinkState(DateTimeOffset? DeliveredAt, long Delivered, DateTimeOffset? FailingSince, string? Reason, string? Detail, long Waiting);
