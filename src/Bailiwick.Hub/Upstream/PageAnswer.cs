namespace Bailiwick.Hub.Upstream;

/// <summary>What a list call ended with.</summary>
public abstract record PageAnswer
{
    private PageAnswer()
    {
    }

    /// <summary>A page. The receiver disposes it.</summary>
    /// <param name="Content">The records.</param>
    /// <param name="Warning">Set when the server said that the answer is partial (206 or a <c>Warning</c> header): store it, but do not call the walk clean.</param>
    public sealed record Page(UpstreamPage Content, string? Warning = null) : PageAnswer;

    /// <summary>Temporary: the walk ends here and starts again later.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">One sentence for people.</param>
    /// <param name="After">The server's own wish, capped at 15 minutes.</param>
    public sealed record TryLater(UpstreamFailure Reason, string Detail, TimeSpan? After = null) : PageAnswer
    {
        /// <summary>The first bytes of a body that could not be read, at most 64 KiB; else empty.</summary>
        public ReadOnlyMemory<byte> Excerpt { get; init; }
    }

    /// <summary>The server refuses this request and will go on refusing until somebody changes something.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">One sentence for people: what is wrong and who can mend it.</param>
    public sealed record Refused(UpstreamFailure Reason, string Detail) : PageAnswer;
}

/// <summary>Why a call upstream failed; also the value of the metric label <c>reason</c>.</summary>
public enum UpstreamFailure
{
    /// <summary>No connection.</summary>
    Unreachable,

    /// <summary>No complete answer in time.</summary>
    TimedOut,

    /// <summary>429: over the limit.</summary>
    Throttled,

    /// <summary>5xx.</summary>
    ServerError,

    /// <summary>The body ended early or is no list answer.</summary>
    Torn,

    /// <summary>206 or a warning: some records are missing.</summary>
    Partial,

    /// <summary>The body is larger than 64 MiB.</summary>
    TooLarge,

    /// <summary>A fresh token is still refused (401).</summary>
    Unauthorized,

    /// <summary>403: the permission or role is missing.</summary>
    Forbidden,

    /// <summary>403 with the code of a feature that is off: the tenant's licence is missing.</summary>
    NotLicensed,

    /// <summary>The sign-in service refuses to issue a token.</summary>
    TokenRefused,

    /// <summary>400 or another answer that says the request itself is wrong.</summary>
    BadRequest,

    /// <summary>A continuation led off the origin or in a circle.</summary>
    BadContinuation,

    /// <summary>More records share one instant than the server will list.</summary>
    CannotEnumerate,
}
