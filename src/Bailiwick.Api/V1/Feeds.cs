using System.Text.Json;

namespace Bailiwick.Api.V1;

/// <summary>A reader of the alert log that programs pull from.</summary>
/// <param name="Name">1 to 64 characters of <c>a-z 0-9 -</c>, unique.</param>
/// <param name="Format">How records look: a word of the hub's formats, for example <c>ecs</c> or <c>raw</c>.</param>
/// <param name="Customers">Whose alerts it gives to this caller; null for every customer.</param>
/// <param name="Waiting">Versions in the logs that were not confirmed yet, as far as this caller may see.</param>
/// <param name="AddedAt">UTC.</param>
public sealed record Feed(string Name, string Format, IReadOnlyList<CustomerId>? Customers, long Waiting, DateTimeOffset AddedAt);

/// <summary>A feed to be added. It starts at the beginning of every tenant's log unless told otherwise.</summary>
/// <param name="Name">As in <see cref="Feed"/>.</param>
/// <param name="Format">As in <see cref="Feed"/>.</param>
/// <param name="Customers">Whose alerts; null for every customer, also those to come.</param>
/// <param name="FromNow">True: only what is collected from now on.</param>
public sealed record NewFeed(string Name, string Format = "ecs", IReadOnlyList<CustomerId>? Customers = null, bool FromNow = false);

/// <summary>What <c>next</c> answers. Asked again before the receipt is confirmed, the answer is the same, byte for byte.</summary>
/// <param name="FeedName">The feed.</param>
/// <param name="Format">How the records look.</param>
/// <param name="Receipt">Confirms the batch; null when there is nothing to give now.</param>
/// <param name="Records">0 to 1,000 objects in the feed's format, in order per tenant.</param>
public sealed record FeedBatch(
    [property: System.Text.Json.Serialization.JsonPropertyName("feed")] string FeedName, string Format, string? Receipt, IReadOnlyList<JsonElement> Records);

/// <summary>Confirms a batch.</summary>
/// <param name="Receipt">As it came with the batch.</param>
public sealed record FeedReceipt(string Receipt);

/// <summary>A batch was confirmed.</summary>
/// <param name="Records">How many records it had.</param>
public sealed record FeedConfirmed(long Records);
