using Bailiwick.Api;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <content>What is logged.</content>
internal sealed partial class FileFinisher
{
    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Sink {Sink} deleted the finished file {File} of tenant {TenantId}, as its retention says.")]
        public static partial void Deleted(ILogger logger, string sink, string file, TenantId tenantId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Sink {Sink} could not compress or delete finished files of tenant {TenantId}; they stay and the next turn tries again: {Reason}")]
        public static partial void NotFinished(ILogger logger, string sink, TenantId tenantId, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "Sink {Sink} found {File} of tenant {TenantId} plain and compressed with different content; both stay. Move one away.")]
        public static partial void Differs(ILogger logger, string sink, string file, TenantId tenantId);
    }
}
