using System.Text.Json.Serialization;

namespace Bailiwick.Twin.Faults;

/// <summary>What a fault does to a request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TwinFaultKind>))]
public enum TwinFaultKind
{
    /// <summary>429 with <c>Retry-After</c>; <see cref="TwinFault.Value"/> is seconds, 0 leaves the header out.</summary>
    Throttle429,

    /// <summary>An error answer; <see cref="TwinFault.Value"/> is the status, 400 to 599.</summary>
    Status,

    /// <summary>The answer comes late; <see cref="TwinFault.Value"/> is milliseconds.</summary>
    Slow,

    /// <summary>The connection breaks inside the body; <see cref="TwinFault.Value"/> is how many bytes still arrive.</summary>
    TornBody,

    /// <summary>No answer ever; the connection stays open until the client gives up.</summary>
    Hang,

    /// <summary>A successful answer becomes 206 with a <c>Warning</c> header. Source: security-error-codes, 2021.</summary>
    Warning206,

    /// <summary>The connection closes before any answer.</summary>
    CloseConnection,

    /// <summary>
    /// 401 with a continuous access evaluation challenge: <c>error="insufficient_claims"</c> and the claims a new token must satisfy, issued after now.
    /// It strikes whatever the token says of <c>cp1</c>, so limit it with <see cref="TwinFault.Count"/>. Source: claims-challenge, 2025.
    /// </summary>
    InsufficientClaims,
}

/// <summary>A rule that breaks some answers on purpose.</summary>
public sealed record TwinFault
{
    private const double MostSeconds = 315_360_000;

    /// <summary>Given by the twin, 1, 2, 3 …; ignored on the way in.</summary>
    public int Id { get; init; }

    /// <summary><c>signin</c>, <c>graph</c>, <c>defender</c>, <c>exporter</c>; null means every plane.</summary>
    public string? Plane { get; init; }

    /// <summary>Only requests of this tenant (path segment at sign-in, token elsewhere); null means all.</summary>
    public Guid? Tenant { get; init; }

    /// <summary>Only paths that contain this text, whatever the case; null means all.</summary>
    public string? PathContains { get; init; }

    /// <summary>What happens.</summary>
    public TwinFaultKind Kind { get; init; }

    /// <summary>The kind's number: seconds, status, milliseconds or bytes.</summary>
    public int Value { get; init; }

    /// <summary>Share of matching requests that are hit, above 0 and up to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How many requests are hit before the rule is spent; null never ends.</summary>
    public int? Count { get; init; }

    /// <summary>Seconds of virtual time from now until the rule begins to strike.</summary>
    public double AfterSeconds { get; init; }

    /// <summary>Seconds of virtual time it then strikes for; null: until it is spent or taken out.</summary>
    public double? ForSeconds { get; init; }

    /// <summary>Seed of the rule's own dice.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Says what is wrong with the rule; null when it is fit for use.</summary>
    public string? Validate()
    {
        if (Plane is not (null or "signin" or "graph" or "defender" or "exporter")) return $"Plane '{Plane}' is none of signin, graph, defender, exporter.";
        if (Probability is not (> 0 and <= 1)) return $"Probability {Probability} is not above 0 and up to 1.";
        if (Count <= 0) return $"Count {Count} is not positive.";
        if (AfterSeconds is not (>= 0 and <= MostSeconds)) return $"AfterSeconds {AfterSeconds} is not between 0 and ten years.";
        if (ForSeconds is { } length && length is not (> 0 and <= MostSeconds)) return $"ForSeconds {length} is not above 0 and up to ten years.";
        if (Value < 0) return $"Value {Value} is negative.";
        return Kind == TwinFaultKind.Status && Value is < 400 or > 599 ? $"Value {Value} is not an error status between 400 and 599." : null;
    }
}
