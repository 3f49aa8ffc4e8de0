using System.Text.Json.Serialization;

namespace Bailiwick.Wire.Entra;

/// <summary>OpenID Connect metadata of one authority. Source: v2-protocols-oidc, 2025.</summary>
public sealed record OpenIdConfiguration
{
    /// <summary>Issuer; at <c>common</c> the literal template with <c>{tenantid}</c>.</summary>
    [JsonPropertyName("issuer")]
    public required string Issuer { get; init; }

    /// <summary>Where people sign in.</summary>
    [JsonPropertyName("authorization_endpoint")]
    public required string AuthorizationEndpoint { get; init; }

    /// <summary>Where codes become tokens.</summary>
    [JsonPropertyName("token_endpoint")]
    public required string TokenEndpoint { get; init; }

    /// <summary>Where device codes are drawn.</summary>
    [JsonPropertyName("device_authorization_endpoint")]
    public required string DeviceAuthorizationEndpoint { get; init; }

    /// <summary>Logout.</summary>
    [JsonPropertyName("end_session_endpoint")]
    public required string EndSessionEndpoint { get; init; }

    /// <summary>Signing keys.</summary>
    [JsonPropertyName("jwks_uri")]
    public required string JwksUri { get; init; }

    /// <summary>On the Graph host.</summary>
    [JsonPropertyName("userinfo_endpoint")]
    public required string UserInfoEndpoint { get; init; }

    /// <summary>Ways a client may prove itself.</summary>
    [JsonPropertyName("token_endpoint_auth_methods_supported")]
    public IReadOnlyList<string> TokenEndpointAuthMethods { get; init; } = ["client_secret_post", "private_key_jwt", "client_secret_basic"];

    /// <summary>Ways a code travels back.</summary>
    [JsonPropertyName("response_modes_supported")]
    public IReadOnlyList<string> ResponseModes { get; init; } = ["query", "fragment", "form_post"];

    /// <summary>What the authorize endpoint gives.</summary>
    [JsonPropertyName("response_types_supported")]
    public IReadOnlyList<string> ResponseTypes { get; init; } = ["code", "id_token", "code id_token", "id_token token"];

    /// <summary>Subjects differ per client.</summary>
    [JsonPropertyName("subject_types_supported")]
    public IReadOnlyList<string> SubjectTypes { get; init; } = ["pairwise"];

    /// <summary>Signature of ID tokens.</summary>
    [JsonPropertyName("id_token_signing_alg_values_supported")]
    public IReadOnlyList<string> IdTokenSigningAlgorithms { get; init; } = ["RS256"];

    /// <summary>OpenID Connect scopes.</summary>
    [JsonPropertyName("scopes_supported")]
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "profile", "email", "offline_access"];

    /// <summary>Claims of ID tokens.</summary>
    [JsonPropertyName("claims_supported")]
    public IReadOnlyList<string> Claims { get; init; } =
        ["sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"];

    /// <summary>False.</summary>
    [JsonPropertyName("request_uri_parameter_supported")]
    public bool RequestUriParameter { get; init; }

    /// <summary>True.</summary>
    [JsonPropertyName("http_logout_supported")]
    public bool HttpLogout { get; init; } = true;

    /// <summary>True.</summary>
    [JsonPropertyName("frontchannel_logout_supported")]
    public bool FrontChannelLogout { get; init; } = true;

    /// <summary>The tenant's region, null at <c>common</c>.</summary>
    [JsonPropertyName("tenant_region_scope")]
    public string? TenantRegionScope { get; init; }

    /// <summary>Host of the sign-in service.</summary>
    [JsonPropertyName("cloud_instance_name")]
    public required string CloudInstanceName { get; init; }

    /// <summary>Host of the retired Azure AD Graph.</summary>
    [JsonPropertyName("cloud_graph_host_name")]
    public required string CloudGraphHostName { get; init; }

    /// <summary>Host of Graph.</summary>
    [JsonPropertyName("msgraph_host")]
    public required string GraphHost { get; init; }

    /// <summary>Role service; nothing answers there.</summary>
    [JsonPropertyName("rbac_url")]
    public required string RbacUrl { get; init; }
}

/// <summary>A set of signing keys. Source: signing-key-rollover, 2024.</summary>
public sealed record JsonWebKeys([property: JsonPropertyName("keys")] IReadOnlyList<JsonWebKeyBody> Keys);

/// <summary>One RSA signing key.</summary>
public sealed record JsonWebKeyBody
{
    /// <summary><c>RSA</c>.</summary>
    [JsonPropertyName("kty")]
    public string KeyType { get; init; } = "RSA";

    /// <summary><c>sig</c>.</summary>
    [JsonPropertyName("use")]
    public string Use { get; init; } = "sig";

    /// <summary>Key id.</summary>
    [JsonPropertyName("kid")]
    public required string KeyId { get; init; }

    /// <summary>Thumbprint; equal to <see cref="KeyId"/>.</summary>
    [JsonPropertyName("x5t")]
    public required string Thumbprint { get; init; }

    /// <summary>Modulus, base64url.</summary>
    [JsonPropertyName("n")]
    public required string Modulus { get; init; }

    /// <summary>Exponent, base64url.</summary>
    [JsonPropertyName("e")]
    public required string Exponent { get; init; }

    /// <summary>Certificate, base64.</summary>
    [JsonPropertyName("x5c")]
    public required IReadOnlyList<string> Certificates { get; init; }

    /// <summary>Issuer the key is good for; only in the v2.0 document.</summary>
    [JsonPropertyName("issuer")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Issuer { get; init; }
}

/// <summary>Answer of instance discovery, as MSAL.NET 4.92 and msal-node read it.</summary>
public sealed record InstanceDiscoveryBody
{
    /// <summary>Metadata address of the authority asked about.</summary>
    [JsonPropertyName("tenant_discovery_endpoint")]
    public required string TenantDiscoveryEndpoint { get; init; }

    /// <summary><c>1.1</c>.</summary>
    [JsonPropertyName("api-version")]
    public string ApiVersion { get; init; } = "1.1";

    /// <summary>Hosts that are one cloud.</summary>
    [JsonPropertyName("metadata")]
    public required IReadOnlyList<InstanceAliases> Metadata { get; init; }
}

/// <summary>Hosts that mean the same cloud.</summary>
public sealed record InstanceAliases
{
    /// <summary>Host to connect to.</summary>
    [JsonPropertyName("preferred_network")]
    public required string PreferredNetwork { get; init; }

    /// <summary>Host to cache under.</summary>
    [JsonPropertyName("preferred_cache")]
    public required string PreferredCache { get; init; }

    /// <summary>All hosts.</summary>
    [JsonPropertyName("aliases")]
    public required IReadOnlyList<string> Aliases { get; init; }
}

/// <summary>Answer of the home realm question that comes before a password grant.</summary>
public sealed record UserRealmBody
{
    /// <summary><c>1.0</c>.</summary>
    [JsonPropertyName("ver")]
    public string Version { get; init; } = "1.0";

    /// <summary><c>Managed</c> or <c>Unknown</c>.</summary>
    [JsonPropertyName("account_type")]
    public required string AccountType { get; init; }

    /// <summary>The user's domain.</summary>
    [JsonPropertyName("domain_name")]
    public required string DomainName { get; init; }

    /// <summary>Cloud.</summary>
    [JsonPropertyName("cloud_instance_name")]
    public required string CloudInstanceName { get; init; }

    /// <summary>Audience for federated assertions; unused.</summary>
    [JsonPropertyName("cloud_audience_urn")]
    public string CloudAudienceUrn { get; init; } = "urn:federation:MicrosoftOnline";
}
