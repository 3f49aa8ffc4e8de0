using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Collectors;

public sealed partial class CollectorWorker
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Collected {Count} new alert versions of tenant {TenantId} from {Source}.")]
        public static partial void Collected(ILogger logger, long count, string tenantId, string source);

        [LoggerMessage(2, LogLevel.Warning, "Walking {Source} of tenant {TenantId} stopped, will be retried: {Reason}. {Detail}")]
        public static partial void WalkStopped(ILogger logger, string tenantId, string source, string reason, string detail);

        [LoggerMessage(3, LogLevel.Error, "Collecting {Source} of tenant {TenantId} failed inside the hub; will be retried.")]
        public static partial void RunFailed(ILogger logger, Exception failure, string tenantId, string source);

        [LoggerMessage(5, LogLevel.Error, "What is to be collected could not be read; will be retried.")]
        public static partial void NotLoaded(ILogger logger, Exception failure);

        [LoggerMessage(6, LogLevel.Warning, "Why {Source} of tenant {TenantId} stands still could not be written.")]
        public static partial void NotRemembered(ILogger logger, Exception failure, string tenantId, string source);

        [LoggerMessage(4, LogLevel.Error, "{Message}")]
        public static partial void LeaseLost(ILogger logger, string message);
    }
}
