namespace Bailiwick.Hub.Alerts;

/// <summary>A walk that ended complete and clean; stored with its last page.</summary>
/// <param name="From">First instant of last-update time it listed. The source was walked without a gap up to here before.</param>
/// <param name="To">First instant after.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="LateHorizon">After this much time a record is not expected to become visible late.</param>
/// <param name="Earned">Where the collector stands now.</param>
public sealed record CleanWalk(DateTimeOffset From, DateTimeOffset To, DateTimeOffset StartedAt, TimeSpan LateHorizon, Checkpoint Earned);

/// <summary>What an append did.</summary>
/// <param name="Added">How many versions were new.</param>
/// <param name="OldestNews">The oldest update time among them that the log had not seen of its alert; null when there is none.</param>
public readonly record struct AppendResult(int Added, DateTimeOffset? OldestNews);
