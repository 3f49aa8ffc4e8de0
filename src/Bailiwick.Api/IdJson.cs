using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bailiwick.Api;

/// <summary>A <see cref="TenantId"/> as its 36-character text; any other form is refused with a <see cref="JsonException"/>.</summary>
public sealed class TenantIdJson : JsonConverter<TenantId>
{
    /// <inheritdoc/>
    public override TenantId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TenantId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException("A tenant id is a GUID of 36 characters.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TenantId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }
}

/// <summary>A <see cref="CustomerId"/> as its 36-character text; any other form is refused with a <see cref="JsonException"/>.</summary>
public sealed class CustomerIdJson : JsonConverter<CustomerId>
{
    /// <inheritdoc/>
    public override CustomerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && CustomerId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException("A customer id is a GUID of 36 characters.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CustomerId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }
}
