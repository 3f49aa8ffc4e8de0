using System.Text.Json.Serialization;

namespace Bailiwick.Api;

/// <summary>An Entra directory, by its tenant id. Always the GUID, never a domain name.</summary>
/// <param name="Value">The tenant id as Microsoft issues it; never <see cref="Guid.Empty"/> in stored data.</param>
[JsonConverter(typeof(TenantIdJson))]
public readonly record struct TenantId(Guid Value)
{
    /// <summary>Reads the usual 36-character form; anything else is refused.</summary>
    public static bool TryParse(string? text, out TenantId id)
    {
        var read = Guid.TryParseExact(text, "D", out var value) && value != Guid.Empty;
        id = read ? new TenantId(value) : default;
        return read;
    }

    /// <summary>The lower-case 36-character form, as in URLs and tokens.</summary>
    public override string ToString() => Value.ToString("D");
}
