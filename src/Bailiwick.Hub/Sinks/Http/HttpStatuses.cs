using System.Net;

namespace Bailiwick.Hub.Sinks.Http;

/// <summary>What an HTTP status says by itself, for all sinks over HTTP. A receiver's own codes are judged in its folder, which asks here for the rest.</summary>
internal static class HttpStatuses
{
    /// <summary>Sorts a status.</summary>
    /// <param name="status">Any but those that say "taken".</param>
    /// <param name="wish">The receiver's wish for a pause, or null.</param>
    /// <param name="receiver">The receiver as the subject of a sentence.</param>
    /// <param name="code">The receiver's own code, fit to be shown; empty without one.</param>
    public static DeliveryResult Judge(HttpStatusCode status, TimeSpan? wish, string receiver, string code = "")
    {
        var said = code.Length == 0 ? $"status {(int)status}" : $"status {(int)status}, {code}";
        return (int)status switch
        {
            401 or 403 => Later(DeliveryFailure.Unauthorized, $"{receiver} does not accept the credential, or it lacks a right ({said})."),
            404 or 405 or 406 or 410 or 415 or (>= 300 and < 400) => Later(DeliveryFailure.Misconfigured, $"{receiver} takes no such requests at this address ({said})."),
            408 => Later(DeliveryFailure.TimedOut, $"{receiver} was too slow ({said})."),
            413 => new DeliveryResult.Refused(DeliveryFailure.TooLarge, $"{receiver} says that the body is too large ({said})."),
            429 => Later(DeliveryFailure.Throttled, $"{receiver} asks for a pause ({said})."),
            _ => Later(DeliveryFailure.ReceiverError, $"{receiver} answered {said}."),
        };

        DeliveryResult.TryLater Later(DeliveryFailure reason, string sentence) => new(reason, wish, sentence);
    }
}
