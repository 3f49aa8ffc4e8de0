namespace Bailiwick.Api;

/// <summary>One kind of refusal. Its URI is stable for ever; programs decide by it, people read the detail.</summary>
/// <param name="Name">The last segment of the URI.</param>
/// <param name="Status">The HTTP status it is sent with.</param>
/// <param name="Title">The same short words every time.</param>
public sealed record ProblemType(string Name, int Status, string Title)
{
    /// <summary>The stable type URI.</summary>
    public string Uri => Problems.Base + Name;
}

/// <summary>A refusal as it travels: <c>application/problem+json</c> of RFC 9457.</summary>
/// <param name="Type">One of the URIs in <see cref="Problems"/>.</param>
/// <param name="Title">The type's title.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong with this request and what to change.</param>
/// <param name="Errors">Faults by field (a JSON path such as <c>lines[3].cloud</c>); null when the fault is not one of fields.</param>
/// <param name="TraceId">Finds the request in the hub's logs and traces.</param>
public sealed record Problem(
    string Type, string Title, int Status, string? Detail = null, IReadOnlyDictionary<string, string[]>? Errors = null, string? TraceId = null);

/// <summary>Every kind of refusal this product's API knows.</summary>
public static class Problems
{
    /// <summary>What every type URI begins with.</summary>
    public const string Base = "https://bailiwick.example/problems/";

    /// <summary>The request cannot be read: not JSON, unknown or missing members, wrong types, a bad query value.</summary>
    public static readonly ProblemType InvalidInput = new("invalid-input", 400, "The request cannot be read");

    /// <summary>No key, or one that is unknown, expired or revoked.</summary>
    public static readonly ProblemType Unauthenticated = new("unauthenticated", 401, "Who is asking is not known");

    /// <summary>The caller is known and may not do this.</summary>
    public static readonly ProblemType Forbidden = new("forbidden", 403, "Not allowed");

    /// <summary>No such thing, or one the caller may not see: the two answer alike.</summary>
    public static readonly ProblemType NotFound = new("not-found", 404, "Not found");

    /// <summary>The address exists, the method does not.</summary>
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", 405, "Method not allowed");

    /// <summary>The name is taken, or the thing changed meanwhile.</summary>
    public static readonly ProblemType Conflict = new("conflict", 409, "Conflict with the present state");

    /// <summary>The body is larger than this address takes.</summary>
    public static readonly ProblemType TooLarge = new("too-large", 413, "The body is too large");

    /// <summary>The address is longer than 8 KiB.</summary>
    public static readonly ProblemType AddressTooLong = new("address-too-long", 414, "The address is too long");

    /// <summary>The body is not <c>application/json</c>.</summary>
    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", 415, "Unsupported media type");

    /// <summary>The Host header names a host this hub does not answer for.</summary>
    public static readonly ProblemType Misdirected = new("misdirected", 421, "This hub does not answer for that host");

    /// <summary>Readable, but breaks a rule; the faults are listed by field.</summary>
    public static readonly ProblemType RuleBroken = new("rule-broken", 422, "The input breaks a rule");

    /// <summary>A lock forbids it until somebody lifts the lock.</summary>
    public static readonly ProblemType Locked = new("locked", 423, "Locked");

    /// <summary>Too many requests; <c>Retry-After</c> says when to go on.</summary>
    public static readonly ProblemType TooManyRequests = new("too-many-requests", 429, "Too many requests");

    /// <summary>The client sends more header bytes than allowed.</summary>
    public static readonly ProblemType HeadersTooLarge = new("headers-too-large", 431, "The headers are too large");

    /// <summary>A fault of the hub. The trace id finds it in the log.</summary>
    public static readonly ProblemType Internal = new("internal", 500, "The hub failed");

    /// <summary>Part of the hub does not work just now; <c>Retry-After</c> says when to ask again.</summary>
    public static readonly ProblemType Unavailable = new("unavailable", 503, "Not available just now");

    /// <summary>The vault is sealed: there is no working key-encryption key.</summary>
    public static readonly ProblemType Sealed = new("sealed", 503, "The vault is sealed");

    /// <summary>The storage budget is used up.</summary>
    public static readonly ProblemType StorageFull = new("storage-full", 507, "Storage is full");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        InvalidInput, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, Conflict, TooLarge, AddressTooLong, UnsupportedMediaType, Misdirected,
        RuleBroken, Locked, TooManyRequests, HeadersTooLarge, Internal, Unavailable, Sealed, StorageFull,
    ];

    /// <summary>The type for a bare HTTP status; unlisted 4xx read as <see cref="InvalidInput"/>, all else as <see cref="Internal"/>.</summary>
    public static ProblemType OfStatus(int status) =>
        All.FirstOrDefault(type => type.Status == status) ?? (status is >= 400 and < 500 ? InvalidInput : Internal);

    /// <summary>The type behind a URI, or null for one this program does not know.</summary>
    public static ProblemType? Find(string? uri) => All.FirstOrDefault(type => type.Uri == uri);
}
