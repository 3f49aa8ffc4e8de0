using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Sinks;

/// <content>What is logged.</content>
public sealed partial class SinkSet
{
    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Sink {Sink} cannot be opened; its alerts wait.")]
        public static partial void CannotOpen(ILogger logger, string sink, Exception exception);
    }
}
