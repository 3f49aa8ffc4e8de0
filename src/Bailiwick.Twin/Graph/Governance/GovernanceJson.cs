using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Xml;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Governance's records as Graph writes them: camel case, ISO durations, times in UTC, nulls shown.</summary>
internal static class GovernanceJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new DurationConverter(), new TimeConverter() },
    };

    /// <summary>A record as an object of its own.</summary>
    public static JsonObject Write<T>(T value) => (JsonObject)JsonSerializer.SerializeToNode(value, Options)!;

    /// <summary>A record from a body that its <see cref="EntityType"/> has read; what is null there takes the record's default.</summary>
    public static T Read<T>(JsonNode body) => (Bare(body) ?? new JsonObject()).Deserialize<T>(Options)!;

    /// <summary>A time as Graph writes it.</summary>
    public static string? Time(DateTimeOffset? time) => time is { } at ? WireTime.Trimmed(at.UtcTicks) : null;

    private static JsonNode? Bare(JsonNode? node) => node switch
    {
        JsonObject entity => new JsonObject(entity.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, Bare(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Bare)]),
        _ => node?.DeepClone(),
    };

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Durations.Read(reader.GetString()!) ?? throw new JsonException("No duration.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(XmlConvert.ToString(value));
    }

    private sealed class TimeConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            WireTime.TryParse(reader.GetString()!, out var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw new JsonException("No time.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(WireTime.Trimmed(value.UtcTicks));
    }
}
