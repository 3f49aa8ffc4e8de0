using System.Text.Json.Serialization;

namespace Bailiwick.Wire.Entra;

/// <summary>Body of a refused token or metadata request. Source: reference-error-codes, 2025 (shape), sample of 2016.</summary>
public sealed record TokenErrorBody
{
    /// <summary>OAuth error; the only member to decide on.</summary>
    [JsonPropertyName("error")]
    public required string Error { get; init; }

    /// <summary>Starts with <c>AADSTS{code}:</c>; for people.</summary>
    [JsonPropertyName("error_description")]
    public required string ErrorDescription { get; init; }

    /// <summary>One number, the AADSTS code.</summary>
    [JsonPropertyName("error_codes")]
    public IReadOnlyList<long>? ErrorCodes { get; init; }

    /// <summary>UTC, <c>yyyy-MM-dd HH:mm:ssZ</c>.</summary>
    [JsonPropertyName("timestamp")]
    public string? Timestamp { get; init; }

    /// <summary>GUID of this answer.</summary>
    [JsonPropertyName("trace_id")]
    public string? TraceId { get; init; }

    /// <summary>The request's <c>client-request-id</c> when that was a GUID.</summary>
    [JsonPropertyName("correlation_id")]
    public string? CorrelationId { get; init; }

    /// <summary>Page about the code.</summary>
    [JsonPropertyName("error_uri")]
    public string? ErrorUri { get; init; }

    /// <summary>Finer reason, such as <c>consent_required</c>; mostly absent.</summary>
    [JsonPropertyName("suberror")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SubError { get; init; }

    /// <summary>Claims challenge as a JSON string; absent, never empty, when there is none: MSAL.NET 4.92 takes any presence for a challenge.</summary>
    [JsonPropertyName("claims")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Claims { get; init; }
}
