using System.Text.Json;

namespace Bailiwick.Api.V1;

/// <summary>A configured receiver.</summary>
/// <param name="Name">1 to 64 characters of <c>a-z 0-9 -</c>, unique.</param>
/// <param name="Kind">The kind's word, for example <c>jsonlines</c>.</param>
/// <param name="Class">How firmly it can say "delivered": <c>confirmed</c>, <c>accepted</c>, <c>sent</c> or <c>best effort</c>.</param>
/// <param name="Settings">The kind's own settings; never a secret.</param>
/// <param name="HasSecret">Whether the vault holds a secret for it.</param>
/// <param name="Parked">True while a person has put it aside: it keeps its positions and gets nothing.</param>
/// <param name="AddedAt">UTC.</param>
/// <param name="Routing">Which versions it gets and what is taken out of them.</param>
public sealed record Sink(string Name, string Kind, string Class, JsonElement Settings, bool HasSecret, bool Parked, DateTimeOffset AddedAt, SinkRouting Routing);

/// <summary>Which versions a sink gets, and what is taken out of them before. A list that is left out narrows nothing.</summary>
/// <param name="Customers">Only these customers'.</param>
/// <param name="Severities">Only these: <c>unknown</c>, <c>informational</c>, <c>low</c>, <c>medium</c>, <c>high</c>.</param>
/// <param name="Sources">Only from these sources, for example <c>GraphAlerts</c>.</param>
/// <param name="Kinds">Only these kinds of record: <c>alert</c>, <c>detection</c>, <c>incident</c>.</param>
/// <param name="Redact">Fields of the upstream record that are blanked in every format: a name alone wherever it stands, or a path of names joined by dots.</param>
public sealed record SinkRouting(
    IReadOnlyList<CustomerId>? Customers = null,
    IReadOnlyList<string>? Severities = null,
    IReadOnlyList<string>? Sources = null,
    IReadOnlyList<string>? Kinds = null,
    IReadOnlyList<string>? Redact = null);

/// <summary>A sink to be added. It starts at the beginning of every tenant's log unless told otherwise.</summary>
/// <param name="Name">As in <see cref="Sink"/>.</param>
/// <param name="Kind">As in <see cref="Sink"/>.</param>
/// <param name="Settings">An object with the kind's settings; unknown members are faults.</param>
/// <param name="Secret">The sink's token, for kinds that need one; never shown again.</param>
/// <param name="FromNow">True: only what is collected from now on.</param>
/// <param name="StartAt">Only what was collected at this time or later, UTC; not together with <paramref name="FromNow"/>.</param>
/// <param name="Routing">Which versions it gets; null for all.</param>
public sealed record NewSink(
    string Name, string Kind, JsonElement Settings, string? Secret = null, bool FromNow = false, DateTimeOffset? StartAt = null, SinkRouting? Routing = null)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"NewSink {Name} {Kind}";
}

/// <summary>What the receiver said to one marked test record.</summary>
/// <param name="Delivered">True when it took it.</param>
/// <param name="Reason">A member of the closed set of delivery failures; null when delivered.</param>
/// <param name="Detail">One sentence for people.</param>
public sealed record SinkTest(bool Delivered, string? Reason, string? Detail);

/// <summary>A kind of sink this hub can make.</summary>
/// <param name="Name">The word for <see cref="NewSink.Kind"/>.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="NeedsSecret">Whether a secret must be given.</param>
public sealed record SinkKind(string Name, string Summary, bool NeedsSecret);
