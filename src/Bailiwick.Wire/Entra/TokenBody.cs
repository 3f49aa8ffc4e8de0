using System.Text.Json.Serialization;

namespace Bailiwick.Wire.Entra;

/// <summary>Successful answer of the v2.0 token endpoint. Source: v2-oauth2-auth-code-flow, 2025.</summary>
public sealed record TokenBody
{
    /// <summary><c>Bearer</c>.</summary>
    [JsonPropertyName("token_type")]
    public string TokenType { get; init; } = "Bearer";

    /// <summary>Granted scopes, space separated; absent for app-only.</summary>
    [JsonPropertyName("scope")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("expires_in")]
    public int ExpiresIn { get; init; }

    /// <summary>Seconds.</summary>
    [JsonPropertyName("ext_expires_in")]
    public int ExtExpiresIn { get; init; }

    /// <summary>The access token.</summary>
    [JsonPropertyName("access_token")]
    public required string AccessToken { get; init; }

    /// <summary>Only with <c>offline_access</c>.</summary>
    [JsonPropertyName("refresh_token")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    /// <summary>Only with <c>openid</c>.</summary>
    [JsonPropertyName("id_token")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IdToken { get; init; }

    /// <summary>base64url of <c>{"uid","utid"}</c>, the home account; only when asked for.</summary>
    [JsonPropertyName("client_info")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClientInfo { get; init; }
}

/// <summary>Successful answer of the v1.0 token endpoint: numbers are strings. Source: v1-protocols-oauth-code, 2019.</summary>
public sealed record LegacyTokenBody
{
    /// <summary><c>Bearer</c>.</summary>
    [JsonPropertyName("token_type")]
    public string TokenType { get; init; } = "Bearer";

    /// <summary>Granted scopes; absent for app-only.</summary>
    [JsonPropertyName("scope")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Scope { get; init; }

    /// <summary>Seconds, as a string.</summary>
    [JsonPropertyName("expires_in")]
    public required string ExpiresIn { get; init; }

    /// <summary>Seconds, as a string.</summary>
    [JsonPropertyName("ext_expires_in")]
    public required string ExtExpiresIn { get; init; }

    /// <summary>Unix seconds, as a string.</summary>
    [JsonPropertyName("expires_on")]
    public required string ExpiresOn { get; init; }

    /// <summary>Unix seconds, as a string.</summary>
    [JsonPropertyName("not_before")]
    public required string NotBefore { get; init; }

    /// <summary>Echo of the App ID URI.</summary>
    [JsonPropertyName("resource")]
    public required string Resource { get; init; }

    /// <summary>The access token.</summary>
    [JsonPropertyName("access_token")]
    public required string AccessToken { get; init; }

    /// <summary>Always in user flows.</summary>
    [JsonPropertyName("refresh_token")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    /// <summary>In user flows.</summary>
    [JsonPropertyName("id_token")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IdToken { get; init; }

    /// <summary>The home account; only when asked for.</summary>
    [JsonPropertyName("client_info")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClientInfo { get; init; }
}

/// <summary>Answer of the v2.0 device code endpoint. Source: v2-oauth2-device-code, 2025.</summary>
public sealed record DeviceCodeBody
{
    /// <summary>What a person types.</summary>
    [JsonPropertyName("user_code")]
    public required string UserCode { get; init; }

    /// <summary>What the program polls with.</summary>
    [JsonPropertyName("device_code")]
    public required string DeviceCode { get; init; }

    /// <summary>Where the person goes.</summary>
    [JsonPropertyName("verification_uri")]
    public required string VerificationUri { get; init; }

    /// <summary>Seconds; 900.</summary>
    [JsonPropertyName("expires_in")]
    public int ExpiresIn { get; init; }

    /// <summary>Seconds between polls; 5.</summary>
    [JsonPropertyName("interval")]
    public int Interval { get; init; }

    /// <summary>A sentence to show.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }
}

/// <summary>Answer of the v1.0 device code endpoint: <c>verification_url</c>, numbers as strings. Form unconfirmed by a page; as old clients read it.</summary>
public sealed record LegacyDeviceCodeBody
{
    /// <summary>What a person types.</summary>
    [JsonPropertyName("user_code")]
    public required string UserCode { get; init; }

    /// <summary>What the program polls with.</summary>
    [JsonPropertyName("device_code")]
    public required string DeviceCode { get; init; }

    /// <summary>Where the person goes.</summary>
    [JsonPropertyName("verification_url")]
    public required string VerificationUrl { get; init; }

    /// <summary>Seconds, as a string.</summary>
    [JsonPropertyName("expires_in")]
    public required string ExpiresIn { get; init; }

    /// <summary>Seconds, as a string.</summary>
    [JsonPropertyName("interval")]
    public required string Interval { get; init; }

    /// <summary>A sentence to show.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
