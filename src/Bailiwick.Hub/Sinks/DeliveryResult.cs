namespace Bailiwick.Hub.Sinks;

/// <summary>What a receiver answered to one attempt.</summary>
public abstract record DeliveryResult
{
    private DeliveryResult()
    {
    }

    /// <summary>The whole batch is with the receiver, as firmly as its <see cref="SinkClass"/> says.</summary>
    public sealed record Delivered : DeliveryResult
    {
        /// <summary>The one value.</summary>
        public static readonly Delivered Instance = new();
    }

    /// <summary>The receiver has the first versions of the batch; the others follow at once: they did not fit beside them, or the first of them was not taken.</summary>
    /// <param name="Versions">How many, at least one and fewer than the batch has.</param>
    public sealed record DeliveredPart(int Versions) : DeliveryResult;

    /// <summary>Nothing is known to be wrong with the content: back off and send the same bytes again, without end.</summary>
    /// <param name="Reason">Why, for metrics and people.</param>
    /// <param name="After">The receiver's own wish (Retry-After), if it named one.</param>
    /// <param name="Detail">One short sentence for people; never content, never a secret.</param>
    public sealed record TryLater(DeliveryFailure Reason, TimeSpan? After = null, string? Detail = null) : DeliveryResult;

    /// <summary>The receiver refuses this content for good. Delivery narrows the batch to the record and sets it aside.</summary>
    /// <param name="Reason">Why, for metrics and people.</param>
    /// <param name="Detail">One short sentence for people; never content, never a secret.</param>
    public sealed record Refused(DeliveryFailure Reason, string Detail) : DeliveryResult;
}

/// <summary>Why an attempt failed; also the value of the metric label <c>reason</c>.</summary>
public enum DeliveryFailure
{
    /// <summary>No connection, name not resolved, connection broken.</summary>
    Unreachable,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>429 or the like: the receiver asked for a pause.</summary>
    Throttled,

    /// <summary>5xx or the like: the receiver is ill.</summary>
    ReceiverError,

    /// <summary>401 or 403: the sink's credential is wrong or lacks a right.</summary>
    Unauthorized,

    /// <summary>TLS failed: certificate not trusted or wrong name.</summary>
    Untrusted,

    /// <summary>The batch or record is larger than the receiver takes.</summary>
    TooLarge,

    /// <summary>The receiver rejects the content itself.</summary>
    Rejected,

    /// <summary>The version cannot be written in this sink's format.</summary>
    Unencodable,

    /// <summary>The disk is full or the file cannot be written.</summary>
    StorageFull,

    /// <summary>The sink's settings do not work (for example a directory that does not exist).</summary>
    Misconfigured,
}

/// <summary>How firmly a sink can say "delivered".</summary>
public enum SinkClass
{
    /// <summary>The receiver says it is stored: HEC with indexer acknowledgement, a file after the flush to disk.</summary>
    Confirmed,

    /// <summary>The receiver answered 2xx: HEC without acknowledgement.</summary>
    Accepted,

    /// <summary>Written to a live connection: syslog over TCP or TLS.</summary>
    Sent,

    /// <summary>Put on the network, and nobody will say whether it arrived: syslog over UDP.</summary>
    BestEffort,
}

/// <summary>The words for <see cref="SinkClass"/>.</summary>
public static class SinkClassWords
{
    /// <summary>The class as people and the API read it: <c>confirmed</c>, <c>accepted</c>, <c>sent</c> or <c>best effort</c>.</summary>
    public static string Word(this SinkClass value) => value is SinkClass.BestEffort ? "best effort" : value.ToString().ToLowerInvariant();
}
