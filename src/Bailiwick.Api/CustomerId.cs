using System.Text.Json.Serialization;

namespace Bailiwick.Api;

/// <summary>An organization that engages the provider. A customer may own several tenants.</summary>
/// <param name="Value">A version 7 GUID given by the hub.</param>
[JsonConverter(typeof(CustomerIdJson))]
public readonly record struct CustomerId(Guid Value)
{
    /// <summary>Reads the usual 36-character form; anything else is refused.</summary>
    public static bool TryParse(string? text, out CustomerId id)
    {
        var read = Guid.TryParseExact(text, "D", out var value) && value != Guid.Empty;
        id = read ? new CustomerId(value) : default;
        return read;
    }

    /// <summary>The lower-case 36-character form, as in URLs.</summary>
    public override string ToString() => Value.ToString("D");
}
