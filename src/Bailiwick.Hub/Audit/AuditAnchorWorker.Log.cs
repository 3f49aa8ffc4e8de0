using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Audit;

internal sealed partial class AuditAnchorWorker
{
    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The audit trail could not be anchored; it is tried again in a second")]
        public static partial void AnchorFailed(ILogger logger, Exception exception);
    }
}
